"""Streams that LiteLLM hands over, whatever it makes pieces of."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.guard.deciders import FakeDecider
from tests.guard.degrading.answer_cases import HIDING
from tests.guard.litellm_calls.calls import KEY, Model, call, hooks, pieces_of

KINDS = ("bytes", "text", "plain", "model")


def forms_of(events: list[dict[str, Any]], kind: str) -> list[Any]:
    """Write events as LiteLLM may hand them over."""
    texts = [f"data: {json.dumps(one)}\n\n" for one in events]
    forms: dict[str, list[Any]] = {
        "bytes": [text.encode() for text in texts],
        "text": texts,
        "plain": events,
        "model": [Model(**one) for one in events],
    }
    return forms[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_held_back_is_given_at_the_end_as_a_piece_of_its_kind(
    tmp_path: Path, kind: str
) -> None:
    """Also if no piece says that the text has ended; then it is counted what became of it."""
    texts = ["It adds up.\n\n", "It is 42."]
    events = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    given = forms_of(events, kind)
    decider = FakeDecider("degrade", degradations=("answer_only",))

    async def scenario() -> str:
        told, data = hooks(tmp_path, decider), call(stream=True)
        await told.before(KEY, data, "acompletion")
        (last,) = [one async for one in told.stream(data, pieces_of(*given))]
        assert type(last) is type(given[0])
        assert 'left_out_total{what="text_words"} 3' in told.guard.metrics.render()
        return str(getattr(last, "content", last))

    shown = asyncio.run(scenario())
    assert "It is 42." in shown
    assert "adds up" not in shown


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_is_changed_whatever_its_pieces_are(tmp_path: Path, kind: str) -> None:
    """Bytes of events, their text, plain objects and LiteLLM's own."""
    deltas = [{"reasoning_content": "planted thought"}, {"content": "<think>x</think>4"}]
    events: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta}]} for delta in (*deltas, {"content": "2"})
    ]
    given = forms_of(events, kind)

    async def scenario() -> str:
        decider = FakeDecider("degrade", degradations=HIDING)
        told, data = hooks(tmp_path, decider), call(stream=True)
        await told.before(KEY, data, "acompletion")
        passed = [one async for one in told.stream(data, pieces_of(*given))]
        assert all(type(one) is type(given[0]) for one in passed)
        return "".join(str(getattr(one, "content", one)) for one in passed)

    shown = asyncio.run(scenario())
    assert "planted thought" not in shown
    assert "4" in shown
    assert "2" in shown
