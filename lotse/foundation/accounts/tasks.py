"""Background work of the accounts."""

from lotse.foundation.core.tasks import task


@task(queue="mail", private=True)
def tell_blocked(email: str) -> None:
    """Tells the owner that somebody tries passwords; where there is no account, nothing happens.

    In the background for both, so that the answer of the page takes the same time (T13).
    """
    from lotse.foundation.accounts.services import accounts

    accounts.tell_blocked(email)
