"""Components: small pieces of markup whose attributes are checked when the page is drawn."""

import re
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from lotse.foundation.core import once, text

register = template.Library()

NEEDS = ("none", "some", "urgent", "open")
BUTTONS = ("primary", "secondary", "tertiary")
ALERTS = ("info", "success", "warning", "danger")

_MARKS = {
    "none": '<circle cx="9" cy="9" r="7" fill="none" stroke="currentColor" stroke-width="2"/>'
    '<path d="M5.5 9.2l2.4 2.4 4.6-5" fill="none" stroke="currentColor" stroke-width="2"/>',
    "some": '<circle cx="9" cy="9" r="7" fill="none" stroke="currentColor" stroke-width="2"/>'
    '<path d="M9 2a7 7 0 0 1 0 14z" fill="currentColor"/>',
    "urgent": '<path d="M9 1.5 17 16H1z" fill="currentColor"/>'
    '<path d="M9 6.5v4.2" stroke="var(--mark-on)" stroke-width="2"/>'
    '<circle cx="9" cy="13.2" r="1.2" fill="var(--mark-on)"/>',
    "open": '<circle cx="9" cy="9" r="7" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-dasharray="3 2.5"/>',
}
_SVG = {
    name: mark_safe(f'<svg class="mark" viewBox="0 0 18 18" aria-hidden="true">{path}</svg>')
    for name, path in _MARKS.items()
}


def _one_of(component: str, attribute: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise template.TemplateSyntaxError(
            f"{component}: {attribute}={value!r} is not one of {', '.join(allowed)}"
        )


@register.simple_tag
def mark(kind: str) -> SafeString:
    """The shape of a level of need, without words (put words beside it)."""
    _one_of("mark", "kind", kind, NEEDS)
    return _SVG[kind]


@register.simple_tag
def need(label: str, *, kind: str) -> SafeString:
    """A level of need: word, shape and colour together, never colour alone."""
    _one_of("need", "kind", kind, NEEDS)
    return format_html('<span class="need {}">{}<span>{}</span></span>', kind, _SVG[kind], label)


@register.simple_tag
def button(label: str, *, kind: str = "primary", name: str = "", value: str = "") -> SafeString:
    """A submit button; `name` and `value` say which of several it was."""
    _one_of("button", "kind", kind, BUTTONS)
    named = format_html(' name="{}" value="{}"', name, value) if name else ""
    return format_html(
        '<button type="submit" class="kern-btn kern-btn--{}"{}>'
        '<span class="kern-label">{}</span></button>',
        kind,
        named,
        label,
    )


@register.simple_tag
def link_button(
    label: str, *, href: str, kind: str = "secondary", download: bool = False
) -> SafeString:
    """A link that looks like a button, for the one main way on."""
    _one_of("link_button", "kind", kind, BUTTONS)
    return format_html(
        '<a class="kern-btn kern-btn--{}" href="{}"{}><span class="kern-label">{}</span></a>',
        kind,
        href,
        mark_safe(" download") if download else "",
        label,
    )


@register.inclusion_tag("ui/components/field.html")
def field(bound: BoundField, *, optional: bool | None = None) -> dict[str, Any]:
    """One form field: label, hint, errors tied to the input, optional marked."""
    if not isinstance(bound, BoundField):
        raise template.TemplateSyntaxError("field: needs a form field")
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "textarea")
    css = "kern-form-input__select" if kind == "select" else "kern-form-input__input"
    if kind == "file":
        css += " file"
    if bound.errors:
        css += " kern-form-input__input--error"
    return {
        "field": bound,
        "kind": kind,
        "widget": bound.as_widget(attrs={"class": css, **_described(bound)}),
        "is_optional": not bound.field.required if optional is None else optional,
    }


def _described(bound: BoundField) -> dict[str, str]:
    ids = []
    if bound.help_text:
        ids.append(f"{bound.auto_id}_helptext")
    if bound.errors:
        ids.append(f"{bound.auto_id}_error")
    attributes = {"aria-describedby": " ".join(ids)} if ids else {}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return attributes


@register.inclusion_tag("ui/components/errors.html")
def errors(form: Any) -> dict[str, Any]:
    """The list of faults on top of a form, each a link to its field."""
    faults = [
        (f"#{form[name].auto_id}", form[name].label, message)
        for name, messages in form.errors.items()
        if name != "__all__"
        for message in messages
    ]
    return {"faults": faults, "general": form.non_field_errors()}


@register.inclusion_tag("ui/components/alert.html")
def alert(title: str, *, kind: str = "info", body: str = "") -> dict[str, Any]:
    """A notice in the page."""
    _one_of("alert", "kind", kind, ALERTS)
    return {"title": title, "kind": kind, "body": body}


@register.inclusion_tag("ui/components/listing.html")
def listing(found: Any) -> dict[str, Any]:
    """A list with search, filters, pages, files and print view (`ui.listing`)."""
    return {"listing": found}


@register.simple_tag
def key_field() -> SafeString:
    """The hidden idempotency key of a form; no browser restores an old one."""
    return format_html(
        '<input type="hidden" name="{}" value="{}" autocomplete="off">',
        once.FIELD,
        once.new_key(),
    )


@register.simple_tag
def brand_mark() -> SafeString:
    """Lotse's own sign, used while a network has no logo."""
    return mark_safe(
        '<svg class="sign" viewBox="0 0 32 32" fill="none" aria-hidden="true">'
        '<circle cx="16" cy="16" r="15" fill="var(--kern-color-action-default)"/>'
        '<path d="M16 4 L20 16 L16 28 L12 16 Z" fill="var(--kern-color-action-on-default)"/>'
        '<circle cx="16" cy="16" r="2.4" fill="var(--kern-color-action-default)"/></svg>'
    )


@register.filter
def markdown(value: str) -> SafeString:
    """User text as safe HTML."""
    return text.markdown(value or "")


@register.filter
def plain(value: str) -> SafeString:
    """User text of several lines with its line breaks, escaped."""
    from django.utils.html import linebreaks

    return mark_safe(linebreaks(value or "", autoescape=True))


_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


@register.filter
def breakable(value: str) -> str:
    """A mail address that may end its line after its @ or before a dot, not within a word."""
    if not _ADDRESS.fullmatch(value):
        return value
    broken = escape(value).replace("@", "@<wbr>").replace(".", "<wbr>.")
    return mark_safe(broken)


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """`mapping[key]` or nothing."""
    return mapping.get(key)
