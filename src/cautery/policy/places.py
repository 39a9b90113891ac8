"""Where in a TOML or Cedar text a thing stands, and which name was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

_TABLE: Final = re.compile(r"^\s*\[\[?\s*(?P<name>[^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"""^\s*(?P<name>"[^"]*"|'[^']*'|[A-Za-z0-9_.-]+)\s*=""")
_PART: Final = re.compile(r""""[^"]*"|'[^']*'|[^.\s]+""")


def line_of_key(text: str, path: Sequence[str | int]) -> int:
    r"""Find the line of a TOML text on which a key stands.

    Args:
        text: A TOML text that parses.
        path: Names of tables and the key, from the outside in; places in arrays of tables from 0.

    Returns:
        The line, from 1; that of the deepest part of the path that is found.

    Example:
        >>> line_of_key('packs = []\n[modes]\n"a.b" = "off"', ["modes", "a.b"])
        3
    """
    wanted, best, line = list(path), 0, 1
    here: list[str | int] = []
    counts: dict[str, int] = {}
    for number, words in enumerate(text.splitlines(), start=1):
        table = _TABLE.match(words)
        key = None if table else _KEY.match(words)
        if table:
            here = list(_parts(table["name"]))
            if words.lstrip().startswith("[["):
                place = counts.get(table["name"], -1) + 1
                counts[table["name"]] = place
                here.append(place)
            found = here
        elif key:
            found = [*here, *_parts(key["name"])]
        else:
            continue
        depth = _alike(found, wanted)
        if depth > best:
            best, line = depth, number
    return line


def line_of_text(text: str, words: str) -> int:
    """Find the first line that holds some words.

    Args:
        text: Any text.
        words: What to look for.

    Returns:
        The line, from 1; 1 if they are not there.
    """
    place = text.find(words)
    return text.count("\n", 0, place) + 1 if place >= 0 else 1


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Suggest the name that was probably meant.

    Args:
        name: What was written.
        names: What there is.

    Returns:
        A sentence: a guess, or all names if they are few, or nothing.

    Example:
        >>> did_you_mean("biling_country", ["billing_country", "status"])
        "Did you mean 'billing_country'?"
    """
    known = sorted(names)
    if close := get_close_matches(name, known, n=1, cutoff=0.6):
        return f"Did you mean '{close[0]}'?"
    return f"There are: {', '.join(known)}." if 0 < len(known) <= 20 else ""


def _parts(name: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(name)]


def _alike(found: Sequence[str | int], wanted: Sequence[str | int]) -> int:
    """Count the parts that two paths have in common, if one of them is the begin of the other."""
    shorter = min(len(found), len(wanted))
    return shorter if list(wanted[:shorter]) == list(found[:shorter]) else 0
