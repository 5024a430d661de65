"""Writing a check: as canonical JSON for storage and hash, as YAML for people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import yaml

from .scalars import is_plain_text, normal_text
from .schema import Schema, resolved, schema, schema_of

_WIDTH = 100


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return the one byte sequence of a check: JSON, keys sorted, no spaces, UTF-8, NFC.

    Like RFC 8785 for what a check may hold (whole numbers, texts). Raises `ValueError` for NaN,
    infinity, lone surrogates and keys that become equal in NFC, `TypeError` for what JSON does
    not know.
    """
    text = json.dumps(
        _normal(content),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
    return text.encode("utf-8")


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical bytes, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def to_yaml(content: Mapping[str, Any]) -> str:
    """Write a check as block YAML in the order of the schema, texts in the main language first.

    Reading it back gives the same canonical bytes. Comments and layout of the file that was once
    imported are not kept. Raises as `canonical`.
    """
    plain: dict[str, Any] = json.loads(canonical(content))
    check = plain.get("check")
    default = check.get("default_lang") if isinstance(check, dict) else None
    written: str = yaml.dump(
        _in_order(plain, schema(), str(default)),
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=_WIDTH,
    )
    return written


def _normal(value: Any) -> Any:
    if isinstance(value, str):
        return normal_text(value)
    if isinstance(value, list | tuple):
        return [_normal(one) for one in value]
    if isinstance(value, Mapping):
        return _normal_keys(value)
    return value


def _normal_keys(value: Mapping[Any, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, below in value.items():
        if not isinstance(key, str):
            # json.dumps would quietly write 1 and "1" as the same key.
            raise TypeError(f"key is not a text: {key!r}")
        normal = normal_text(key)
        if normal in result:
            raise ValueError(f"two keys are the same in NFC: {key!r}")
        result[normal] = _normal(below)
    return result


def _in_order(value: Any, part: Schema, default: str) -> Any:
    if isinstance(value, list):
        return [_in_order(one, resolved(part.get("items")), default) for one in value]
    if not isinstance(value, dict):
        return value
    known = [key for key in part.get("properties", {}) if key in value]
    if part.get("title") in ("text map", "languages") and default in value:
        known = [default]
    rest = sorted(key for key in value if key not in known)
    # Extensions go last, whatever their letters.
    rest.sort(key=lambda key: key.startswith("x-"))
    return {key: _in_order(value[key], schema_of(key, part), default) for key in [*known, *rest]}


class _Dumper(yaml.SafeDumper):
    """PyYAML's emitter with lists indented below their key, and texts that stay texts."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = None
    if not is_plain_text(text):
        style = '"'  # PyYAML quotes what YAML 1.1 would misread; this is what our reader would
    elif _is_block(text):
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_block(text: str) -> bool:
    """Say whether a text of several lines can stand as a block without indentation hints."""
    return "\n" in text and not text[0].isspace() and not text.endswith(("\n\n", " \n", " "))


_Dumper.add_representer(str, _text_node)
