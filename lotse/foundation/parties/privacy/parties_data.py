"""The part of `parties` in own data, erasure and register: the person, seats, roles, consents."""

from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import PersonalData
from lotse.foundation.parties.models import (
    Absence,
    Affiliation,
    Consent,
    Erasure,
    FactorReset,
    Invitation,
    Person,
    Report,
    RoleGrant,
    SupportSession,
)
from lotse.foundation.parties.privacy.identity import (
    FORMER,
    accounts_of,
    addresses_of,
    shells_of,
    words_of,
)
from lotse.foundation.parties.privacy.rows import planned, row, rows, without_words


def export(person: int) -> dict[str, Any]:
    """Everything `parties` knows about a person; of others only who they are to this one."""
    own = Person.objects.select_related("home").get(pk=person)
    addresses, shells = addresses_of(own), shells_of(person)
    mine = [f"account:{account.uuid}" for account in accounts_of(person)]
    return {
        "person": row(own) | {"home": own.home.name if own.home else None},
        "merged": rows(Person.objects.filter(merged_into=person)),
        "seats": [
            row(seat) | {"organisation": seat.organisation.name}
            for seat in Affiliation.objects.filter(person=person).select_related("organisation")
        ],
        "roles": [
            _by(row(grant), mine) | {"network": grant.network.name if grant.network else None}
            for grant in RoleGrant.objects.filter(person=person).select_related("network")
        ],
        "absences": [
            row(one) | {"deputy": one.deputy.name}
            for one in Absence.objects.filter(person=person).select_related("deputy")
        ],
        # What others wrote about their absence is theirs.
        "stood_in": rows(Absence.objects.filter(deputy=person), without=("note",)),
        "invitations": [
            _by(row(one), mine)
            | {"organisation": one.organisation.name if one.organisation else None}
            for one in _invitations(person, addresses).select_related("organisation")
        ],
        "consents": [_by(one, mine) for one in rows(Consent.objects.filter(person=person))],
        "reports": rows(_reports(addresses)),
        "erasures": [_by(one, mine) for one in rows(Erasure.objects.filter(person=person))],
        "factor_resets": [
            _by(one, mine) for one in rows(FactorReset.objects.filter(person__uuid__in=shells))
        ],
        "support_sessions": rows(SupportSession.objects.filter(person__uuid__in=shells)),
        "support_given": rows(
            SupportSession.objects.filter(operator__uuid__in=shells), without=("reason",)
        ),
    }


def _by(values: dict[str, Any], mine: list[str]) -> dict[str, Any]:
    """Who acted, without naming anybody else: the person or somebody else."""
    return {
        name: (who(value, mine) if name.endswith("_by") and value else value)
        for name, value in values.items()
    }


def who(ref: str, mine: list[str]) -> str:
    """The actor of a row as the person may know it."""
    if ref in mine:
        return _("Sie selbst")
    return _("eine andere Person") if ref.startswith("account:") else _("der Betrieb")


def _invitations(person: int, addresses: list[str]) -> Any:
    return Invitation.objects.filter(Q(accepted_by=person) | Q(email__in=addresses))


def _reports(addresses: list[str]) -> Any:
    return Report.objects.filter(reply_to__in=addresses)


def preview(person: int) -> list[dict[str, Any]]:
    """What an erasure does to the rows of `parties`."""
    own = Person.objects.get(pk=person)
    addresses = addresses_of(own)
    seats = Affiliation.objects.filter(person=person).count()
    absences = Absence.objects.filter(Q(person=person) | Q(deputy=person)).count()
    shells = shells_of(person)
    support = _support(shells).count()
    resets = FactorReset.objects.filter(person__uuid__in=shells).count()
    return [
        *planned(_("Name, Adresse, Telefon, Sprache"), 1, "delete", kind="A"),
        *planned(_("Sitze in Organisationen"), seats, "delete", kind="A"),
        *planned(_("Einwilligungen"), Consent.objects.filter(person=person).count(), "delete",
                 kind="A"),
        *planned(_("Vertretungen"), absences, "delete", kind="A"),
        *planned(_("Einladungen"), _invitations(person, addresses).count(), "delete", kind="A"),
        *planned(_("Meldungen von Barrieren"), _reports(addresses).count(), "pseudonymise",
                 kind="B", reason=_("Die Meldung selbst bleibt, bis sie ein Jahr alt ist.")),
        *planned(_("Rollen"), RoleGrant.objects.filter(person=person).count(), "pseudonymise",
                 kind="C", reason=_("Wer wann welche Befugnis vergab, muss nachprüfbar bleiben. "
                                    "Name und Grund werden entfernt, die Rolle endet.")),
        *planned(_("Sitzungen zur Unterstützung"), support, "pseudonymise", kind="E",
                 reason=_("Nachweis, dass jemand Zugriff hatte; ohne Namen und Grund."),
                 until=_("ein Jahr")),
        *planned(_("Anträge zum zweiten Faktor"), resets, "pseudonymise", kind="E",
                 reason=_("Nachweis, wer ihn entfernt hat; ohne Namen und Grund."),
                 until=_("ein Jahr")),
        *planned(_("Dieser Antrag"), 1, "keep", kind="E",
                 reason=_("Nachweis der Löschung, ohne Namen."), until=_("drei Jahre")),
    ]  # fmt: skip


