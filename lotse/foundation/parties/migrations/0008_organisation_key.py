
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0007_plain_hosts'),
        ('topics', '0002_retired_topics'),
    ]

    operations = [
        migrations.AddField(
            model_name='organisation',
            name='key',
            field=models.CharField(blank=True, default='', max_length=80, verbose_name='Schlüssel'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('network', 'key'), name='organisation_key_once'),
        ),
    ]
