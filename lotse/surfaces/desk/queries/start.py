"""What the desk's front page shows: what needs somebody, and the ways in."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from lotse.foundation.core import hooks, jobs
from lotse.foundation.parties.models import (
    Erasure,
    FactorReset,
    Invitation,
    Network,
    Organisation,
    Report,
    RoleGrant,
)
from lotse.foundation.parties.privacy.retention import alive
from lotse.foundation.parties.services.factor_resets import is_open
from lotse.surfaces.desk.access import Desk
from lotse.surfaces.desk.queries import mails
from lotse.surfaces.desk.queries import needs as waiting
from lotse.surfaces.desk.queries import people as reads

_MAILS = {
    "unclear": ngettext_lazy("%(n)s Mail ist unklar", "%(n)s Mails sind unklar", "n"),
    "failed": ngettext_lazy(
        "%(n)s Mail war nicht zustellbar", "%(n)s Mails waren nicht zustellbar", "n"
    ),
    "bounced": ngettext_lazy("%(n)s Mail kam zurück", "%(n)s Mails kamen zurück", "n"),
}


@dataclass(frozen=True)
class Need:
    """One thing that waits for the office, with the list that shows it."""

    text: str
    url: str = ""
    bad: bool = False


def _count(rows: Any) -> Any:
    counted = rows.order_by().values("network").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _resets(desk: Desk) -> Any:
    """Requests about second factors that wait for this person, neither asked by nor about it; an
    operator's belong to no network."""
    if not desk.may_edit:
        return Value(0)
    of = Q(network=OuterRef("pk")) | (Q(network=None) if desk.is_operator else Q(pk__in=[]))
    found = FactorReset.objects.filter(of, is_open())
    found = found.exclude(asked_by=desk.actor.ref).exclude(person=desk.actor.person or 0)
    counted = found.order_by().values(all=Value(1)).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def needs(desk: Desk) -> list[Need]:
    """What needs somebody now. Five queries, and those of the rooms."""
    here = {"network": OuterRef("pk")}
    erasures = Erasure.objects.filter(state__in=[Erasure.State.ASKED, Erasure.State.CONFIRMED])
    found = Network.objects.filter(pk=desk.network.pk).values(
        n_invitations=_count(Invitation.objects.filter(reads.open_invitations(), **here)),
        n_reports=_count(alive(Report.objects.filter(done_at=None, **here), desk.network)),
        n_erasures=_count(erasures.filter(**here)),
        n_resets=_resets(desk),
        n_ending=_count(RoleGrant.objects.filter(reads.ending_soon(), **here)),
        n_orphaned=_count(Organisation.objects.filter(
            pk__in=reads.orphaned(desk.network).values("pk"), **here)),
        **(waiting.counted(OuterRef("pk")) if desk.may_edit else {}),
    )[0]  # fmt: skip
    return [
        *_mails(desk), *_jobs(),
        *(Need(_told(one), one.url) for one in waiting.lines_of(found)),
        *_counted(found),
        *(Need(line) for tell in hooks.orphans for line in tell(desk.network.pk)),
    ]  # fmt: skip


def _told(one: waiting.Waiting) -> str:
    return f"{one.text} ({one.sub})" if one.sub else one.text


def _counted(found: Any) -> list[Need]:
    return [
        need for n, need in [
            (found["n_erasures"], Need(
                ngettext("%(n)s Löschung wartet", "%(n)s Löschungen warten", found["n_erasures"])
                % {"n": found["n_erasures"]}, _url("privacy:erasures"), True)),
            (found["n_resets"], Need(
                ngettext("%(n)s Antrag zum zweiten Faktor wartet",
                         "%(n)s Anträge zum zweiten Faktor warten", found["n_resets"])
                % {"n": found["n_resets"]},
                reverse("desk:factor-resets") + "?stand=offen", True)),
            (found["n_reports"], Need(
                ngettext("%(n)s gemeldete Barriere ist offen", "%(n)s gemeldete Barrieren sind "
                         "offen", found["n_reports"]) % {"n": found["n_reports"]},
                reverse("desk:reports") + "?stand=offen")),
            (found["n_orphaned"], Need(
                ngettext("%(n)s Organisation kann niemand bearbeiten",
                         "%(n)s Organisationen kann niemand bearbeiten", found["n_orphaned"])
                % {"n": found["n_orphaned"]},
                reverse("desk:organisations") + "?zustand=bearbeitung")),
            (found["n_ending"], Need(
                ngettext("%(n)s Rolle endet in 30 Tagen", "%(n)s Rollen enden in 30 Tagen",
                         found["n_ending"]) % {"n": found["n_ending"]},
                reverse("desk:roles") + "?stand=bald")),
            (found["n_invitations"], Need(
                ngettext("%(n)s Einladung ist offen", "%(n)s Einladungen sind offen",
                         found["n_invitations"]) % {"n": found["n_invitations"]},
                reverse("desk:invitations") + "?stand=offen")),
        ] if n
    ]  # fmt: skip


