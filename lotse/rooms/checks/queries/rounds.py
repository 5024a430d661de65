"""The rounds of a series."""

from lotse.rooms.checks.models import Assessment


def earlier_rounds(assessment: Assessment) -> list[Assessment]:
    """The rounds before this one, newest first. One query; none for a first round."""
    if assessment.round == 1:
        return []
    found = Assessment.objects.filter(series=assessment.series, round__lt=assessment.round)
    return list(found.select_related("revision").defer("revision__content").order_by("-round"))


def has_later_round(assessment: Assessment) -> bool:
    """Whether a round follows. One query."""
    return Assessment.objects.filter(series=assessment.series, round__gt=assessment.round).exists()
