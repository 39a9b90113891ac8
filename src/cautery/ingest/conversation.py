"""Reads the messages of a request: last user turn, system prompt, and what stands before.

Takes the shapes of OpenAI (chat and responses), Anthropic and OpenTelemetry, with content as a
text or a list of parts. Everything in a message is written by the client and may be any JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec

from cautery.ingest.json_records import decode_any
from cautery.ingest.signatures import signatures_of

_SYSTEM_ROLES: Final = frozenset({"system", "developer"})
_USER_ROLES: Final = frozenset({"user", "human"})
_TOOL_PARTS: Final = frozenset({"tool_result", "tool_call_response", "function_call_output"})
_TURN_END: Final = b"\x1e"
_FIELD_END: Final = b"\x1f"
_DEPTH: Final = 4
"""Parts inside parts that are followed; real ones need two."""


class Conversation(NamedTuple):
    """What is kept of a request's messages."""

    system_text: str | None
    input_text: str | None
    history_hash: str | None
    message_count: int | None
    image_count: int | None
    carried_signatures: list[int] | None = None
    """Hashes of the reasoning signatures that are sent back, newest last."""


NOT_LOGGED: Final = Conversation(None, None, None, None, None)
"""No messages in the log, which is not the same as an empty conversation."""


class _Turn(NamedTuple):
    role: str
    text: str
    images: int
    answers_tool: bool
    rest: bytes


def opened(value: Any) -> Any:
    """Decode a value that may be JSON inside a text; leave any other text alone.

    Args:
        value: Anything.

    Returns:
        The decoded value, or ``value`` itself.

    Example:
        >>> opened('[{"role": "user"}]'), opened("plain")
        ([{'role': 'user'}], 'plain')
    """
    if not isinstance(value, str) or value[:1] not in {"{", "["}:
        return value
    try:
        return decode_any(value.encode("utf-8", "replace"))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return value


def read_conversation(messages: Any, system: Any = None) -> Conversation:
    """Read the messages of one request.

    Args:
        messages: List of messages, one prompt as text, or JSON of either; empty if not logged.
        system: System prompt where it stands apart (Anthropic, responses API).

    Returns:
        What is kept of it; ``history_hash`` is None if nothing stands before the last user turn.

    Example:
        >>> read_conversation([{"role": "system", "content": "Be brief."},
        ...                    {"role": "user", "content": "Hi"}])[:2]
        ('Be brief.', 'Hi')
    """
    messages = opened(messages)
    if isinstance(messages, dict):
        messages = messages.get("messages", messages.get("input"))
    system_text = text_of(opened(system)) or None if system else None
    if isinstance(messages, str) and messages:
        return Conversation(system_text, messages, None, 1, 0)
    if not isinstance(messages, list) or not messages:
        return NOT_LOGGED._replace(system_text=system_text)
    if all(isinstance(message, str) for message in messages):
        # Several prompts in one request, as embeddings take them: no turns of a conversation.
        return Conversation(system_text, "\n".join(messages), None, len(messages), 0)
    plain = _plain_turns(messages)
    if plain is not None:
        return plain_conversation(plain, system_text)
    turns = [_turn(message) for message in messages]
    systems = [turn.text for turn in turns if turn.role in _SYSTEM_ROLES and turn.text]
    spoken = [turn for turn in turns if turn.role not in _SYSTEM_ROLES]
    last = _last_user_turn(spoken)
    return Conversation(
        "\n\n".join([system_text, *systems] if system_text else systems) or None,
        spoken[last].text if last is not None else None,
        history_hash(spoken[:last]) if last else None,
        len(turns),
        sum(turn.images for turn in turns),
        signatures_of(messages),
    )


def _plain_turns(messages: list[Any]) -> list[tuple[str, str]] | None:
    """Take role and text of every message; None if one is more than these two."""
    turns = []
    for message in messages:
        if type(message) is not dict:
            return None
        role, text = message.get("role"), message.get("content")
        if type(role) is not str or type(text) is not str or message.get("tool_calls"):
            return None
        if message.get("thinking_blocks"):
            return None
        turns.append((role, text))
    return turns


