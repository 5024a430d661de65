"""The site with content, and the list of all its pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND, EDIT, READ
from lotse.foundation.core.mail import Wish, token_of
from lotse.foundation.core.models import ALL_NETWORKS
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.services import networks as parties
from lotse.foundation.topics.services import load_regions, load_topics
from lotse.rooms.checks.content import view_of
from lotse.rooms.checks.models import Assessment, Check
from lotse.rooms.checks.services import answers, assessments, links, plan
from lotse.rooms.directory.models import Entry
from tests import make, people

ORGANISATION = "Nachbarschaftshilfe Musterdorf e. V."
NOTE = "Der Vorstand hat im Mai darüber gesprochen.\nDas Protokoll liegt im Büro."
OWN = "Reparaturtag mit der Tischlerei"
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung"
NEWS = Wish("lea.muster@verein.example", ALL_NETWORKS, "core.news")
LEVELS = ("urgent", "need", "none", "need", "skip", "none", "need")


def network() -> Network:
    """A network as its office would leave it: claim, accent, four pages in two languages."""
    found = make.network(accent="#1f5fa8")
    for file in sorted((make.CONTENT / "pages").glob("*.md")):
        kind, lang, _ending = file.name.split(".")
        body = file.read_text(encoding="utf-8")
        parties.set_page(found, actor=COMMAND, kind=kind, lang=lang, body=body)
    load_topics()
    make.check()
    return found


@dataclass(frozen=True)
class Prepared:
    """An assessment in its second round, and what hangs on it."""

    check: Check
    first: Assessment
    assessment: Assessment
    measure: Measure
    done: Measure
    rated: Measure

    @cached_property
    def entry(self) -> Entry:
        """A public entry, made when the first page asks for it: most tests do without."""
        found = self.assessment.network
        assert found is not None
        return directory(found)

    def open_path(self, level: str = EDIT) -> str:
        """The secret link that gives a browser this level."""
        return reverse("checks:open", args=[links.tokens_of(self.assessment)[level]])

    def path(self, name: str, *args: object) -> str:
        """A page of the assessment."""
        return reverse(f"checks:{name}", args=[self.assessment.uuid, *args])


def directory(found: Network) -> Entry:
    """Three organisations with public entries, a service and a person who works for the first."""
    load_regions()
    whole = people.organisation(found, "Werkhof Muster e. V.")
    entry = make.entry(
        whole, channels=("web", "members"), name="Werkhof Muster e. V.",
        portfolio=["Ausbildungsberatung", LONG_WORD], website="https://werkhof.example",
        topics=["ausbildung", "ehrenamt"], regions=["08222", "05"], sectors=["F"], sizes=["micro"],
    )  # fmt: skip
    make.entry(whole, service=True, channels=("web", "members"))
    for name, kreis in (("Haus der Hilfe gGmbH", "05315"), ("Tischlerei Muster GmbH", "09162")):
        other = people.organisation(found, name)
        make.entry(other, channels=("web", "members"), name=name, regions=[kreis])
    person = people.person("Friederike Beispiel")
    people.people.add_seat(person, whole, actor=COMMAND, function="Leitung", is_contact=True)
    make.entry(person, network=found, channels=("web", "members"))
    return entry


def prepare() -> Prepared:
    """Two rounds: notes, marks, own examples; measures late, done and rated; a note, a file."""
    check = Check.objects.select_related("current").get()
    first = make.assessment(check, organisation_name=ORGANISATION)
    _answer(first, LEVELS)
    points = view_of(first.revision, "de").checkpoints
    today = clock.today()

    def measure(of: Assessment, position: int, title: str, **fields: Any) -> Measure:
        made = plan.add_measure(of, actor=COMMAND, key=once.new_key(),
                                checkpoint=points[position], title=title, **fields)  # fmt: skip
        assert made is not None
        return made

    def finish(of: Assessment, made: Measure) -> None:
        plan.change_measure(of, made, actor=COMMAND, key=once.new_key(), expected=made.version,
                            changes={"status": Measure.Status.DONE})  # fmt: skip

    rated = measure(first, 0, "Vorstand und Team legen den Nutzen schriftlich fest")
    finish(first, rated)
    plan.rate_after(first, rated, actor=COMMAND, key=once.new_key(), checkpoint=points[0],
                    level="none")  # fmt: skip
    measure(first, 1, "Liste der Betriebe im Umkreis führen", due_on=today - timedelta(days=30))
    second = assessments.start_next_round(first, actor=COMMAND, key=once.new_key())
    _answer(second, ("need", "need", "urgent", "none", "", "none", "need"))
    late = measure(
        second, 1, f"Gespräch mit der Handwerkskammer vorbereiten: {LONG_WORD}",
        responsible="Ayşe Çelik-Großmann", due_on=today - timedelta(days=3),
        reason="Wir wissen noch nicht, wer uns einen Betrieb nennt.\nDas soll sich ändern.",
        urgency=Measure.Urgency.HIGH,
    )  # fmt: skip
    measures.add_note(late, actor=COMMAND, text="Termin steht.\nRaum fehlt.", author="Jörg")
    file = SimpleUploadedFile(f"Protokoll {LONG_WORD}.txt", b"Wir haben gesprochen.")
    plan.add_evidence(second, late, actor=COMMAND, key=once.new_key(), upload=file)
    done = measure(second, 2, "Vorlage für Vereinbarungen übernehmen")
    finish(second, done)
    measure(second, 6, "Schulung im Team")
    return Prepared(check, first, second, late, done, rated)


def _answer(assessment: Assessment, levels: tuple[str, ...]) -> None:
    for point, level in zip(view_of(assessment.revision, "de").checkpoints, levels, strict=True):
        examples = sorted(point.example_ids)
        data = answers.AnswerInput(
            level=level,
            note=NOTE if point.number % 2 else "",
            marks={examples[0]: "applies", examples[-1]: "missing"} if examples else {},
            own_examples=[OWN, LONG_WORD] if point.number == 1 else [],
        )
        answers.save_answer(assessment, actor=COMMAND, checkpoint=point.id, data=data,
                            expected=0, key=once.new_key())  # fmt: skip


@dataclass(frozen=True)
class SitePage:
    """One page of the site: its named URL, how to reach it, and who may."""

    name: str
    path: Callable[[Prepared], str]
    levels: tuple[str, ...] = (EDIT, READ)
    status: int = 200

    def __str__(self) -> str:
        return self.name


def _plain(name: str, query: str = "") -> SitePage:
    return SitePage(name, lambda _prepared: reverse(name) + query)


def _round(
    name: str, *args: Callable[[Prepared], object], edit: bool = False, query: str = ""
) -> SitePage:
    def path(prepared: Prepared) -> str:
        return prepared.path(name, *(arg(prepared) for arg in args)) + query

    return SitePage(f"checks:{name}", path, levels=(EDIT,) if edit else (EDIT, READ))


def _directory(name: str, query: str = "", *, entry: bool = False) -> SitePage:
    def path(prepared: Prepared) -> str:
        return reverse(f"directory:{name}", args=[prepared.entry.uuid][: int(entry)]) + query

    return SitePage(f"directory:{name}", path, levels=(EDIT,))


# A new page without a line here fails `test_every_page_is_listed`.
PAGES = [
    _plain("home:home"),
    _plain("home:search", "?q=Vereinbarung"),
    _plain("home:search", "?q=xyzzy+nichts"),
    _plain("home:topics"),
    _plain("home:about"),
    _plain("home:imprint"),
    _plain("home:privacy"),
    _plain("home:accessibility"),
    _plain("home:report", "?seite=/checks/"),
    SitePage("mailing:choice", lambda p: reverse("mailing:choice", args=[token_of(NEWS)])),
    _plain("checks:list"),
    SitePage("checks:check", lambda p: reverse("checks:check", args=[p.check.uuid])),
    _round("checkpoint", lambda p: 1, edit=True),
    _round("checkpoint", lambda p: 7, edit=True),
    _round("scope", edit=True),
    _round("result"),
    _round("links", edit=True),
    _round("delete", edit=True),
    _round("next-round", edit=True),
    _round("compare", lambda p: p.first.uuid),
    _round("plan"),
    _round("plan", query="?stand=parked"),
    _round("measure-new", edit=True, query="?punkt=nutzen"),
    _round("measure", lambda p: p.measure.uuid),
    _round("measure", lambda p: p.done.uuid),
    SitePage(
        "checks:measure",
        lambda p: reverse("checks:measure", args=[p.first.uuid, p.rated.uuid]),
    ),
    _round("measure-rate", lambda p: p.done.uuid, edit=True),
    _round("measure-delete", lambda p: p.measure.uuid, edit=True),
    _directory("entry", entry=True),
    _directory("find", "?q=Ausbildung&region=05"),
    _directory("az"),
    _directory("topics"),
    _directory("map", "?land=08"),
    _directory("near"),
    _directory("message", entry=True),
    _directory("join"),
    SitePage("not found", lambda p: "/gibt/es/nicht/", status=404),
    SitePage("not allowed", lambda p: p.path("delete"), levels=(READ,), status=403),
]
# Addresses that answer with a redirect, a file or only to POST.
NO_PAGES = {
    "health",
    # For people who signed in or have a letter: see `test_directory.py`.
    *(f"directory:{name}" for name in (
        "own", "own-organisation-new", "searches", "search", "edit", "service-new", "state",
        "unpublish", "preview", "history", "diff", "revision", "restore", "letter", "letter-change",
        "announcement", "confirm", "template", "joined")),
    *(f"directory:{name}" for name in (
        "suggest", "picture", "vcard", "own-new", "search-save", "search-delete", "publish",
        "state-confirm", "consent", "withdraw-all", "archive", "letter-open")),
    # For people who signed in: see `test_signed_in.py`.
    "mailing:own",
    "checks:claim",
    "checks:sharing",
    "checks:give",
    "checks:share",
    "checks:share-end",
    "checks:basket",
    "home:language",
    "home:robots",
    "checks:paper-form",
    "checks:open",
    "checks:assessment",
    "checks:draft",
    "checks:link-renew",
    "checks:link-mail",
    "checks:forget",
    "checks:suggestion",
    "checks:measure-note",
    "checks:measure-evidence",
    "checks:measure-file",
    "checks:report-pdf",
    "checks:report-docx",
    "checks:plan-xlsx",
    "checks:everything",
    "checks:dates",
}  # fmt: skip
# The four pages a visitor spends most time on.
MAIN = ("home:home", "checks:checkpoint", "checks:result", "checks:plan")
