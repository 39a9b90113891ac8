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
        names = _DECODER.decode(content.decode())
    except AmbiguousBodyError:
        raise
    except (ValueError, RecursionError):
        raise AmbiguousBodyError("no JSON that every reader takes") from None
    if any(name not in GUARDED_FIELDS and name.casefold() in GUARDED_FIELDS for name in names):
        raise AmbiguousBodyError("a name differs by case only")
    if strip_opt_outs(body, more):
        raise AmbiguousBodyError("a field that no client may set")


def _names_once(pairs: list[tuple[str, object]]) -> frozenset[str]:
    names = frozenset(name for name, _ in pairs)
    if len(names) != len(pairs):
        raise AmbiguousBodyError("a key stands twice")
    return names


def _refuse_number(_: str) -> NoReturn:
    raise AmbiguousBodyError("no number of JSON's")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_names_once, parse_constant=_refuse_number, parse_int=len, parse_float=len
)
"""Keeps of each object its names only; numbers are not read, since long ones take long."""