def plain_conversation(
    turns: list[tuple[str, str]], system_text: str | None = None
) -> Conversation:
    """Read messages that are a role and a text each, as most are: the same in one pass.

    Args:
        turns: Role and text of each message.
        system_text: System prompt that stands apart.

    Returns:
        What ``read_conversation`` gives for them.

    Example:
        >>> plain_conversation([("system", "Be brief."), ("user", "Hi")])[:2]
        ('Be brief.', 'Hi')
    """
    systems = [system_text] if system_text else []
    roles: list[str] = []
    texts: list[str] = []
    last, written = -1, False
    for given, text in turns:
        role = given.lower()
        if role in _SYSTEM_ROLES:
            if text:
                systems.append(text)
            continue
        if role in _USER_ROLES and (text or not written):
            last = len(texts)
            written = written or text != ""
        roles.append(role)
        texts.append(text)
    return Conversation(
        "\n\n".join(systems) or None,
        texts[last] if last >= 0 else None,
        _plain_history_hash(roles[:last], texts) if last > 0 else None,
        len(turns),
        0,
    )


def _plain_history_hash(roles: list[str], texts: list[str]) -> str:
    """Hash turns without calls of tools, as ``history_hash`` does, in one piece."""
    turns = [f"{role}\x1f{text}\x1e" for role, text in zip(roles, texts, strict=False)]
    return blake2b("".join(turns).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _last_user_turn(turns: list[_Turn]) -> int | None:
    """Index of the last turn that a person wrote; results of tools are not written by one."""
    users = [index for index, turn in enumerate(turns) if turn.role in _USER_ROLES]
    written = [
        index
        for index in users
        if (turns[index].text or turns[index].images) and not turns[index].answers_tool
    ]
    chosen = written or users
    return chosen[-1] if chosen else None


def history_hash(turns: list[_Turn]) -> str:
    """Hash turns, so that equal histories can be seen without keeping them.

    Args:
        turns: Turns before the last user turn, system prompts left out.

    Returns:
        128 bits in hexadecimal digits.
    """
    digest = blake2b(digest_size=16)
    for turn in turns:
        digest.update(turn.role.encode("utf-8", "replace"))
        digest.update(_FIELD_END)
        digest.update(turn.text.encode("utf-8", "replace"))
        digest.update(turn.rest)
        digest.update(_TURN_END)
    return digest.hexdigest()


def _turn(message: Any) -> _Turn:
    if isinstance(message, str):
        return _Turn("user", message, 0, answers_tool=False, rest=b"")
    if not isinstance(message, dict):
        return _Turn("", "", 0, answers_tool=False, rest=b"")
    role = message.get("role")
    if not isinstance(role, str):
        # The responses API has items without a role: calls of tools and their results.
        role = "user" if "content" in message and "type" not in message else "tool"
    content = message.get("content")
    if content is None:
        content = message.get("parts")
    if isinstance(content, str):
        text, images, answers = content, 0, False
    else:
        text, images, answers = text_of(content), _images(content, _DEPTH), _answers_tool(content)
    calls = message.get("tool_calls")
    rest = msgspec.json.encode(calls) if isinstance(calls, list) and calls else b""
    return _Turn(role.lower(), text, images, answers, rest)


def text_of(content: Any) -> str:
    r"""Join the texts of a content, however it is nested.

    Args:
        content: A text, a part, or a list of parts.

    Returns:
        Texts by newlines; empty if there is none.

    Example:
        >>> text_of([{"type": "text", "text": "a"}, {"type": "image_url"}, {"text": "b"}])
        'a\nb'
    """
    if isinstance(content, str):
        return content
    return "\n".join(_texts(content, _DEPTH)) if content else ""


def _texts(content: Any, depth: int) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif depth and isinstance(content, list):
        for item in content:
            yield from _texts(item, depth - 1)
    elif depth and isinstance(content, dict):
        kind = content.get("type")
        if isinstance(kind, str) and (kind in _TOOL_PARTS or kind.startswith("tool_call")):
            return
        for key in ("text", "content", "parts"):
            if content.get(key) is not None and _is_words(kind):
                yield from _texts(content[key], depth - 1)
                return


def _is_words(kind: Any) -> bool:
    return not isinstance(kind, str) or kind in {
        "text",
        "input_text",
        "output_text",
        "message",
        "refusal",
    }


def _images(content: Any, depth: int) -> int:
    if not depth:
        return 0
    if isinstance(content, list):
        return sum(_images(item, depth - 1) for item in content)
    if not isinstance(content, dict):
        return 0
    kind = content.get("type")
    if isinstance(kind, str) and "image" in kind:
        return 1
    return int(content.get("modality") == "image")


def _answers_tool(content: Any) -> bool:
    """Whether a message holds results of tools and no words of its own."""
    if not isinstance(content, list) or not content:
        return False
    kinds = [part.get("type") if isinstance(part, dict) else None for part in content]
    return all(isinstance(kind, str) and kind in _TOOL_PARTS for kind in kinds)
