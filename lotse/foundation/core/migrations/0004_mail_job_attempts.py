from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_record_triggers'),
    ]

    operations = [
        migrations.AddField(
            model_name='jobrun',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
