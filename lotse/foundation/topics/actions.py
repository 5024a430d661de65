"""What the lines of the action log say on the screen: codes, and kinds of things (T41)."""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "topics.topic.created": _("Thema angelegt"),
    "topics.topic.changed": _("Thema geändert"),
    "topics.topic.loaded": _("Thema aus den Inhalten geändert"),
    "topics.topic.retired": _("Thema zurückgezogen"),
    "topics.topic.brought_back": _("Thema wieder aufgenommen"),
    "topics.topic": _("Thema"),
}
