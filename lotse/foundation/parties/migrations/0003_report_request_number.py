from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0002_people_roles'),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='request_number',
            field=models.CharField(blank=True, default='', max_length=40, verbose_name='Vorgangsnummer'),
        ),
    ]
