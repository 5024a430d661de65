"""Every write to accounts, sessions and tokens."""

from lotse.foundation.accounts.services.accounts import (
    account_for_invited,
    create_account,
    merge,
    suspend,
)

__all__ = ["account_for_invited", "create_account", "merge", "suspend"]
