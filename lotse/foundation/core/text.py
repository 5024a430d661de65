"""User text: cleaned on the way in, Markdown made safe on the way out, text maps picked."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# Control characters, and the overrides that make a name read backwards (nasty inputs 3, 4, 25).
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_MARKS = re.compile(r"(?:[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]){9,}")
_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h2", "h3", "h4", "blockquote", "code"}


def clean(value: str) -> str:
    """What is stored of a text a person typed: NFC, Unix line ends, no control characters.

    Piles of more than eight combining marks are cut, trailing blanks of lines are dropped.
    """
    value = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    value = _CONTROL.sub("", value).replace("\u2028", "\n").replace("\u2029", "\n")
    value = _MARKS.sub(lambda match: match.group()[:8], value)
    return "\n".join(line.rstrip() for line in value.split("\n")).strip()


def clean_line(value: str) -> str:
    """The same for one line: names, subjects (no line break can reach a mail header, T20)."""
    return " ".join(clean(value).split())


_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20}).disable(
    ["image", "html_block", "html_inline"]
)


@lru_cache(maxsize=512)
def markdown(source: str) -> SafeString:
    """Markdown as safe HTML: headings from level 2, links without `javascript:` (T17)."""
    html = _markdown.render(source.replace("\n# ", "\n## "))
    return mark_safe(
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto", "tel"},
            link_rel="noopener noreferrer",
        )
    )


def pick(text_map: Mapping[str, str] | None, lang: str, default: str = "de") -> str:
    """The text in `lang`, else in `default`, else in any language; empty for nothing."""
    if not text_map:
        return ""
    return text_map.get(lang) or text_map.get(default) or next(iter(text_map.values()), "")


def language_of(text_map: Mapping[str, str] | None, lang: str, default: str = "de") -> str:
    """The language `pick` answers in: for the `lang` attribute of foreign text (T64)."""
    if not text_map or text_map.get(lang):
        return lang
    return default if text_map.get(default) else next(iter(text_map), lang)


def shorten(value: str, length: int) -> str:
    """The text, or its beginning up to a word end and an ellipsis."""
    if len(value) <= length:
        return value
    head, space, _rest = value[:length].rpartition(" ")
    return (head.rstrip(",;:.–- ") if space else value[: length - 1]) + "…"
