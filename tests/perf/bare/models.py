"""One table with six columns that the page shows."""

from django.db import models


class Row(models.Model):
    """A line of the bare page."""

    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=50)
    place = models.CharField(max_length=100)
    person = models.CharField(max_length=100)
    amount = models.IntegerField()
    day = models.DateField()

    class Meta:
        app_label = "bare"
