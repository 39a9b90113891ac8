"""Where in a JSON text a field stands, so that an error can name file and line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_STEP: Final = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<place>\d+)\]")
Step = str | int


def steps_of(path: str) -> list[Step]:
    """Split a path as msgspec writes it in its messages.

    Args:
        path: For example ``$.keys[3].value``.

    Returns:
        Names and places, from the outside in, as far as the path says them.

    Example:
        >>> steps_of("$.keys[3].value")
        ['keys', 3, 'value']
    """
    return [match["name"] or int(match["place"]) for match in _STEP.finditer(path)]


def line_of(text: str, path: Sequence[Step]) -> int:
    r"""Find the line on which a field's value begins.

    Args:
        text: A JSON text that parses.
        path: Names of members and places in lists, from the outside in.

    Returns:
        The line, from 1; that of the innermost container on the path if the field is not there.

    Example:
        >>> line_of('{\n "keys": [\n  {"key_id": 5}]}', ["keys", 0, "key_id"])
        3
    """
    wanted, deepest, line = list(path), 0, 1
    here: list[Step | None] = []  # a name, a place in a list, or None where a name comes next
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == ":":
            continue
        if token in {"}", "]"}:
            here.pop()
        elif token == ",":
            here[-1] = here[-1] + 1 if isinstance(here[-1], int) else None
        elif here and here[-1] is None:
            here[-1] = json.loads(token)
        else:
            if here == wanted[: len(here)] and len(here) >= deepest:
                deepest, line = len(here), text.count("\n", 0, match.start()) + 1
            if token in {"{", "["}:
                here.append(None if token == "{" else 0)
    return line
