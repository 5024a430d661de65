from django.db import migrations

from lotse.foundation.core import guards

TABLE = "bodies_minutesrevision"


class Migration(migrations.Migration):
    dependencies = [("bodies", "0001_initial")]

    operations = [
        migrations.RunPython(guards.guard_rows(TABLE), guards.unguard_rows(TABLE)),
    ]
