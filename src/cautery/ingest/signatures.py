"""Reads the signatures of reasoning blocks, and hashes them on the spot.

A served model signs its reasoning or encrypts it, so that the client can send it back in a later
request. Such a text is bound to one response: two accounts that show the same one share it. Taken
are ``signature`` and ``data`` of Anthropic's blocks of thinking, in content or in LiteLLM's
``thinking_blocks``, and ``encrypted_content`` or the id of a reasoning item of the Responses API.
"""

from __future__ import annotations

from collections.abc import Iterable
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
_BLOCKS: Final = ("thinking_blocks", "content", "parts")


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
            _add_signatures(found, message)
    if not found:
        return None
    return [signature_hash(text) for text in list(found)[-MOST_SIGNATURES:]]


def _add_signatures(found: dict[str, None], message: dict[str, Any]) -> None:
    kind = message.get("type")
    if isinstance(kind, str) and kind in _ITEMS:
        _add(found, _of_item(message), LEAST_ID_CHARACTERS)
    for name in _BLOCKS:
        blocks = message.get(name)
        if type(blocks) is list:
            for block in blocks:
                kind = block.get("type") if isinstance(block, dict) else None
                # Most parts are texts: nothing more is asked of them.
                if kind != "text" and isinstance(kind, str) and kind in _FIELDS:
                    _add(found, block.get(_FIELDS[kind]), LEAST_CHARACTERS)


def _of_item(item: dict[str, Any]) -> Any:
    """What is opaque of a reasoning item: its encrypted content, or else the id."""
    encrypted, name = item.get("encrypted_content"), item.get("id")
    if isinstance(encrypted, str) and len(encrypted) >= LEAST_CHARACTERS:
        return encrypted
    return name if isinstance(name, str) and name.startswith(_ID_START) else None


def _add(found: dict[str, None], text: Any, least_characters: int) -> None:
    if isinstance(text, str) and len(text) >= least_characters:
        found.pop(text, None)  # sent once more, it is as new as its last place
        found[text] = None
