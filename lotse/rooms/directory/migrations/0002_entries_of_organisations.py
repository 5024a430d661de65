"""Organisations that were there before the directory get their entry, with what is known of them."""

from django.db import migrations

TEXTS = ("name", "short_name", "kind", "function", "postal_code", "city", "website")


def make_entries(apps, schema_editor):
    organisations = apps.get_model("parties", "Organisation").objects
    entries = apps.get_model("directory", "Entry").objects
    revisions = apps.get_model("directory", "Revision").objects
    have = entries.filter(kind="organisation").values("organisation")
    rows = organisations.exclude(pk__in=have).select_related("region")
    for one in rows.prefetch_related("topics").order_by("pk"):
        content = {key: getattr(one, key) for key in TEXTS if getattr(one, key)}
        if topics := sorted(topic.code for topic in one.topics.all()):
            content["topics"] = topics
        if one.region is not None:
            content["regions"] = [one.region.key]
        entry = entries.create(
            network_id=one.network_id, kind="organisation", organisation=one, is_demo=one.is_demo
        )
        entry.latest = revisions.create(entry=entry, number=1, content=content, author="system")
        entry.save(update_fields=["latest"])


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [migrations.RunPython(make_entries, migrations.RunPython.noop)]
