"""Shape of a message that is passed on."""

from django.utils.translation import gettext_lazy as _

from lotse.foundation.ui.forms import EmailField, Form, LineField, TextField


class MessageForm(Form):
    """Who writes, and what; the answer goes straight to the writer."""

    name = LineField(label=_("Ihr Name"), max_length=160)
    email = EmailField(
        label=_("Ihre E-Mail-Adresse"),
        help_text=_("Die Antwort geht direkt an diese Adresse."),
    )
    subject = LineField(label=_("Worum geht es?"), max_length=160)
    message = TextField(label=_("Ihre Nachricht"), max_length=4000)
