r"""YAML out of plain values: every text quoted and in ASCII, so that nothing in it is syntax.

A writer for what this program makes, so that rules need no library: mappings, lists, texts,
numbers and truth values in block style (YAML 1.2.2, chapters 7.3.1 and 8.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

Value = Mapping[str, "Value"] | Sequence["Value"] | str | int | bool
_PLAIN_KEY: Final = re.compile(r"[a-z_][a-z0-9_|-]*")
_WORDS: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""Words that YAML 1.1 or 1.2 reads as something else than a text."""
_STEP: Final = "  "


def document(value: Mapping[str, Value]) -> str:
    r"""Write a mapping as a YAML document.

    Args:
        value: The mapping; its order is kept.

    Returns:
        Lines, the last with its end.

    Example:
        >>> document({"title": "a: b", "rules": ["x"], "gte": 3})
        'title: "a: b"\nrules:\n  - "x"\ngte: 3\n'
    """
    return "".join(f"{line}\n" for line in _mapping(value))


def _mapping(value: Mapping[str, Value]) -> list[str]:
    lines = []
    for key, each in value.items():
        plain = _PLAIN_KEY.fullmatch(key) and key not in _WORDS
        name = key if plain else _quoted(key)
        inner = _block(each)
        if inner is None:
            lines.append(f"{name}: {_scalar(each)}")
        else:
            lines += [f"{name}:", *(_STEP + line for line in inner)]
    return lines


def _block(value: Value) -> list[str] | None:
    """Write what needs lines of its own; None for what stands on its key's line."""
    if isinstance(value, Mapping):
        return _mapping(value) if value else None
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        return None
    lines = []
    for each in value:
        inner = _block(each)
        first, *rest = [_scalar(each)] if inner is None else inner
        lines += [f"- {first}", *(_STEP + line for line in rest)]
    return lines


def _scalar(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    return "{}" if isinstance(value, Mapping) else "[]"


def _quoted(text: str) -> str:
    return '"' + "".join(map(_character, text)) + '"'


def _character(each: str) -> str:
    if each in '"\\':
        return f"\\{each}"
    if " " <= each <= "~":
        return each
    point = ord(each)
    # Half of a surrogate pair is no character in YAML.
    shown = 0xFFFD if 0xD800 <= point <= 0xDFFF else point
    return f"\\U{shown:08x}"
