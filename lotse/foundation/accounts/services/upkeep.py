"""Daily cleaning of what signing in leaves behind."""

from datetime import timedelta

from django.db.models import Q

from lotse.foundation.accounts.models import ApiToken, KnownDevice
from lotse.foundation.core import clock

DEVICE_DAYS = 400
TOKEN_DAYS = 365


def delete_old() -> int:
    """Deletes browsers not seen for 400 days and keys that ended a year ago; returns how many."""
    now = clock.now()
    devices = KnownDevice.objects.filter(seen_at__lt=now - timedelta(days=DEVICE_DAYS))
    old = now - timedelta(days=TOKEN_DAYS)
    tokens = ApiToken.objects.filter(Q(expires_at__lt=old) | Q(revoked_at__lt=old))
    return devices.delete()[0] + tokens.delete()[0]
