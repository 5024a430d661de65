"""Where a measure is worked on by those who take care, whatever room it comes from."""

from uuid import UUID

from django.urls import reverse


def page_of(measure: UUID) -> str:
    """The address of the measure's own page."""
    return reverse("today:measure", args=[measure])


def today() -> str:
    """The address of "Heute"."""
    return reverse("today:today")
