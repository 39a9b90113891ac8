"""Reads the signatures of reasoning blocks, and hashes them on the spot.

A served model signs its reasoning or encrypts it, so that the client can send it back in a later
request. Such a text is bound to one response: two accounts that show the same one share it. Taken
are ``signature`` and ``data`` of Anthropic's blocks of thinking, in content or in LiteLLM's
``thinking_blocks``, and ``encrypted_content`` or the id of a reasoning item of the Responses API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, Final

MOST_SIGNATURES: Final = 16
"""Signatures that are kept of one answer, and of one history: the newest. Those before them were
the newest of an earlier request."""
LEAST_CHARACTERS: Final = 64
"""Shorter texts are placeholders (``skip_thought_signature_validator``) or too few bits to be
anybody's own; real ones have hundreds of characters."""
LEAST_ID_CHARACTERS: Final = 24
"""The same of identifiers: ``rs_`` and at least 80 random bits."""
_ID_START: Final = "rs_"
_PERSON: Final = b"signature"
_ITEMS: Final = frozenset({"reasoning", "item_reference"})
_FIELDS: Final = {"thinking": "signature", "redacted_thinking": "data"}


def signature_hash(signature: str) -> int:
    """Hash one signature; cryptographic, as whoever replays one must not pass it for another's.

    Args:
        signature: Signature, encrypted reasoning or identifier of a reasoning item.

    Returns:
        A signed integer of 64 bits (BLAKE2b, RFC 7693).

    Example:
        >>> signature_hash("a") == signature_hash("a") != signature_hash("b")
        True
    """
    raw = signature.encode("utf-8", "replace")
    return int.from_bytes(blake2b(raw, digest_size=8, person=_PERSON).digest(), "big", signed=True)


def issued_signatures(response: dict[str, Any]) -> list[int] | None:
    """Hash the signatures that an answer carries.

    Args:
        response: Chat completion, responses object or Anthropic message.

    Returns:
        The newest ``MOST_SIGNATURES``, each once; None if there is none.

    Example:
        >>> block = {"type": "thinking", "thinking": "Hm.", "signature": "E" * 64}
        >>> issued_signatures({"content": [block]}) == [signature_hash("E" * 64)]
        True
    """
    choices, output = response.get("choices"), response.get("output")
    if isinstance(choices, list):
        return signatures_of(one.get("message") for one in choices if isinstance(one, dict))
    return signatures_of(output if isinstance(output, list) else [response])


def signatures_of(messages: Iterable[Any]) -> list[int] | None:
    """Hash the signatures in some messages, such as those of a request.

    Args:
        messages: Messages or items, oldest first; anything else among them carries none.

    Returns:
        The newest ``MOST_SIGNATURES``, each once and oldest first; None if there is none.
    """
    found: dict[str, None] = {}
    for message in messages:
        if isinstance(message, dict):
            for text in _texts(message):
                found.pop(text, None)  # sent once more, it is as new as its last place
                found[text] = None
    if not found:
        return None
    return [signature_hash(text) for text in list(found)[-MOST_SIGNATURES:]]


def _texts(message: dict[str, Any]) -> Iterator[str]:
    kind = message.get("type")
    if isinstance(kind, str) and kind in _ITEMS:
        yield from _item(message)
    blocks = message.get("thinking_blocks")
    if isinstance(blocks, list) and blocks:
        yield from _blocks(blocks)
    for name in ("content", "parts"):
        parts = message.get(name)
        if isinstance(parts, list):
            yield from _blocks(parts)


def _item(item: dict[str, Any]) -> Iterator[str]:
    """What is opaque of a reasoning item: its encrypted content, or else the id."""
    encrypted = item.get("encrypted_content")
    if isinstance(encrypted, str) and len(encrypted) >= LEAST_CHARACTERS:
        yield encrypted
        return
    name = item.get("id")
    if isinstance(name, str) and name.startswith(_ID_START) and len(name) >= LEAST_ID_CHARACTERS:
        yield name


def _blocks(blocks: list[Any]) -> Iterator[str]:
    for block in blocks:
        kind = block.get("type") if isinstance(block, dict) else None
        field = _FIELDS.get(kind) if isinstance(kind, str) else None
        text = block.get(field) if field is not None else None
        if isinstance(text, str) and len(text) >= LEAST_CHARACTERS:
            yield text
