"""Literals that a text must hold before a regular expression can match it.

Most texts hold none of the literals of a phrase family, and need not be searched for it. The
literals are derived, not written down, so that a filter can never disagree with its expression
(the prefilter of RE2 and of Google Code Search, Cox 2012).
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from itertools import product
from typing import Any, Final

# Python's own parser of expressions; private, so that a test runs it on every phrase family.
parser: Any = import_module("re._parser")
kinds: Any = import_module("re._constants")

MOST_LITERALS: Final = 1024
"""Longer lists are cut off by taking the part before; the filter stays right, only less sharp."""

Literals = frozenset[str]

# Where case is ignored, a match need not hold the letters that were written.
_ANY_CASE: Final = re.IGNORECASE


@cache
def necessary_literals(pattern: str) -> Literals | None:
    r"""Find literals of which every match holds at least one.

    Args:
        pattern: A regular expression of the kind that RE2 and Python share.

    Returns:
        The literals; None if there is a match without any that could be named.

    Example:
        >>> sorted(necessary_literals(r"chain[- ]of|(\w+ ){0,3}grades?"))
        ['chain of', 'chain-of', 'grade']
    """
    tree = parser.parse(pattern)
    found = None if tree.state.flags & _ANY_CASE else _needed(list(tree))
    if found is None:
        return None
    return frozenset(
        text for text in found if not any(other in text for other in found if other != text)
    )


def _needed(items: list[tuple[Any, Any]]) -> Literals | None:
    """Best necessary set of a sequence: the one whose shortest literal is longest."""
    candidates: list[Literals] = []
    run: Literals = frozenset({""})
    for kind, value in items:
        exact = _exact(kind, value)
        longer = None if exact is None else _joined(run, exact)
        if longer is not None:
            run = longer
            continue
        candidates.append(run)
        run = exact if exact is not None else frozenset({""})
        inner = _inner(kind, value)
        if inner is not None:
            candidates.append(inner)
    candidates.append(run)
    usable = [found for found in candidates if found and min(map(len, found)) > 0]
    return max(usable, key=lambda found: (min(map(len, found)), -len(found)), default=None)


def _joined(first: Literals, second: Literals) -> Literals | None:
    if len(first) * len(second) > MOST_LITERALS:
        return None
    return frozenset(a + b for a, b in product(first, second))


def _exact(kind: Any, value: Any) -> Literals | None:
    """All texts that an item matches; None if they are too many to list."""
    if kind is kinds.LITERAL:
        return frozenset({chr(value)})
    if kind is kinds.AT:
        return frozenset({""})
    if kind is kinds.IN:
        if any(inner is not kinds.LITERAL for inner, _ in value):
            return None
        return frozenset(chr(code) for _, code in value)
    if kind is kinds.SUBPATTERN and not value[1] & _ANY_CASE:
        return _exact_sequence(list(value[3]))
    if kind is kinds.BRANCH:
        return _union(_exact_sequence(list(branch)) for branch in value[1])
    if kind is kinds.MAX_REPEAT and value[:2] == (0, 1):
        found = _exact_sequence(list(value[2]))
        return None if found is None else found | {""}
    return None


def _exact_sequence(items: list[tuple[Any, Any]]) -> Literals | None:
    total: Literals | None = frozenset({""})
    for kind, value in items:
        exact = _exact(kind, value)
        total = None if exact is None or total is None else _joined(total, exact)
        if total is None:
            return None
    return total


def _inner(kind: Any, value: Any) -> Literals | None:
    """Necessary literals of an item whose texts cannot be listed."""
    if kind is kinds.SUBPATTERN and not value[1] & _ANY_CASE:
        return _needed(list(value[3]))
    if kind is kinds.BRANCH:
        return _union(_needed(list(branch)) for branch in value[1])
    if kind is kinds.MAX_REPEAT and value[0] > 0:
        return _needed(list(value[2]))
    return None


def _union(sets: Any) -> Literals | None:
    total: set[str] = set()
    for found in sets:
        if found is None:
            return None
        total |= found
    return frozenset(total) if len(total) <= MOST_LITERALS else None
