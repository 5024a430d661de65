"""One page of finding for the whole product: question, facets with counts, hits, pages (S2-24).

A view says which kinds and facets it has; `look` reads the choice out of the address, so every
selection is a link, and makes finished rows. The markup is `ui/components/finding.html`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lotse.foundation.core import hooks, search, text

PAGE = 20
QUESTION_LENGTH = 500
SHOWN = 8  # choices of a facet before "more"
_MOST_CHOSEN = 30
_VALUE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_PAGES = 10_000
UNCOUNTED = -1
KIND = "kind"  # the facet that every document has


@dataclass(frozen=True)
class Wish:
    """What the address asks for."""

    question: str = ""
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    page: int = 1
    order: str = "match"

    def link(self, path: str = "", /, **more: Any) -> str:
        """The address of the same choice; `more` replaces parts of it, an empty one goes."""
        parts: dict[str, Any] = {"q": self.question, **self.chosen}
        if self.order == "name":
            parts["folge"] = "name"
        kept = {key: value for key, value in (parts | more).items() if value}
        return f"{path}?{urlencode(kept, doseq=True)}"

    def toggled(self, key: str, value: str) -> str:
        """The address with one value of one facet put in or taken out."""
        held = list(self.chosen.get(key, ()))
        held = [one for one in held if one != value] if value in held else [*held, value]
        return self.link(**{key: held})


@dataclass(frozen=True)
class Choice:
    """One value of a facet; `count` is None where too much was found to count."""

    value: str
    label: str
    count: int | None
    chosen: bool
    above: str = ""  # the value under which it stands


@dataclass(frozen=True)
class Facet:
    """One facet as a page shows it: the first choices at once, the rest behind "more"."""

    key: str
    title: str
    first: list[Choice]
    rest: list[Choice]

    @property
    def is_chosen(self) -> bool:
        return any(choice.chosen for choice in (*self.first, *self.rest))

    @property
    def first_boxes(self) -> SafeString:
        return _boxes(self.key, self.first)

    @property
    def rest_boxes(self) -> SafeString:
        return _boxes(self.key, self.rest)


def _boxes(key: str, choices: Sequence[Choice]) -> SafeString:
    """Boxes to tick, drawn in one go: a template takes twenty times as long for a hundred."""
    shown, name = {one.value for one in choices}, escape(key)
    return SafeString("".join(
        f'<label class="pick{" inner" if one.above in shown else ""}"><input type="checkbox" '
        f'form="finden" name="{name}" value="{escape(one.value)}"'
        f'{" checked" if one.chosen else ""}><span>{escape(str(one.label))}</span>'
        f'<span class="muted small n">{"" if one.count is None else one.count}</span></label>'
        for one in choices
    ))  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One hit, ready for the page. `tags` are (words, tone); `why` and `missing` are sentences."""

    ref: str
    kind: str
    title: str
    url: str
    lang: str = ""
    place: str = ""
    summary: str = ""
    tags: Sequence[tuple[str, str]] = ()
    why: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Found:
    """A page of hits with everything around it."""

    wish: Wish
    rows: list[Row]
    total: int
    capped: bool
    full: int
    page: int
    pages: int
    left_out: list[str]
    corrected: list[tuple[str, str]]
    facets: list[Facet]
    removable: list[tuple[str, str, str]]
    counts: Mapping[str, Mapping[str, int]]
    links: dict[str, str]

    @property
    def question(self) -> str:
        return self.wish.question

    @property
    def narrowed(self) -> bool:
        """Whether anything was asked for; without, all there is was found."""
        return bool(self.wish.question or self.removable)

    @property
    def counted(self) -> str:
        """How much was found, in words."""
        if self.capped:
            return _("über 10.000 Treffer")
        if self.total == 1:
            return _("1 Treffer")
        return _("%(n)s Treffer") % {"n": self.total}

    @property
    def said(self) -> list[str]:
        """What the search did with the words, in sentences: nothing is left out in silence."""
        said = [
            _("Für „%(typed)s“ gibt es nichts. Gesucht wurde „%(used)s“.")
            % {"typed": typed, "used": used}
            for typed, used in self.corrected
        ]
        if self.left_out and self.rows:
            words = ", ".join(f"»{word}«" for word in self.left_out)
            said.append(_("Auch ohne %(words)s gesucht.") % {"words": words} if self.full
                        else _("Ohne %(words)s gesucht.") % {"words": words})  # fmt: skip
        return said


