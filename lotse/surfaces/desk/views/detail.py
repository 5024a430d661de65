"""The page of one thing: its facts beside what belongs to it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lotse.surfaces.desk.access import Desk
from lotse.surfaces.desk.frame import Link, Section


def detail_page(
    request: HttpRequest,
    desk: Desk,
    *,
    title: str,
    back: Link,
    facts: Sequence[tuple[str, Any]],
    sections: Sequence[Section] = (),
    actions: Sequence[Link] = (),
    posts: Sequence[Link] = (),
    links: Sequence[Link] = (),
    notes: Sequence[tuple[str, str, str]] = (),
    version: int | None = None,
    template: str = "desk/detail.html",
    **extra: Any,
) -> HttpResponse:
    """Facts without a value are left out. `posts` are buttons, `notes` (kind, title, body)."""
    context = {
        "desk": desk,
        "title": title,
        "back": back,
        "facts": facts,
        "sections": sections,
        "actions": actions,
        "posts": posts,
        "links": links,
        "notes": notes,
        "version": version,
    }
    return render(request, template, {**context, **extra})