def erase(person: int, actor: Actor) -> dict[str, Any]:
    """Blanks the person and all that hangs on it; the empty row stays as "ehemalige Person"."""
    own = Person.objects.select_related("account").get(pk=person)
    addresses, words = addresses_of(own), words_of(own)
    done = {
        "seats": Affiliation.objects.filter(person=person).delete()[0],
        "consents": Consent.objects.filter(person=person).delete()[0],
        "absences": Absence.objects.filter(Q(person=person) | Q(deputy=person)).delete()[0],
        "invitations": _invitations(person, addresses).delete()[0],
        "roles": _end_roles(person, actor),
        "reports": _blank_reports(addresses, words),
    }
    Affiliation.objects.filter(successor=person).update(successor=None)
    shells = shells_of(person)
    _support(shells).update(reason="")
    _close_resets(shells)
    for shell in shells:
        _blank(shell)
    return done


def _end_roles(person: int, actor: Actor) -> int:
    found = RoleGrant.objects.filter(person=person)
    found.filter(ended_at=None).update(ended_at=clock.now(), ended_by=actor.ref)
    return found.update(reason="")


def _support(shells: list[UUID]) -> Any:
    return SupportSession.objects.filter(
        Q(person__uuid__in=shells) | Q(operator__uuid__in=shells)
    )  # fmt: skip


def _close_resets(shells: list[UUID]) -> None:
    """Withdraws what waits; the version goes on, so that nobody confirms it at the same moment."""
    found = FactorReset.objects.filter(person__uuid__in=shells)
    found.filter(state=FactorReset.State.ASKED).update(
        state=FactorReset.State.WITHDRAWN, version=F("version") + 1
    )
    found.update(reason="", identity="")


def _blank_reports(addresses: list[str], words: list[str]) -> int:
    found = list(_reports(addresses))
    for report in found:
        Report.objects.filter(pk=report.pk).update(
            reply_to="", text=without_words(report.text, words)
        )
    return len(found)


def _blank(uuid: UUID) -> None:
    now = clock.now()
    Person.objects.filter(uuid=uuid).update(
        title="", first_name="", last_name=FORMER, email="", phone="", lang="de",
        home=None, restricted_at=None, erased_at=now, updated_at=now,
    )  # fmt: skip


DATA = PersonalData(
    name="parties",
    title=gettext_lazy("Personen, Sitze, Rollen"),
    purpose=gettext_lazy(
        "Zusammenarbeit im Netzwerk: wer wen vertritt, wer was darf, wer erreichbar ist."
    ),
    legal_basis=gettext_lazy(
        "Art. 6 Abs. 1 Buchst. b oder f DSGVO; was veröffentlicht wird: Art. 6 Abs. 1 Buchst. a"
    ),
    retention=gettext_lazy(
        "Bis zur Löschung auf Antrag; Einladungen und Meldungen nach ihrer Frist; "
        "widerrufene Einwilligungen drei Jahre; Sitzungen zur Unterstützung und Anträge zum "
        "zweiten Faktor ein Jahr."
    ),
    models=(
        "parties.person", "parties.affiliation", "parties.rolegrant", "parties.absence",
        "parties.invitation", "parties.consent", "parties.report", "parties.erasure",
        "parties.supportsession", "parties.factorreset",
    ),
    export=export,
    preview=preview,
    erase=erase,
    subjects=gettext_lazy(
        "Menschen aus Partnerorganisationen, Beratung, Geschäftsstelle; wer etwas meldet"
    ),
    recipients=gettext_lazy(
        "Geschäftsstelle, Koordination, Revision; wer dieselbe Organisation "
        "bearbeitet; sonst nur mit Einwilligung"
    ),
)  # fmt: skip
