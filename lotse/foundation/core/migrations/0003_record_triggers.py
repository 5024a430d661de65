from django.db import migrations

from lotse.foundation.core import db


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_outbox_records_jobs'),
    ]

    operations = [
        migrations.RunPython(db.guard_records, db.unguard_records),
    ]
