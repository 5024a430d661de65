"""The link that begins a matter with a thing, on the page of any thing of the room."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from lotse.foundation.core.models import Entity
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters.permissions import keeps_in
from lotse.foundation.parties.here import actor_in

register = template.Library()


@register.simple_tag(takes_context=True)
def matter_link(context: dict[str, Any], thing: Entity, network: int) -> SafeString | str:
    """The link for those who may begin matters in the network, nothing for others. No query."""
    if not keeps_in(actor_in(context["request"]), network):
        return ""
    return render_to_string("bodies/matter_link.html", {"ref": Ref.to(thing)})
