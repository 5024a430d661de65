import re

from django.db import migrations


def plain(value):
    """As `host_in` reads a request: without port and final dot, in small letters."""
    return re.sub(r":\d*$", "", value.strip()).lower().removesuffix(".")


def read_as_asked(apps, schema_editor):
    """Names written with capitals or a port never matched a request. Where another network shows
    under the plain name, it goes on doing so, and the name that had no effect goes."""
    networks = list(apps.get_model("parties", "Network").objects.only("hosts").order_by("pk"))
    taken = {host: one.pk for one in reversed(networks) for host in one.hosts if plain(host) == host}
    for one in networks:
        found = []
        for host in map(plain, one.hosts):
            if host and taken.setdefault(host, one.pk) == one.pk and host not in found:
                found.append(host)
        if found != one.hosts:
            type(one).objects.filter(pk=one.pk).update(hosts=found)


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0006_mail_closings'),
    ]

    operations = [
        migrations.RunPython(read_as_asked, migrations.RunPython.noop, elidable=True),
    ]
