from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

from lotse.rooms.bodies.content import rules


def write_down(apps, schema_editor):
    """Meetings that are over keep the quorum by which they are counted today."""
    Meeting = apps.get_model("bodies", "Meeting")
    Mandate = apps.get_model("bodies", "Mandate")
    held = Meeting.objects.filter(state="held", closed_at__isnull=False)
    for meeting in list(held.select_related("body__charter")):
        day = timezone.localdate(meeting.closed_at)
        seats = Mandate.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=day),
            body=meeting.body_id, with_vote=True, starts_on__lte=day,
        )  # fmt: skip
        meeting.voting_seats = list(seats.order_by("pk").values_list("pk", flat=True))
        charter = getattr(meeting.body, "charter", None)
        if charter is not None:
            meeting.quorum_needed = rules.quorum_needed(charter, len(meeting.voting_seats))
        meeting.save(update_fields=["voting_seats", "quorum_needed"])


class Migration(migrations.Migration):
    dependencies = [("bodies", "0002_minutes_guard")]

    operations = [
        migrations.AddField(
            model_name="meeting",
            name="voting_seats",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="meeting",
            name="quorum_needed",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.RunPython(write_down, migrations.RunPython.noop),
    ]
