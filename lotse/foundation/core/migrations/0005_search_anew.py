import django.db.models.deletion
from django.db import migrations, models

from lotse.foundation.core import db, fulltext


class Migration(migrations.Migration):
    """The index is made anew: what was in it is put in again after the migration."""

    dependencies = [
        ('core', '0004_mail_job_attempts'),
    ]

    operations = [
        migrations.RunPython(db.drop_full_text, db.create_full_text),
        migrations.DeleteModel(name='SearchDoc'),
        migrations.CreateModel(
            name='SearchDoc',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('ref', models.UUIDField()),
                ('part', models.CharField(blank=True, default='', max_length=40)),
                ('lang', models.CharField(max_length=5)),
                ('network_uuid', models.UUIDField(null=True)),
                ('audience', models.PositiveSmallIntegerField(default=7)),
                ('from_at', models.DateTimeField(null=True)),
                ('until_at', models.DateTimeField(null=True)),
                ('spot', models.PositiveIntegerField(default=0)),
                ('names', models.BooleanField(default=False)),
                ('sort_key', models.CharField(blank=True, default='', max_length=80)),
                ('facets', models.TextField(blank=True, default='')),
                ('key', models.CharField(blank=True, default='', max_length=80)),
                ('title', models.CharField(max_length=300)),
                ('url', models.CharField(max_length=300)),
            ],
            options={
                'indexes': [models.Index(fields=['ref'], name='core_search_ref_073e56_idx')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'ref', 'part', 'lang'), name='search_doc_once')],
            },
        ),
        migrations.CreateModel(
            name='SearchText',
            fields=[
                ('doc', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='text', serialize=False, to='core.searchdoc')),
                ('summary', models.TextField(blank=True, default='')),
                ('fields', models.TextField(blank=True, default='')),
                ('title_words', models.TextField(blank=True, default='')),
                ('title_terms', models.TextField(blank=True, default='')),
                ('topic_terms', models.TextField(blank=True, default='')),
                ('body_terms', models.TextField(blank=True, default='')),
                ('name_keys', models.TextField(blank=True, default='')),
                ('facets', models.TextField(blank=True, default='')),
            ],
        ),
        migrations.RunPython(fulltext.create, fulltext.drop),
    ]
