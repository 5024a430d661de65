"""What belongs to each kind of outcome, and how its facts are said in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.rooms.bodies.models import Outcome

KIND = Outcome.Kind

# Kind -> fields of an outcome that it has beside its text.
FIELDS: dict[str, tuple[str, ...]] = {
    KIND.DECISION: ("result", "method", "yes", "no", "abstain", "annex", "title_before",
                    "title_after", "replaces", "review_on"),
    KIND.AGREED_ACTION: (),
    KIND.PARKED: ("trigger", "trigger_on"),
    KIND.CONSENTED_SUMMARY: ("speaker",),
    KIND.RECOMMENDATION: ("speaker", "annex"),
    KIND.REQUEST: ("speaker",),
    KIND.QUESTION: ("speaker",),
    KIND.ANSWER: ("answer_to", "speaker", "on_day"),
    KIND.TASK: ("speaker",),
    KIND.SUGGESTION: ("speaker",),
    KIND.NOTE: ("speaker", "annex"),
    KIND.QUOTE: ("source",),
    KIND.EXTERNAL_DATE: ("on_day", "source"),
    KIND.SAFETY_BRIEFING: ("speaker", "annex"),
}  # fmt: skip
VOTED = (Outcome.Result.ADOPTED, Outcome.Result.REJECTED)


def counts_words(outcome: Outcome) -> list[str]:
    """The votes that were counted: "12 Ja", "1 Nein", "2 Enthaltungen"."""
    found = []
    if outcome.yes is not None:
        found.append(_("%(n)d Ja") % {"n": outcome.yes})
    if outcome.no is not None:
        found.append(_("%(n)d Nein") % {"n": outcome.no})
    if outcome.abstain is not None:
        one = ngettext("%(n)d Enthaltung", "%(n)d Enthaltungen", outcome.abstain)
        found.append(one % {"n": outcome.abstain})
    return found


def result_words(outcome: Outcome) -> str:
    """The result of a decision in one line: "angenommen, einstimmig". Empty for other kinds."""
    if outcome.kind != KIND.DECISION:
        return ""
    said = [str(outcome.get_result_display())]
    if outcome.method:
        said.append(str(outcome.get_method_display()))
    return ", ".join([*said, *counts_words(outcome)])


def fact_words(outcome: Outcome) -> list[str]:
    """What else is known of an outcome, one line each. Load speaker, annex, answer_to and replaces
    with it, and `replaced_number` for what took its place (`queries.outcomes.loaded`)."""
    found = [result_words(outcome)]
    if outcome.had_quorum is False and outcome.result in VOTED:
        found.append(_("ohne Beschlussfähigkeit gefasst"))
    if outcome.title_after:
        found.append(_("Neuer Titel: „%(title)s“") % {"title": outcome.title_after})
    if outcome.replaces is not None:
        found.append(replacing_words(outcome.replaces.number, outcome.result))
    if number := getattr(outcome, "replaced_number", ""):
        found.append(_("ersetzt durch Beschluss %(number)s") % {"number": number})
    if outcome.trigger:
        found.append(_("bis: %(trigger)s") % {"trigger": outcome.trigger})
    if outcome.trigger_on:
        found.append(_("Wiedervorlage am %(day)s") % {"day": day_words(outcome.trigger_on)})
    if outcome.review_on:
        found.append(_("Wiedervorlage am %(day)s") % {"day": day_words(outcome.review_on)})
    if outcome.answer_to is not None:
        found.append(_("zur Frage: %(question)s") % {"question": outcome.answer_to.text})
    if outcome.on_day:
        said = _("zugesagt bis %(day)s") if outcome.kind == KIND.ANSWER else _("am %(day)s")
        found.append(said % {"day": day_words(outcome.on_day)})
    if outcome.source:
        found.append(_("Quelle: %(source)s") % {"source": outcome.source})
    if outcome.annex is not None:
        found.append(_("Anlage %(number)s: %(title)s")
                     % {"number": outcome.annex.number, "title": outcome.annex.title})  # fmt: skip
    if outcome.speaker is not None:
        found.append(speaker_words(outcome.speaker.name, outcome.speaker.organisation))
    return [line for line in found if line]


def replacing_words(number: str, result: str) -> str:
    """That a decision takes the place of an earlier one; a rejected one would have."""
    if result == Outcome.Result.ADOPTED:
        return _("ersetzt Beschluss %(number)s") % {"number": number}
    return _("sollte Beschluss %(number)s ersetzen") % {"number": number}


def day_words(day: object) -> str:
    """A day as it is written here: 21.11.2026."""
    return f"{day:%d.%m.%Y}"


def speaker_words(name: str, organisation: str) -> str:
    """Who said it: "Name (Organisation)"."""
    return f"{name} ({organisation})" if organisation else name
