"""A map without a map: one tile of equal size for each Land, drawn on the server as SVG.

Small Länder are as easy to hit as large ones, nothing is loaded from elsewhere, and the picture
says in words and numbers what it shows; depth of colour and the bar are only help for the eye.
"""

from collections.abc import Callable, Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# Land -> (column, row, short form); the place is about where it lies.
PLACES: dict[str, tuple[int, int, str]] = {
    "01": (1, 0, "SH"), "04": (0, 1, "HB"), "02": (1, 1, "HH"), "13": (2, 1, "MV"),
    "03": (0, 2, "NI"), "15": (1, 2, "ST"), "12": (2, 2, "BB"), "11": (3, 2, "BE"),
    "05": (0, 3, "NW"), "06": (1, 3, "HE"), "16": (2, 3, "TH"), "14": (3, 3, "SN"),
    "07": (0, 4, "RP"), "08": (1, 4, "BW"), "09": (2, 4, "BY"), "10": (0, 5, "SL"),
}  # fmt: skip
_SIDE, _GAP = 96, 8
_STEP = _SIDE + _GAP
_BAR = 72


def tiles_of(
    states: Mapping[str, str],
    counts: Mapping[str, int],
    url_of: Callable[[str], str],
    chosen: str = "",
) -> SafeString:
    """The map as SVG; each tile says its Land and its number and is a link, where `url_of` has
    one. No query."""
    most = max((counts.get(key, 0) for key in states), default=0)
    width, height = 4 * _STEP - _GAP, 6 * _STEP - _GAP
    drawn = format_html_join(
        "",
        "{}",
        (
            (_tile(key, states[key], counts.get(key, 0), most, url_of(key), key == chosen),)
            for key in PLACES
            if key in states
        ),
    )
    return format_html(
        '<svg class="tiles" viewBox="-3 -3 {} {}" role="group" aria-label="{}">{}</svg>',
        width + 6, height + 6, _("Karte der Länder, ein Feld je Land"), drawn,
    )  # fmt: skip


def _tile(key: str, name: str, count: int, most: int, url: str, chosen: bool) -> SafeString:
    column, row, short = PLACES[key]
    share = count / most if most else 0
    words = ngettext("%(name)s: %(n)s Eintrag", "%(name)s: %(n)s Einträge", count)
    drawn = format_html(
        "<title>{}</title>"
        '<rect class="area" width="{}" height="{}" rx="8" fill="currentColor" '
        'fill-opacity="{}"/>'
        '<rect class="edge" width="{}" height="{}" rx="8" fill="none" stroke="currentColor" '
        'stroke-width="{}"/>'
        '<text x="12" y="30" class="short">{}</text><text x="12" y="62" class="number">{}</text>'
        '<rect x="12" y="76" width="{}" height="6" rx="3" fill="currentColor" '
        'fill-opacity="0.15"/><rect x="12" y="76" width="{}" height="6" rx="3" '
        'fill="currentColor"/>',
        words % {"name": name, "n": count},
        _SIDE, _SIDE, f"{0.02 + 0.16 * share:.2f}", _SIDE, _SIDE, 4 if chosen else 1,
        short, count, _BAR, round(_BAR * share),
    )  # fmt: skip
    where = f"translate({column * _STEP} {row * _STEP})"
    if not url:
        return format_html('<g class="none" transform="{}">{}</g>', where, drawn)
    current = SafeString(' aria-current="true"') if chosen else ""
    return format_html('<a href="{}" transform="{}"{}>{}</a>', url, where, current, drawn)
