"""Shape of input of the front page and of reports."""

from django.utils.translation import gettext_lazy as _

from lotse.foundation.ui.forms import EmailField, Form, LineField, TextField


class ReportForm(Form):
    """A barrier or a fault; an answer is sent only where an address was given."""

    text = TextField(
        label=_("Was ist passiert?"),
        max_length=4000,
        help_text=_("Was wollten Sie tun, und woran sind Sie gescheitert?"),
    )
    page = LineField(label=_("Auf welcher Seite?"), required=False, max_length=300)
    number = LineField(label=_("Vorgangsnummer"), required=False, max_length=40)
    reply_to = EmailField(
        label=_("Ihre E-Mail-Adresse"),
        required=False,
        help_text=_("Nur wenn Sie eine Antwort wünschen"),
    )
