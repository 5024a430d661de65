"""Where links from outside lead: into a network by its own host name."""

from django.conf import settings

from lotse.foundation.parties.models import Network


def base_url(network: Network | None) -> str:
    """Scheme and host of links into a network: its own host, else the installation's (T16)."""
    if network is None or network.is_default or not network.hosts:
        return str(settings.BASE_URL)
    scheme, _sep, host = str(settings.BASE_URL).partition("://")
    port = host.rpartition(":")[2] if ":" in host else ""
    return f"{scheme}://{network.hosts[0]}" + (f":{port}" if port else "")
