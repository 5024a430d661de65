"""The demo network and its organisations: fictional, in real places."""

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Network, Organisation
from lotse.foundation.parties.services import networks
from lotse.foundation.topics.models import Region, Topic


def _uuid(kind: str, key: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"urn:lotse:demo:{kind}:{key}")


@transaction.atomic
def load(data: dict[str, Any]) -> Network:
    """Brings network and organisations of the demo to the state of the file; repeatable."""
    item = data["network"]
    fields = {
        "claim": item["claim"],
        "carrier": item["carrier"],
        "contact_email": item["contact_email"],
        "region": Region.objects.filter(key=item["region"]).first(),
    }
    network = Network.objects.filter(is_demo=True).first()
    if network is None:
        # A second factor is nothing to ask of somebody who only looks around.
        network = networks.create_network(
            actor=COMMAND,
            name=item["name"],
            is_demo=True,
            uuid=_uuid("network", "1"),
            mfa_roles=[],
            **fields,
        )
    for lang, body in item.get("about", {}).items():
        networks.set_page(network, actor=COMMAND, kind="about", lang=lang, body=body)
    regions = {region.key: region for region in Region.objects.all()}
    found = Topic.objects.select_related("successor")
    topics = {topic.code: topic.successor or topic for topic in found}
    for row in data["organisations"]:
        _organisation(network, row, regions, topics)
    return network


def _organisation(
    network: Network,
    row: dict[str, Any],
    regions: dict[str, Region],
    topics: dict[str, Topic],
) -> None:
    organisation, _created = Organisation.objects.update_or_create(
        uuid=_uuid("organisation", row["key"]),
        defaults={
            "network": network,
            "name": row["name"],
            "short_name": row.get("short_name", ""),
            "kind": row["kind"],
            "function": row.get("function", ""),
            "region": regions.get(row["region"]),
            "postal_code": row.get("postal_code", ""),
            "city": row.get("city", ""),
            "website": row.get("website", ""),
            "is_demo": True,
        },
    )
    organisation.topics.set([topics[code] for code in row.get("topics", [])])