def _mails(desk: Desk) -> list[Need]:
    held = mails.counts(desk.network, desk.actor)
    url = reverse("desk:outbox")
    return [
        Need(str(words % {"n": n}), f"{url}?stand={state}", True)
        for state, words in _MAILS.items()
        if (n := held.get(state, 0))
    ]


def _jobs() -> list[Need]:
    bad = [one for one in jobs.overview() if one.state in ("failed", "late")]
    if not bad:
        return []
    line = ngettext("%(n)s tägliche Arbeit ist gescheitert oder überfällig",
                    "%(n)s tägliche Arbeiten sind gescheitert oder überfällig",
                    len(bad)) % {"n": len(bad)}  # fmt: skip
    return [Need(line, reverse("desk:daily"), True)]


def _url(name: str) -> str:
    from django.urls import NoReverseMatch

    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def ways(desk: Desk) -> list[tuple[str, list[tuple[str, str]]]]:
    """All pages of the desk by group: (group, [(title, url)]). No query."""
    groups = [
        (_("Menschen"), [
            (_("Organisationen"), "desk:organisations"), (_("Personen"), "desk:people"),
            (_("Einladungen"), "desk:invitations"), (_("Rollen"), "desk:roles"),
            (_("Wer darf was?"), "desk:rules"),
        ]),
        (_("Verzeichnis"), [(_("Steckbriefe"), "desk:entries")]),
        (_("Inhalte"), [
            (_("Seiten des Netzwerks"), "desk:pages"), (_("Checks"), "desk:checks"),
            (_("Themen"), "desk:topics"), (_("Texte der Mails"), "desk:mail-texts"),
        ]),
        (_("Betrieb"), [
            (_("Postausgang"), "desk:outbox"), (_("Tägliche Arbeit"), "desk:daily"),
            (_("Aufgaben"), "desk:tasks"), (_("Protokoll"), "desk:log"),
            (_("Papierkorb"), "desk:basket"), (_("Speicher"), "desk:space"),
            (_("Gemeldete Barrieren und Fehler"), "desk:reports"),
        ]),
        (_("Datenschutz"), [
            (_("Verzeichnis der Verarbeitungen"), "privacy:register"),
            (_("Löschungen"), "privacy:erasures"),
        ]),
    ]  # fmt: skip
    if desk.may_edit:
        groups[1][1].extend([
            (_("Bewerbungen"), "desk:applications"), (_("Aufnahme neuer Partner"), "desk:joining"),
            (_("Vorlagen für Steckbriefe"), "desk:templates"),
        ])  # fmt: skip
        groups[4][1].append((_("Fristen"), "desk:periods"))
        groups[2][1].insert(0, (_("Einrichtung"), "desk:setup"))
        groups[2][1].append((_("Zustand des Netzwerks"), "desk:network-state"))
        groups[0][1].append((_("Zweiter Faktor verloren"), "desk:factor-resets"))
    if desk.is_operator:
        groups[3][1].append((_("Adressen der Netzwerke"), "desk:hosts"))
        groups[3][1].append((_("Sitzungen zur Unterstützung"), "desk:supports"))
        groups[3][1].append((_("Tabellen"), "admin:index"))  # only where they are switched on
    return [
        (title, [(name, url) for name, page in pages if (url := _url(page))])
        for title, pages in groups
    ]