Shown = Callable[[set[str], "Wish"], set[str]]
Offer = Callable[[], Mapping[str, Sequence[str]]]
Enrich = Callable[[Sequence[search.Hit], list[Row]], list[Row]]


def read(request: HttpRequest, facets: Iterable[str], lang: str) -> Wish:
    """The wish in the address. What no facet knows is left out, so an old or damaged link still
    shows a page."""
    known = _facets(facets)
    chosen: dict[str, list[str]] = {}
    for key, facet in known.items():
        values = list(dict.fromkeys(request.GET.getlist(key)))[:_MOST_CHOSEN]
        plain = [value for value in values if _VALUE.fullmatch(value)]
        named = facet.labels(plain, lang) if plain else {}
        if kept := [value for value in plain if value in named]:
            chosen[key] = kept
    page = request.GET.get("seite", "")
    return Wish(
        question=text.clean_line(request.GET.get("q", ""))[:QUESTION_LENGTH],
        chosen=chosen,
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        order="name" if request.GET.get("folge") == "name" else "match",
    )


def look(
    wish: Wish,
    viewer: search.Viewer,
    *,
    lang: str,
    kinds: Sequence[str] = (),
    facets: Sequence[str] = (),
    places: Mapping[str, Any] | None = None,
    offer: Offer | None = None,
    shown: Mapping[str, Shown] | None = None,
    enrich: Enrich | None = None,
    per_page: int = PAGE,
) -> Found:
    """What the search finds for a wish, ready for the page. The queries of `search.find` and
    those of `enrich`.

    `places` names the fields a hit can come from, `offer` the values to choose from where too
    much was found to count, `shown` says which values of a facet stand there at all, and `enrich`
    adds to the rows what only the room knows.
    """
    results = search.find(
        wish.question, lang=lang, viewer=viewer, kinds=kinds, chosen=wish.chosen,
        page=min(max(wish.page, 1), _PAGES), per_page=per_page, order=wish.order,
    )  # fmt: skip
    rows = [_row(hit, places or {}, lang) for hit in results.hits]
    if not results.full:  # then all lack the same words, and it stands above them
        rows = [replace(row, missing="") for row in rows]
    counts = dict(results.facets)
    if results.capped and offer is not None:
        for key, values in offer().items():
            counts.setdefault(key, dict.fromkeys(values, UNCOUNTED))
    return Found(
        wish=wish,
        rows=enrich(results.hits, rows) if enrich and rows else rows,
        total=results.total,
        capped=results.capped,
        full=results.full,
        page=results.page,
        pages=results.pages,
        left_out=list(results.left_out),
        corrected=list(results.corrected),
        facets=_shown_facets(facets, wish, counts, shown or {}, lang),
        removable=_removable(wish, lang),
        counts=results.facets,
        links=_links(wish, results.page, results.pages),
    )


def _facets(keys: Iterable[str]) -> dict[str, hooks.SearchFacet]:
    known = {facet.key: facet for facet in hooks.search_facets}
    return {key: known[key] for key in keys if key in known}


def _shown_facets(
    keys: Sequence[str],
    wish: Wish,
    counts: Mapping[str, Mapping[str, int]],
    shown: Mapping[str, Shown],
    lang: str,
) -> list[Facet]:
    found = []
    for key, facet in _facets(keys).items():
        held = wish.chosen.get(key, ())
        values = {value: n for value, n in counts.get(key, {}).items() if n}
        if key in shown:
            kept = shown[key](set(values), wish)
            values = {value: n for value, n in values.items() if value in kept}
        values = {**dict.fromkeys(held, 0), **values}
        above = facet.above(values) if facet.above else {}
        choices = [
            Choice(value, label, None if values[value] == UNCOUNTED else values[value],
                   value in held, above.get(value, ""))
            for value, label in facet.labels(values, lang).items()
        ]  # fmt: skip
        if len(choices) > 1 or held:
            found.append(_facet(key, str(facet.title), choices))
    return found


