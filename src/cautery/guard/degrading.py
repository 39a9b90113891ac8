"""What *degrade* changes: the request on its way in, and an answer that is not streamed.

A client under suspicion keeps the answer and loses what makes it a good lesson: the reasoning, the
log-probabilities and the other choices. The request is changed as well, so that the server does not
compute in vain; the answer is changed all the same, because a server may give more than was asked.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import msgspec

from cautery.guard.hidden_reasoning import without_reasoning
from cautery.guard.request_reading import RequestBody, decoded
from cautery.records.decision import Degradation

_ONE: Final = msgspec.Raw(b"1")
_LOGPROB_FIELDS: Final = ("logprobs", "top_logprobs", "prompt_logprobs", "return_logprob")
_CHOICE_FIELDS: Final = ("n", "best_of", "num_choices")
_REASONING_FIELDS: Final = frozenset(
    {
        "provider_specific_fields",
        "reasoning",
        "reasoning_content",
        "reasoning_details",
        "reasoning_text",
        "thinking",
        "thinking_blocks",
    }
)
"""Where servers put the reasoning in a message or a delta; LiteLLM repeats it in the first."""
_PROBABILITY_FIELDS: Final = frozenset({"logprobs", "prompt_logprobs", "top_logprobs"})
HIDDEN_BLOCKS: Final = frozenset({"thinking", "redacted_thinking", "reasoning"})
"""Types of content blocks (Anthropic) and output items (responses API) that are reasoning."""


def hides_probabilities(degradations: Collection[Degradation]) -> bool:
    """Say whether log-probabilities are left out: on their own, or with the reasoning they spell.

    Each carries its token, so that those of a hidden reasoning are the reasoning.
    """
    return "drop_logprobs" in degradations or "hide_reasoning" in degradations


class UndegradableError(ValueError):
    """An answer that cannot be changed as it must be, so it is not sent."""


def degrade_request(body: RequestBody, degradations: Collection[Degradation]) -> None:
    """Ask the server for less, in place.

    Args:
        body: As it was read.
        degradations: What the answer leaves out.
    """
    fields = body.fields
    if hides_probabilities(degradations):
        for name in _LOGPROB_FIELDS:
            fields.pop(name, None)
        included = decoded(fields.get("include", msgspec.UNSET))
        if isinstance(included, list):
            kept = [name for name in included if "logprobs" not in str(name)]
            fields["include"] = msgspec.Raw(msgspec.json.encode(kept))
    if "single_choice" in degradations:
        for name in _CHOICE_FIELDS:
            if name in fields:
                fields[name] = _ONE


def degrade_answer(
    content: bytes, degradations: Collection[Degradation], *, begins_inside: bool = False
) -> bytes:
    """Take out of an answer what it is to leave out.

    Args:
        content: The whole body, JSON.
        degradations: What to leave out.
        begins_inside: As for ``hidden_reasoning.ReasoningFilter``.

    Returns:
        The new body.

    Raises:
        UndegradableError: It is no JSON object, so nobody knows what it holds.
    """
    try:
        answer = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UndegradableError("the answer is no JSON") from None
    if not isinstance(answer, dict):
        raise UndegradableError("the answer is no JSON object")
    degrade_object(answer, degradations, begins_inside=begins_inside)
    return msgspec.json.encode(answer)


def degrade_object(
    answer: dict[str, Any], degradations: Collection[Degradation], *, begins_inside: bool = False
) -> None:
    """Take out of a decoded answer what it is to leave out, in place, in every dialect."""
    choices = answer.get("choices")
    if isinstance(choices, list) and "single_choice" in degradations:
        answer["choices"] = choices = choices[:1]
    if hides_probabilities(degradations):
        drop_probabilities(answer)
    if "hide_reasoning" in degradations:
        _hide_reasoning(answer, begins_inside)


def drop_probabilities(value: Any, depth: int = 8) -> None:
    """Empty every field of log-probabilities, in place.

    Args:
        value: Decoded JSON.
        depth: Levels to go down; the APIs put them at most six deep.
    """
    if depth == 0:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in _PROBABILITY_FIELDS:
                value[name] = [] if isinstance(inner, list) else None
            else:
                drop_probabilities(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            drop_probabilities(inner, depth - 1)


def _hide_reasoning(answer: dict[str, Any], begins_inside: bool) -> None:
    for choice in _objects(answer.get("choices")):
        message = choice.get("message")
        if isinstance(message, dict):
            drop_reasoning_fields(message)
            _filter_text(message, "content", begins_inside)
        drop_reasoning_fields(choice)
        _filter_text(choice, "text", begins_inside)
    message = answer.get("message")
    if isinstance(message, dict):
        drop_reasoning_fields(message)
        _filter_text(message, "content", begins_inside)
    # At the top of an answer of the responses API, `reasoning` repeats what was asked for.
    answer.pop("thinking", None)
    _filter_text(answer, "response", begins_inside)
    for name in ("content", "output"):
        if isinstance(answer.get(name), list):
            answer[name] = visible_parts(answer[name], begins_inside)


def visible_parts(parts: list[Any], begins_inside: bool) -> list[Any]:
    """Leave the reasoning out of content blocks or output items."""
    visible = []
    for part in parts:
        if isinstance(part, dict):
            if part.get("type") in HIDDEN_BLOCKS:
                continue
            _filter_text(part, "text", begins_inside)
            if isinstance(part.get("content"), list):
                part["content"] = visible_parts(part["content"], begins_inside)
        visible.append(part)
    return visible


def drop_reasoning_fields(message: dict[str, Any]) -> bool:
    """Drop the fields that hold reasoning from a message or a delta; say whether there were any."""
    found = _REASONING_FIELDS & message.keys()
    for name in found:
        del message[name]
    return bool(found)


def _filter_text(holder: dict[str, Any], name: str, begins_inside: bool) -> None:
    text = holder.get(name)
    if isinstance(text, str):
        holder[name] = without_reasoning(text, begins_inside=begins_inside)
    elif isinstance(text, list) and name == "content":
        holder[name] = visible_parts(text, begins_inside)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
