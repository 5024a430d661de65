"""`lotse search`: what the box would show, for the operator and for measuring."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from lotse.foundation.core import hooks, search, text
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.queries import networks_below

_AS = {"web": search.WEB, "members": search.MEMBERS, "office": search.OFFICE}


def _pair(value: str) -> tuple[str, str]:
    key, equals, chosen = value.partition("=")
    if not (key and equals and chosen):
        raise ArgumentTypeError("erwartet wird MERKMAL=WERT, zum Beispiel topic=ausbildung")
    return key, chosen


def _number(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 1000:
        raise ArgumentTypeError("erwartet wird eine Zahl von 1 bis 1000")
    return int(value)


class Command(BaseCommand):
    help = "Sucht wie die Suche der Seiten und nennt die Treffer in ihrer Reihenfolge."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question", nargs="?", default="", metavar="FRAGE")
        parser.add_argument(
            "--as", dest="audience", choices=_AS, default="office",
            help="was alle, was Mitglieder oder was die Geschäftsstelle sieht (Vorgabe: office)",
        )  # fmt: skip
        parser.add_argument("--network", help="Name oder UUID; Vorgabe: alle Netzwerke")
        parser.add_argument("--kind", action="append", default=[], help="Art, mehrfach möglich")
        parser.add_argument("--choose", action="append", type=_pair, default=[],
                            metavar="MERKMAL=WERT", help="mehrfach möglich")  # fmt: skip
        parser.add_argument("--lang", choices=["de", "en"], default="de")
        parser.add_argument("--limit", type=_number, default=20)
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--reindex", action="store_true", help="nimmt vorher alles neu auf")

    def handle(self, *args: Any, **options: Any) -> None:
        question = text.clean_line(options["question"])[:500]
        self._know("Art", options["kind"], {kind.key for kind in hooks.search_kinds})
        chosen: dict[str, list[str]] = {}
        for key, value in options["choose"]:
            chosen.setdefault(key, []).append(value)
        self._know("Merkmal", list(chosen), {facet.key for facet in hooks.search_facets})
        bits = _AS[options["audience"]]
        viewer = search.Viewer(dict.fromkeys(self._networks(options["network"]), bits))
        if options["reindex"]:
            self.stderr.write(f"Aufgenommen: {search.reindex()}")
        found = search.find(
            question,
            lang=options["lang"],
            viewer=viewer,
            kinds=options["kind"],
            chosen=chosen,
            per_page=options["limit"],
        )
        if options["json"]:
            document = _document(question, found)
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            self._say(question, found)

    def _know(self, what: str, asked: list[str], known: set[str]) -> None:
        for name in asked:
            if name not in known:
                there = ", ".join(sorted(known))
                raise CommandError(f"{what} „{name}“ gibt es nicht. Es gibt: {there}", returncode=2)

    def _networks(self, asked: str | None) -> list[UUID]:
        """The networks whose entries are looked through: one with those below it, or all."""
        if not asked:
            shown = Network.objects.exclude(state=Network.State.ENDED)
            return list(shown.values_list("uuid", flat=True))
        try:
            named = Network.objects.filter(uuid=UUID(asked))
        except ValueError:
            named = Network.objects.filter(name__iexact=asked)
        found = list(named[:2])
        if len(found) != 1:
            many = "mehrmals" if found else "nicht"
            raise CommandError(f"Das Netzwerk „{asked}“ gibt es {many}.", returncode=2)
        return [uuid for _pk, uuid in networks_below(found[0].pk)]

    def _say(self, question: str, found: search.Results) -> None:
        more = "mehr als " if found.capped else ""
        self.stdout.write(f"Treffer: {more}{found.total}")
        for typed, used in found.corrected:
            self.stdout.write(f"Statt „{typed}“ gesucht: „{used}“")
        if found.left_out:
            self.stdout.write(f"Nicht in allen Treffern: {', '.join(found.left_out)}")
        for number, hit in enumerate(found.hits, 1):
            why = ", ".join(dict.fromkeys(f"{why.word} ({why.place})" for why in hit.why))
            self.stdout.write(f"{number:>4}  {hit.title}  [{hit.kind_title}]  {hit.url}")
            if why:
                self.stdout.write(f"      {why}")


def _key(hit: search.Hit) -> str:
    return hit.key or str(hit.ref)


def _document(question: str, found: search.Results) -> dict[str, Any]:
    return {
        "query": question,
        "words": found.words,
        "left_out": found.left_out,
        "corrected": [{"typed": typed, "used": used} for typed, used in found.corrected],
        "total": found.total,
        "full": found.full,
        "capped": found.capped,
        "keys": [_key(hit) for hit in found.hits],
        "hits": [
            {
                "key": _key(hit),
                "kind": hit.kind,
                "title": hit.title,
                "url": hit.url,
                "why": [{"place": why.place, "word": why.word} for why in hit.why],
                "missing": hit.missing,
            }
            for hit in found.hits
        ],
        "facets": found.facets,
    }