def _facet(key: str, title: str, choices: list[Choice]) -> Facet:
    """The most frequent choices come first into view, in the order of their labels."""
    if len(choices) <= SHOWN + 2:
        return Facet(key, title, choices, [])
    ranked = sorted(choices, key=lambda one: (not one.chosen, -(one.count or 0)))
    first = {one.value for one in ranked[:SHOWN]} | {one.value for one in ranked if one.chosen}
    return Facet(
        key,
        title,
        [one for one in choices if one.value in first],
        [one for one in choices if one.value not in first],
    )


def _removable(wish: Wish, lang: str) -> list[tuple[str, str, str]]:
    """What was chosen, as (facet, value in words, address without it)."""
    found = []
    for key, facet in _facets(wish.chosen).items():
        labels = facet.labels(wish.chosen[key], lang)
        found += [
            (str(facet.title), labels[value], wish.toggled(key, value))
            for value in wish.chosen[key]
            if value in labels
        ]
    return found


def _row(hit: search.Hit, places: Mapping[str, Any], lang: str) -> Row:
    return Row(
        ref=str(hit.ref),
        kind=hit.kind_title,
        title=hit.title,
        url=hit.url,
        lang=hit.lang if hit.lang not in ("", search.ANY_LANG, lang) else "",
        summary=hit.summary,
        why=_why(hit, places),
        missing=_("ohne %(words)s") % {"words": ", ".join(f"»{word}«" for word in hit.missing)}
        if hit.missing
        else "",
    )


def _why(hit: search.Hit, places: Mapping[str, Any]) -> str:
    """Where the words were found: "Passt, weil: Name: Ausbildung · Angebote: Zeit · Thema
    Arbeitsschutz (für „Brandschutz“)"."""
    own = {"title": _("Name"), "name": _("Name"), "topic": _("Thema"), "place": _("Ort"),
           "keyword": _("Stichwort"), "service": _("Leistung"), "seat": _("Funktion"),
           "carrier": _("Organisation")}  # fmt: skip
    words: dict[str, list[str]] = {}
    meant: list[str] = []
    for one in hit.why:
        name = str(own.get(one.place) or places.get(one.place) or _("Text"))
        if one.meant:
            meant.append(_meant(one))
        elif (found := one.found or one.word) not in words.setdefault(name, []):
            words[name].append(found)
    said = [f"{name}: {', '.join(held)}" for name, held in words.items()]
    said += dict.fromkeys(meant)
    return _("Passt, weil: %(why)s") % {"why": " · ".join(said)} if said else ""


def _meant(one: search.Why) -> str:
    """What stands there instead of the word; it is never said that the word does."""
    if not one.found:
        return _("sinnverwandt mit „%(word)s“") % {"word": one.word}
    values = {"found": one.found, "word": one.word}
    if one.place == "topic":
        return _("Thema %(found)s (für „%(word)s“)") % values
    return _("sinnverwandt: %(found)s (für „%(word)s“)") % values


def _links(wish: Wish, page: int, pages: int) -> dict[str, str]:
    links = {
        "here": wish.link(),
        "csv": wish.link(als="csv"),
        "xlsx": wish.link(als="xlsx"),
        "print": wish.link(als="druck"),
        "by_name": wish.link(folge="name"),
        "by_match": replace(wish, order="match").link(),
        "plain": replace(wish, chosen={}).link(),
    }
    if page > 1:
        links["before"] = wish.link(seite=page - 1 if page > 2 else "")
    if page < pages:
        links["after"] = wish.link(seite=page + 1)
    return links
