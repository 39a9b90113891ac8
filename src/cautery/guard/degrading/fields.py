"""Where servers put reasoning, texts and log-probabilities in an answer, in every dialect."""

from __future__ import annotations

from typing import Any, Final

from cautery.guard.degrading.tally import Tally

REASONING_TEXTS: Final = ("reasoning_content", "reasoning", "reasoning_text", "thinking")
"""Fields of a message or a delta that hold reasoning as a text."""
REASONING_FIELDS: Final = frozenset(
    {*REASONING_TEXTS, "provider_specific_fields", "reasoning_details", "thinking_blocks"}
)
"""All that hold any; LiteLLM repeats it in the second, and nobody knows what else is there."""
PROBABILITY_FIELDS: Final = frozenset({"logprobs", "prompt_logprobs", "top_logprobs"})
HIDDEN_BLOCKS: Final = frozenset({"thinking", "redacted_thinking", "reasoning"})
"""Types of content blocks (Anthropic) and output items (responses API) that are reasoning."""
_KEPT: Final = ("id", "type", "status")
TEXT_BLOCKS: Final = {"text": "text", "output_text": "text", "refusal": "refusal"}
"""Types of parts that are the answer's text, and the field that holds it."""


def drop_probabilities(value: Any, tally: Tally, depth: int = 8) -> None:
    """Empty every field of log-probabilities, in place.

    Args:
        value: Decoded JSON.
        tally: Counts the tokens that had any.
        depth: Levels to go down; the APIs put them at most six deep.
    """
    if depth == 0:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in PROBABILITY_FIELDS:
                tally.before.token_chances += _tokens_of(inner)
                value[name] = [] if isinstance(inner, list) else None
            else:
                drop_probabilities(inner, tally, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            drop_probabilities(inner, tally, depth - 1)


def _tokens_of(value: Any) -> int:
    """Count tokens with log-probabilities: a list of them, or an object with such lists."""
    if isinstance(value, dict):
        return max((len(one) for one in value.values() if isinstance(one, list)), default=0)
    return len(value) if isinstance(value, list) else 0


def take_reasoning(message: dict[str, Any]) -> dict[str, str]:
    """Take the fields that hold reasoning out of a message or a delta.

    Args:
        message: It is changed in place.

    Returns:
        Those that hold it as a text, by name; with empty texts for the others.
    """
    found = REASONING_FIELDS & message.keys()
    taken = {}
    for name in sorted(found):
        value = message.pop(name)
        taken[name] = value if isinstance(value, str) and name in REASONING_TEXTS else ""
    return taken


def reasoning_of(block: dict[str, Any]) -> str:
    """Read the text of a content block or an output item that is reasoning.

    An item of the responses API may have both the reasoning and the provider's own summary of it;
    the reasoning is read then.
    """
    if isinstance(block.get("thinking"), str):
        return str(block["thinking"])
    for name in ("content", "summary"):
        parts = block.get(name)
        if isinstance(parts, list):
            texts = [part.get("text") for part in parts if isinstance(part, dict)]
            if said := "\n".join(text for text in texts if isinstance(text, str) and text):
                return said
    return ""


def reasoning_block(block: dict[str, Any], shown: str) -> dict[str, Any]:
    """Make a block or an item of reasoning that shows something else than it did.

    Args:
        block: The block, whose reasoning is not looked at again. What was signed or encrypted of
            it goes: it would not fit what is shown.
        shown: What it shows.

    Returns:
        A new block of the same type.
    """
    if kind_of(block) == "reasoning":
        kept: dict[str, Any] = {
            name: block[name] for name in ("id", "type", "status") if name in block
        }
        return {**kept, "summary": [{"type": "summary_text", "text": shown}]}
    return {"type": "thinking", "thinking": shown, "signature": ""}


def kind_of(value: Any) -> str:
    """Give the type of a block, an item or a delta; empty if it has none."""
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else ""


def number_in(content: dict[str, Any], name: str) -> int:
    """Give the number of a text, a block or an item; the first one's if there is none."""
    number = content.get(name)
    return number if isinstance(number, int) else 0


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Give the objects of a list; none of anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
