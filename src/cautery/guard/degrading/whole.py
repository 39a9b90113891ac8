"""What *degrade* does to an answer that is not streamed.

A client under suspicion keeps the answer and loses what makes it a good lesson: the reasoning or
all but a summary of it, the log-probabilities, the other choices, the explanation.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from cautery.guard.degrading.fields import (
    HIDDEN_BLOCKS,
    TEXT_BLOCKS,
    drop_probabilities,
    kind_of,
    objects_in,
    reasoning_block,
    reasoning_of,
    take_reasoning,
)
from cautery.guard.degrading.plans import Degrading, FinalAnswer
from cautery.guard.degrading.undegradable import UndegradableError

_SPOKEN: Final = frozenset({"completion", "content", "message", "output", "response"})
"""Fields of answers that have no list of choices."""
_REASONS_AT_TOP: Final = "thinking"
"""Field of Ollama's; at the top of an answer of the responses API, `reasoning` repeats what was
asked for."""


def degrade_answer(content: bytes, degrading: Degrading) -> bytes:
    """Do to an answer what is to be done.

    Args:
        content: The whole body, JSON.
        degrading: What is done.

    Returns:
        The new body.

    Raises:
        UndegradableError: It is no JSON object, so nobody knows what it holds; or it is longer
            than may be held back, and the operator wants an error then.
    """
    try:
        answer = msgspec.json.decode(content)
        if not isinstance(answer, dict):
            raise UndegradableError("the answer is no JSON object")
        degrade_object(answer, degrading)
        return msgspec.json.encode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UndegradableError("the answer is no JSON, or too deep") from None


def degrade_object(answer: dict[str, Any], degrading: Degrading) -> None:
    """Do to a decoded answer what is to be done, in place, in every dialect."""
    tally, choices = degrading.tally, answer.get("choices")
    if isinstance(choices, list):
        tally.before.choices.update(range(len(choices)))
        if degrading.leaves_one:
            answer["choices"] = choices = choices[:1]
        tally.after.choices.update(range(len(choices)))
    elif _SPOKEN & answer.keys():
        tally.one_choice()
    if degrading.drops_chances:
        drop_probabilities(answer, tally)
    if degrading.rewrites:
        _rewrite(answer, degrading)


def _rewrite(answer: dict[str, Any], degrading: Degrading) -> None:
    for choice in objects_in(answer.get("choices")):
        if isinstance(choice.get("message"), dict):
            rewrite_message(choice["message"], degrading)
        _rewrite_reasoning(choice, degrading)
        _rewrite_text(choice, "text", degrading)
    if isinstance(answer.get("message"), dict):
        rewrite_message(answer["message"], degrading)
    if _REASONS_AT_TOP in answer:
        taken = {_REASONS_AT_TOP: answer.pop(_REASONS_AT_TOP)}
        _rewrite_reasoning(taken, degrading)
        answer |= taken
    for name in ("response", "completion"):
        _rewrite_text(answer, name, degrading)
    if isinstance(answer.get("content"), list):
        answer["content"] = shown_parts(answer["content"], degrading)
    if isinstance(answer.get("output"), list):
        answer["output"] = shown_items(answer["output"], degrading)


def rewrite_message(message: dict[str, Any], degrading: Degrading) -> None:
    """Rewrite reasoning and text of a whole message of chat completions, in place."""
    _rewrite_reasoning(message, degrading)
    if isinstance(message.get("content"), list):
        message["content"] = shown_parts(message["content"], degrading)
    else:
        _rewrite_text(message, "content", degrading)


def _rewrite_reasoning(message: dict[str, Any], degrading: Degrading) -> None:
    """Show in the fields of reasoning what may be shown, and leave out the others."""
    for name, text in take_reasoning(message).items():
        if shown := shown_reasoning(text, degrading):
            message[name] = shown


def shown_reasoning(text: str, degrading: Degrading) -> str:
    """Say what is shown in place of a whole reasoning; empty for nothing."""
    held = degrading.open_reasoning()
    held.feed(text)
    return held.finish()


def _rewrite_text(holder: dict[str, Any], name: str, degrading: Degrading) -> None:
    text = holder.get(name)
    if not isinstance(text, str):
        return
    holder[name] = degrading.shown(text)
    if degrading.leaves_answer:
        answer = degrading.open_answer()
        answer.feed(holder[name])
        holder[name] = answer.finish()


def shown_parts(parts: list[Any], degrading: Degrading) -> list[Any]:
    """Do to the content blocks of one message what is to be done.

    Where the final answer is left it is that of all their texts, in one block at the end.
    """
    if not degrading.leaves_answer:
        return rewritten_parts(parts, degrading)
    answer = degrading.open_answer()
    left = _without_texts(parts, degrading, answer)
    said = answer.finish()
    return [*left, {"type": "text", "text": said}] if said else left


def _without_texts(parts: list[Any], degrading: Degrading, answer: FinalAnswer) -> list[Any]:
    """Hand the texts to the one answer, and give the other parts."""
    left, apart = [], False
    for part in parts:
        name = TEXT_BLOCKS.get(kind_of(part))
        if name is None or not isinstance(part.get(name), str):
            left += rewritten_parts([part], degrading)
            apart = True
            continue
        if apart:
            answer.part()
        apart = False
        answer.feed(degrading.shown(part[name]))
    return left


def rewritten_parts(parts: list[Any], degrading: Degrading) -> list[Any]:
    """Rewrite reasoning and texts of content blocks, each by itself."""
    shown: list[Any] = []
    for part in parts:
        if isinstance(part, dict):
            if kind_of(part) in HIDDEN_BLOCKS:
                said = shown_reasoning(reasoning_of(part), degrading)
                shown += [reasoning_block(part, said)] if said else []
                continue
            for name in ("text", "refusal"):
                if isinstance(part.get(name), str):
                    part[name] = degrading.shown(part[name])
            if isinstance(part.get("content"), list):
                part["content"] = rewritten_parts(part["content"], degrading)
        shown.append(part)
    return shown


def shown_items(items: list[Any], degrading: Degrading) -> list[Any]:
    """Do to the output items of the responses API what is to be done.

    Where the final answer is left, it stands in one message at the end.
    """
    if not degrading.leaves_answer:
        return rewritten_parts(items, degrading)
    answer, left = degrading.open_answer(), []
    message: dict[str, Any] = {}
    for item in items:
        if is_message(item):
            answer.part()
            message = item
            rest = _without_texts(item["content"], degrading, answer)
            left += [{**item, "content": rest}] if rest else []
        else:
            left += rewritten_parts([item], degrading)
    said = answer.finish()
    return [*left, answer_item(message, said)] if said else left


def is_message(item: Any) -> bool:
    """Say whether an output item is one that speaks to the client."""
    return kind_of(item) == "message" and isinstance(item.get("content"), list)


def answer_item(message: dict[str, Any], said: str) -> dict[str, Any]:
    """Make a message of the responses API that says nothing but the answer.

    Args:
        message: The last message that there was, for its identifier.
        said: The answer.
    """
    part = {"type": "output_text", "text": said, "annotations": []}
    status = message.get("status") or "completed"
    head = {"id": message.get("id") or "msg_answer", "type": "message", "role": "assistant"}
    return {**head, "status": status, "content": [part]}
