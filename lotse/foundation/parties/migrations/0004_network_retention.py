from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0003_report_request_number'),
    ]

    operations = [
        migrations.AddField(
            model_name='network',
            name='retention',
            field=models.JSONField(default=dict),
        ),
    ]
