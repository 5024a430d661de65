"""The part of `accounts`: how a person signs in. Every table that points to the account belongs
to it, so a new kind of device or token takes part without a line here."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.accounts.models import Account
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import PersonalData
from lotse.foundation.parties.privacy.identity import accounts_of
from lotse.foundation.parties.privacy.rows import planned, rows

APPS = ("accounts", "account", "mfa")


def _tables() -> Iterator[tuple[type[Model], str]]:
    """(table, field) of everything that belongs to an account and to nobody else."""
    for relation in Account._meta.related_objects:
        model = relation.related_model
        if isinstance(model, type) and model._meta.app_label in APPS:
            yield model, relation.field.name


def _names() -> tuple[str, ...]:
    """The account's tables, and what hangs on its addresses."""
    known = [model._meta.label_lower for model, _field in _tables()]
    return tuple(sorted({"accounts.account", "account.emailconfirmation", *known}))


def export(person: int) -> dict[str, Any]:
    """The account with its addresses, devices, sessions, tokens; never what opens them."""
    accounts = accounts_of(person)
    found: dict[str, Any] = {"accounts": rows(accounts)}
    for model, field in _tables():
        key = model._meta.model_name or ""
        found[key] = rows(model._default_manager.filter(**{f"{field}__in": accounts}))
    return found


def preview(person: int) -> list[dict[str, Any]]:
    accounts = accounts_of(person)
    things = sum(
        model._default_manager.filter(**{f"{field}__in": accounts}).count()
        for model, field in _tables()
    )
    return [
        *planned(_("Zugang"), len(accounts), "delete", kind="A",
                 reason=_("Anmelden ist danach nicht mehr möglich.")),
        *planned(_("Adressen, Sitzungen, Geräte, zweiter Faktor, Schlüssel"), things, "delete",
                 kind="A"),
    ]  # fmt: skip


def erase(person: int, actor: Actor) -> dict[str, Any]:
    """Deletes the account with all that belongs to it; every session ends at the next request."""
    accounts = accounts_of(person)
    things = 0
    for model, field in _tables():
        things += model._default_manager.filter(**{f"{field}__in": accounts}).delete()[0]
    for account in accounts:
        account.delete()  # the person's row stays and loses its account
    return {"accounts": len(accounts), "things": things}


def data() -> PersonalData:
    """Made when all apps are loaded, for the tables are found, not named."""
    apps.check_models_ready()
    return PersonalData(
        name="accounts",
        title=gettext_lazy("Zugänge"),
        purpose=gettext_lazy(
            "Anmelden, zweiter Faktor, Schutz vor fremdem Zugriff, Zugriff durch Programme."
        ),
        legal_basis=gettext_lazy("Art. 6 Abs. 1 Buchst. b und f, Art. 32 DSGVO"),
        retention=gettext_lazy("Bis zur Löschung des Zugangs; Sitzungen höchstens 30 Tage."),
        models=_names(),
        export=export,
        preview=preview,
        erase=erase,
        subjects=gettext_lazy("Menschen mit Konto"),
        recipients=gettext_lazy("Betrieb"),
    )
