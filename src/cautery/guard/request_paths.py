"""Which operation a request's path asks for, spelt in one way only.

A guard and the server behind it must read a path alike, or what the guard takes for something
harmless is a chat completion. Servers undo percent-encoding, join slashes and drop dots as they
see fit; so a path that could be spelt more simply is refused, not rewritten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cautery.records.request import Dialect

_PLAIN_PATH: Final = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,=:@-]+(?:/(?=[^/]))?)*/?")
_QUERY: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*")
_DOTS: Final = re.compile(r"/\.{1,2}(?:/|$)")
MOST_CHARACTERS: Final = 2048
"""Of a request target; the paths of both APIs are shorter than a hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a path asks for."""

    path: str
    """Without the query, and without a slash at its end."""
    dialect: Dialect
    """Whose client library asks so."""
    name: str
    """As in the exchange table; empty if it is no question to a served model."""


_OPERATIONS: Final[tuple[tuple[str, Dialect, str], ...]] = (
    ("/chat/completions", "openai", "chat"),
    ("/responses", "openai", "chat"),
    ("/completions", "openai", "text_completion"),
    ("/embeddings", "openai", "embeddings"),
    ("/messages/count_tokens", "anthropic", ""),
    ("/messages", "anthropic", "chat"),
    ("/complete", "anthropic", "text_completion"),
    ("/api/chat", "other", "chat"),
    ("/api/generate", "other", "text_completion"),
    ("/generate", "other", "text_completion"),
)
"""Endings of paths, in the order in which they are tried."""


@lru_cache(maxsize=4096)
def read_target(target: str) -> Operation | None:
    """Read a request target in origin form.

    Args:
        target: Path and query, as on the request line.

    Returns:
        The operation; None if the target is too long, or is not spelt in the one plain way.

    Example:
        >>> read_target("/v1/chat/completions?a=1").name
        'chat'
        >>> read_target("/v1/%63hat/completions") is None
        True
    """
    path, _, query = target.partition("?")
    if (
        len(target) > MOST_CHARACTERS
        or not _PLAIN_PATH.fullmatch(path)
        or not _QUERY.fullmatch(query)
        or _DOTS.search(path)
        or "//" in path
    ):
        return None
    plain = path.rstrip("/") or "/"
    # Some servers match paths whatever the case of their letters.
    lower = plain.lower()
    for ending, dialect, name in _OPERATIONS:
        if lower.endswith(ending):
            return Operation(path=plain, dialect=dialect, name=name)
    dialect = "openai" if lower.startswith("/v1/") else "other"
    return Operation(path=plain, dialect=dialect, name="")
