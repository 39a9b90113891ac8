"""Refuses bodies that the server behind a gateway might read otherwise than the guard did.

The proxy writes each body anew, so that both read the same. A gateway passes it on as the client
wrote it. So here every key may stand once, no name may differ from one that rules look at by the
case of its letters only, and nothing may be in it that the proxy would have taken out.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final, NoReturn

from cautery.guard.opt_outs import strip_opt_outs
from cautery.guard.request_reading import GUARDED_FIELDS, RequestBody

MOST_OBJECTS: Final = 100_000
"""Of one body; the longest conversations have some thousands."""


class AmbiguousBodyError(ValueError):
    """A body with two readings, or one that asks for what no client may; quotes nothing of it."""


def check_plain_body(
    content: bytes, body: RequestBody, more: Collection[str] = frozenset()
) -> None:
    """Check a body that goes on as it is.

    Args:
        content: As it came; a JSON object.
        body: The same, read; what no client may set is taken out of it.
        more: Further fields that no client may set, in lower case.

    Raises:
        AmbiguousBodyError: It is refused.

    Example:
        >>> from cautery.guard.request_reading import read_body
        >>> twice = b'{"n": 1, "n": 5}'
        >>> check_plain_body(twice, read_body(twice))
        Traceback (most recent call last):
        ...
        cautery.guard.deciding_service.plain_body.AmbiguousBodyError: a key stands twice
    """
    try:
        # Numbers are not read: long ones take long.
        names = json.loads(
            content.decode(),
            object_pairs_hook=_Objects().names,
            parse_constant=_refuse_number,
            parse_int=len,
            parse_float=len,
        )
    except AmbiguousBodyError:
        raise
    except (ValueError, RecursionError):
        raise AmbiguousBodyError("no JSON that every reader takes") from None
    if any(name not in GUARDED_FIELDS and name.casefold() in GUARDED_FIELDS for name in names):
        raise AmbiguousBodyError("a name differs by case only")
    if strip_opt_outs(body, more):
        raise AmbiguousBodyError("a field that no client may set")


class _Objects:
    """Keeps of each object its names only, and counts objects: each costs a call of Python's."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MOST_OBJECTS

    def names(self, pairs: list[tuple[str, object]]) -> frozenset[str]:
        names = frozenset([name for name, _ in pairs])
        self._left -= 1
        if self._left < 0:
            raise AmbiguousBodyError("too many objects")
        if len(names) != len(pairs):
            raise AmbiguousBodyError("a key stands twice")
        return names


def _refuse_number(_: str) -> NoReturn:
    raise AmbiguousBodyError("no number of JSON's")
