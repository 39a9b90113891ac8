r"""Expressions that are lists of literals, perhaps between word boundaries: no search is needed.

Most phrase families are such lists, written short (``\b(solve|proofs?)\b``). One pass that finds
literals then decides them, and RE2 is not asked at all.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import Any, Final, NamedTuple

from cautery.ingest.necessary_literals import kinds, parser

MOST_WHOLE_LITERALS: Final = 1024
"""Expressions that stand for more literals are left to RE2."""
_BOUNDARY: Final = "\b"
"""Stands for a word boundary while texts are listed; an expression that holds it is not listed."""

_UNICODE: Final = int(re.UNICODE)
"""The flag that Python's parser sets on every expression of text."""

Texts = frozenset[str]


class WholeLiteral(NamedTuple):
    """A text that is a match by itself."""

    text: str
    boundary_before: bool = False
    """Whether a word must begin or end right before it (RE2: ASCII words)."""
    boundary_after: bool = False
    """Whether a word must begin or end right after it."""


@cache
def whole_literals(pattern: str) -> frozenset[WholeLiteral] | None:
    r"""List what an expression matches.

    Args:
        pattern: A regular expression of the kind that RE2 and Python share.

    Returns:
        The literals: the expression matches a text if and only if one stands in it. None if they
        are too many, or if a match depends on more than a word boundary at either end.

    Example:
        >>> [found.text for found in sorted(whole_literals(r"\bproofs?\b"))]
        ['proof', 'proofs']
        >>> whole_literals(r"(\w+ )?proof") is None
        True
    """
    tree = parser.parse(pattern)
    texts = None if tree.state.flags & ~_UNICODE else _sequence(list(tree))
    if texts is None:
        return None
    found = {_literal(text) for text in texts}
    return None if None in found else frozenset(literal for literal in found if literal)


def _literal(text: str) -> WholeLiteral | None:
    inner = text.removeprefix(_BOUNDARY).removesuffix(_BOUNDARY)
    if not inner or _BOUNDARY in inner:
        return None
    return WholeLiteral(inner, text.startswith(_BOUNDARY), text.endswith(_BOUNDARY))


def _sequence(items: list[tuple[Any, Any]]) -> Texts | None:
    total: Texts | None = frozenset({""})
    for kind, value in items:
        texts = _item(kind, value)
        if texts is None or total is None or len(total) * len(texts) > MOST_WHOLE_LITERALS:
            return None
        total = frozenset(before + after for before, after in product(total, texts))
    return total


def _item(kind: Any, value: Any) -> Texts | None:
    if kind is kinds.LITERAL:
        return None if chr(value) == _BOUNDARY else frozenset({chr(value)})
    if kind is kinds.AT:
        return frozenset({_BOUNDARY}) if value is kinds.AT_BOUNDARY else None
    if kind is kinds.IN:
        if any(inner is not kinds.LITERAL or chr(code) == _BOUNDARY for inner, code in value):
            return None
        return frozenset(chr(code) for _, code in value)
    if kind is kinds.SUBPATTERN and not value[1] and not value[2]:
        return _sequence(list(value[3]))
    if kind is kinds.BRANCH:
        return _union([_sequence(list(branch)) for branch in value[1]])
    if kind is kinds.MAX_REPEAT and value[:2] == (0, 1):
        texts = _sequence(list(value[2]))
        return None if texts is None else texts | {""}
    return None


def _union(branches: list[Texts | None]) -> Texts | None:
    total: set[str] = set()
    for texts in branches:
        if texts is None:
            return None
        total |= texts
    return frozenset(total) if len(total) <= MOST_WHOLE_LITERALS else None
