"""Reads the response of a model: answer, reason of its end, tokens.

Token conventions differ: OpenAI and OpenTelemetry count cached tokens among the input tokens,
Anthropic leaves them out. Ours includes them (contracts, section 1).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from cautery.ingest.coerce import as_int
from cautery.ingest.conversation import opened, text_of
from cautery.ingest.signatures import issued_signatures


class Tokens(NamedTuple):
    """Token counts of one exchange, cached input included."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


class Answer(NamedTuple):
    """What is kept of a response."""

    text: str | None = None
    finish_reason: str | None = None
    response_id: Any = None
    model: Any = None
    usage: Any = None
    error_type: Any = None
    issued_signatures: list[int] | None = None
    """Hashes of the reasoning signatures in it."""


NO_ANSWER: Final = Answer()


def read_tokens(usage: Any) -> Tokens:
    """Read a usage object of any of the three conventions.

    Args:
        usage: ``usage`` of a response, or LiteLLM's ``usage_object``.

    Returns:
        The counts; ``input_tokens`` includes cached ones.

    Example:
        >>> read_tokens({"input_tokens": 5, "cache_read_input_tokens": 100}).input_tokens
        105
    """
    if not isinstance(usage, dict):
        return Tokens()
    inputs = _object(usage, "prompt_tokens_details", "input_tokens_details")
    outputs = _object(usage, "completion_tokens_details", "output_tokens_details")
    read = _first(usage, "cache_read_input_tokens")
    write = _first(usage, "cache_creation_input_tokens")
    if "prompt_tokens" in usage:
        total = _first(usage, "prompt_tokens")
    else:
        total = _first(usage, "input_tokens")
        if total is not None and (read is not None or write is not None):
            total += (read or 0) + (write or 0)
    if inputs:
        if read is None:
            read = _first(inputs, "cached_tokens", "cache_read_tokens")
        if write is None:
            write = _first(inputs, "cache_creation_tokens", "cache_write_tokens")
    return Tokens(
        total,
        _first(usage, "completion_tokens", "output_tokens"),
        read,
        write,
        _first(outputs, "reasoning_tokens") if outputs else None,
    )


def _object(record: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        value = record.get(key)
        if isinstance(value, dict):
            return value
    return {}


def _first(record: dict[str, Any], *keys: str) -> int | None:
    for key in keys:
        value = record.get(key)
        if type(value) is int:
            return value
        number = None if value is None else as_int(value)
        if number is not None:
            return number
    return None


def read_answer(response: Any) -> Answer:
    """Read a response body.

    Args:
        response: Chat completion, text completion, responses object, Anthropic message, plain
            text, or JSON of any of them; empty if not logged.

    Returns:
        What is kept of it.

    Example:
        >>> read_answer({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]})[:2]
        ('Hi', 'stop')
    """
    response = opened(response)
    if isinstance(response, str):
        return Answer(text=text_of(response)) if response else NO_ANSWER
    if not isinstance(response, dict) or not response:
        return NO_ANSWER
    text, reason = _words(response)
    error = response.get("error")
    return Answer(
        text=text or None,
        finish_reason=reason if isinstance(reason, str) else None,
        response_id=response.get("id"),
        model=response.get("model"),
        usage=response.get("usage"),
        error_type=_error_type(error),
        issued_signatures=issued_signatures(response),
    )


def _words(response: dict[str, Any]) -> tuple[str, Any]:
    choices = response.get("choices")
    if isinstance(choices, list):
        plain = _plain_choice(choices)
        if plain is not None:
            return plain
        known = [choice for choice in choices if isinstance(choice, dict)]
        texts = [_choice_text(choice) for choice in known]
        reason = known[0].get("finish_reason") if known else None
        return "\n\n".join(text for text in texts if text), reason
    if "output" in response:
        output = response.get("output_text") or response["output"]
        return text_of(output), response.get("stop_reason") or response.get("status")
    return text_of(response.get("content")), response.get("stop_reason")


def _plain_choice(choices: list[Any]) -> tuple[str, Any] | None:
    """Text and reason of one choice with a text, which most answers are; None for all others."""
    choice = choices[0] if len(choices) == 1 else None
    message = choice.get("message") if type(choice) is dict else None
    text = message.get("content") if type(message) is dict else None
    return (text, choice.get("finish_reason")) if choice and type(text) is str else None


def _choice_text(choice: dict[str, Any]) -> str:
    message = choice.get("message")
    if isinstance(message, dict):
        return text_of(message.get("content"))
    return text_of(choice.get("text"))


def _error_type(error: Any) -> Any:
    if isinstance(error, dict):
        return error.get("type") or error.get("code") or "error"
    return "error" if error else None
