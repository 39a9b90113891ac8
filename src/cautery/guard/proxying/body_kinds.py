"""Which kinds of bodies are read, passed on unread, or refused, by the head that came with them."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cautery.guard.answers import Refusal
from cautery.guard.request_paths import Operation

_OPAQUE: Final = (b"multipart/form-data", b"application/octet-stream", b"audio/")
"""Kinds of bodies that are passed on unread, where no question to a served model is asked."""


def is_opaque(named: dict[bytes, bytes]) -> bool:
    """Say whether a body is an upload that nobody reads here.

    Args:
        named: Headers of its request, by name.

    Returns:
        Whether it is passed on unread.
    """
    return _is_opaque_kind(named.get(b"content-type", b""))


@lru_cache(maxsize=64)
def _is_opaque_kind(kind: bytes) -> bool:
    return kind.lower().startswith(_OPAQUE)


def refuse_kind(named: dict[bytes, bytes], operation: Operation) -> Refusal | None:
    """Refuse a body that cannot be read although a model is asked by it.

    Args:
        named: Headers of its request, by name.
        operation: What the path asks for.

    Returns:
        Why; None if it may be read, or passed on unread.

    Example:
        >>> chat = Operation(path="/v1/chat/completions", dialect="openai", name="chat")
        >>> refuse_kind({b"content-encoding": b"gzip"}, chat)
        'unsupported_body'
    """
    if b"content-encoding" in named and named[b"content-encoding"].lower() != b"identity":
        return "unsupported_body"
    return "unsupported_body" if operation.name and is_opaque(named) else None
