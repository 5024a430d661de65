"""The accent colour of a network: readable in light and dark, or refused with a better one."""

import re

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
CONTRAST = 4.5
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
Rgb = tuple[int, int, int]


def parse(value: str) -> Rgb | None:
    """(red, green, blue) of `#2044aa`, or None."""
    if not _HEX.fullmatch(value):
        return None
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def as_hex(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def _luminance(rgb: Rgb) -> float:
    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: Rgb, second: Rgb) -> float:
    """Contrast ratio of two colours after WCAG 2.2, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _towards(rgb: Rgb, goal: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(rgb, goal, strict=True))
    return red, green, blue


# The grounds that text in the accent colour stands on: page and hued panels (KERN's tokens).
_LIGHT_GROUND: Rgb = (243, 244, 247)
_DARK_GROUND: Rgb = (29, 32, 52)


def on_light(rgb: Rgb) -> Rgb:
    """The nearest accent that is readable on every light ground."""
    return _readable(rgb, _LIGHT_GROUND, BLACK)


def on_dark(rgb: Rgb) -> Rgb:
    """The nearest accent that is readable on every dark ground."""
    return _readable(rgb, _DARK_GROUND, WHITE)


def _readable(rgb: Rgb, ground: Rgb, goal: Rgb) -> Rgb:
    steps = (_towards(rgb, goal, step / 100) for step in range(101))
    return next((colour for colour in steps if contrast(colour, ground) >= CONTRAST), goal)


def style_sheet(accent: str) -> str:
    """KERN's action tokens in the network's colour, for light and dark."""
    rgb = parse(accent)
    if rgb is None:
        return ""
    light, dark = as_hex(on_light(rgb)), as_hex(on_dark(rgb))
    tokens = "--kern-color-action-default:{c};--kern-color-action-default-contextual:{c};"
    return (
        f":root,:root body{{{tokens.format(c=light)}}}"
        f"@media (prefers-color-scheme:dark){{:root:not([data-kern-theme]),"
        f":root:not([data-kern-theme]) body{{{tokens.format(c=dark)}}}}}"
        f":root[data-kern-theme=dark],:root[data-kern-theme=dark] body{{{tokens.format(c=dark)}}}"
    )
