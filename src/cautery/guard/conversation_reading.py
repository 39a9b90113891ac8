"""Reads what is asked and said before, for the exchange record and the sketch of a template.

The meaning of each column is that of the exchange table: ``input_text`` is the last user turn, and
of the turns before it only a hash is kept. Nothing here raises: content of an unknown shape is no
text, and the server behind the guard will say what it thinks of it.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import msgspec

from cautery.guard.request_reading import RequestBody, decoded

_SYSTEM_ROLES: Final = frozenset({"system", "developer"})
_USER_ROLES: Final = frozenset({"user", "human"})
_IMAGE_PARTS: Final = frozenset({"image", "image_url", "input_image"})
_TEMPLATE_WORDS: Final = 12
_TEMPLATE_CHARACTERS: Final = 256
_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")


class _Turn(msgspec.Struct):
    role: str
    content: str


_PLAIN_TURNS: Final = msgspec.json.Decoder(list[_Turn])
"""Most messages are a role and a text each; read so, they cost a third."""


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a request's messages; None is *not there*."""

    system_text: str | None = None
    input_text: str | None = None
    history_hash: str | None = None
    message_count: int | None = None
    image_count: int | None = None


def read_conversation(body: RequestBody) -> Conversation:
    """Read the messages of a body in either dialect.

    Args:
        body: As ``read_body`` gave it.

    Returns:
        What is kept of them.
    """
    fields = body.fields
    apart = fields.get("system") or fields.get("instructions")
    system = "" if apart is None else text_of(decoded(apart))
    raw = fields.get("messages") or fields.get("input") or fields.get("prompt")
    if raw is None:
        return Conversation(system_text=system or None)
    try:
        plain = _PLAIN_TURNS.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _read_any(decoded(raw), system)
    return _keep([(turn.role.lower(), turn.content) for turn in plain], system, len(plain), 0)


def _read_any(asked: Any, system: str) -> Conversation:
    """Read what is not a list of plain messages."""
    if isinstance(asked, str):
        return Conversation(
            system_text=system or None, input_text=asked, message_count=1, image_count=0
        )
    if not isinstance(asked, list) or not asked:
        return Conversation(system_text=system or None)
    if all(isinstance(prompt, str) for prompt in asked):
        return Conversation(
            system_text=system or None,
            input_text="\n".join(asked),
            message_count=len(asked),
            image_count=0,
        )
    turns = [turn for turn in asked if isinstance(turn, dict)]
    return _keep(
        [(str(turn.get("role", "")).lower(), text_of(turn.get("content"))) for turn in turns],
        system,
        len(turns),
        sum(_images_of(turn.get("content")) for turn in turns),
    )


def _keep(
    turns: list[tuple[str, str]], system: str, message_count: int, image_count: int
) -> Conversation:
    systems = [system] if system else []
    spoken: list[tuple[str, str]] = []
    last, written = -1, False
    for turn in turns:
        role, text = turn
        if role in _SYSTEM_ROLES:
            if text:
                systems.append(text)
            continue
        if role in _USER_ROLES and (text or not written):
            last, written = len(spoken), bool(text)
        spoken.append(turn)
    if not message_count:
        return Conversation(system_text=system or None)
    return Conversation(
        system_text="\n\n".join(systems) or None,
        input_text=spoken[last][1] if last >= 0 else None,
        history_hash=_hash_turns(spoken[:last]) if last > 0 else None,
        message_count=message_count,
        image_count=image_count,
    )


def _hash_turns(turns: list[tuple[str, str]]) -> str:
    """Hash turns as ``cautery.ingest`` does for turns without calls of tools."""
    joined = "".join(f"{role}\x1f{text}\x1e" for role, text in turns)
    return blake2b(joined.encode("utf-8", "replace"), digest_size=16).hexdigest()


def text_of(content: Any) -> str:
    """Take the text out of a message's content.

    Args:
        content: A text, or a list of parts; anything else has none.

    Returns:
        The texts of all parts, one a line.

    Example:
        >>> text_of([{"type": "text", "text": "a"}, {"type": "image_url"}])
        'a'
    """
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = [part.get("text") for part in content if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))


def _images_of(content: Any) -> int:
    if not isinstance(content, list):
        return 0
    return sum(isinstance(part, dict) and part.get("type") in _IMAGE_PARTS for part in content)


def sketch_template(text: str | None, key: bytes) -> int:
    """Sketch how a prompt opens, with numbers left out, as a keyed 64-bit number.

    Two prompts of one template that opens with fixed words have the same sketch. It is an early
    sign only: a template whose variable part comes first is not seen, and popular openings are
    shared by strangers. The scan judges with more.

    Args:
        text: The last user turn.
        key: At most 64 bytes that only this provider knows, so that nobody can search for
            prompts by their sketches.

    Returns:
        The sketch, 0 without a text.

    Example:
        >>> grade = "Grade this answer from 1 to {}, and say why in one sentence: it is so."
        >>> sketch_template(grade.format(5), b"k") == sketch_template(grade.format(10), b"k")
        True
    """
    if not text:
        return 0
    words = text[:_TEMPLATE_CHARACTERS].split(None, _TEMPLATE_WORDS)[:_TEMPLATE_WORDS]
    # Every number becomes one 0; a regular expression would take three times as long.
    opening = " ".join(words).lower().encode("utf-8", "replace").translate(_ZEROS)
    while b"00" in opening:
        opening = opening.replace(b"00", b"0")
    keyed = _keyed_hash(key).copy()
    keyed.update(opening)
    return int.from_bytes(keyed.digest()) or 1


@lru_cache(maxsize=8)
def _keyed_hash(key: bytes) -> blake2b:
    """Begin a hash with its key, which costs as much as all the rest of it."""
    return blake2b(digest_size=8, key=key)
