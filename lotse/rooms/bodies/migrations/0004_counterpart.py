import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bodies", "0003_meeting_quorum")]

    operations = [
        migrations.AddField(
            model_name="mandate",
            name="counterpart",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="bodies.mandate",
            ),
        ),
    ]
