"""What degrade takes out of requests and whole answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.guard.degrading.answer_cases import HIDING

from cautery.guard.degrading.plans import Degrading
from cautery.guard.degrading.request import degrade_request
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.guard.degrading.whole import degrade_answer
from cautery.guard.request_reading import read_body

ANSWERS: dict[str, dict[str, Any]] = {
    "chat": {
        "choices": [
            {
                "message": {"content": "shown", "reasoning_content": "SECRET", "role": "x"},
                "logprobs": {"content": [{"token": "SECRET", "top_logprobs": ["SECRET"]}]},
            },
            {"message": {"content": "SECRET"}},
        ],
        "prompt_logprobs": ["SECRET"],
    },
    "chat with tags": {"choices": [{"message": {"content": "<think>SECRET</think>shown"}}]},
    "chat in parts": {
        "choices": [
            {
                "message": {
                    "content": [
                        {"type": "thinking", "thinking": "SECRET"},
                        {"type": "text", "text": "shown"},
                    ]
                }
            }
        ]
    },
    "completion": {"choices": [{"text": "SECRET</think>shown", "logprobs": {"tokens": "SECRET"}}]},
    "anthropic": {
        "type": "message",
        "content": [
            {"type": "thinking", "thinking": "SECRET", "signature": "SECRET"},
            {"type": "redacted_thinking", "data": "SECRET"},
            {"type": "text", "text": "shown"},
        ],
    },
    "responses": {
        "output": [
            {"type": "reasoning", "summary": [{"text": "SECRET"}], "encrypted_content": "SECRET"},
            {
                "type": "message",
                "content": [{"type": "output_text", "text": "shown", "logprobs": ["SECRET"]}],
            },
        ]
    },
    "ollama": {"message": {"role": "x", "thinking": "SECRET", "content": "shown"}},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_takes_out_what_teaches(name: str) -> None:
    """Reasoning, log-probabilities and other choices go; the answer stays."""
    degraded = degrade_answer(json.dumps(ANSWERS[name]).encode(), Degrading(HIDING))
    assert b"SECRET" not in degraded
    assert b"shown" in degraded


@pytest.mark.parametrize("name", ANSWERS)
def test_log_probabilities_go_with_the_reasoning_that_they_spell(name: str) -> None:
    """Hidden reasoning does not come back token by token."""
    degraded = degrade_answer(
        json.dumps(ANSWERS[name]).encode(), Degrading(["hide_reasoning", "single_choice"])
    )
    assert b"SECRET" not in degraded
    assert b"shown" in degraded


def test_does_only_what_is_asked() -> None:
    """A degradation that was not asked for changes nothing."""
    content = json.dumps(ANSWERS["chat"]).encode()
    only = json.loads(degrade_answer(content, Degrading(["single_choice"])))
    assert len(only["choices"]) == 1
    assert only["choices"][0] == ANSWERS["chat"]["choices"][0]


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"\xff", b"", b"[" * 99_999])
def test_refuses_what_it_cannot_read(content: bytes) -> None:
    """An answer that nobody can look into is not let through."""
    with pytest.raises(UndegradableError):
        degrade_answer(content, Degrading(HIDING))


def test_asks_the_server_for_less() -> None:
    """The request asks for neither log-probabilities nor more choices."""
    body = read_body(
        json.dumps(
            {
                "n": 5,
                "best_of": 5,
                "logprobs": True,
                "top_logprobs": 5,
                "include": ["message.output_text.logprobs", "x"],
                "messages": [],
            }
        ).encode()
    )
    degrade_request(body, HIDING)
    assert json.loads(body.encoded()) == {"n": 1, "best_of": 1, "include": ["x"], "messages": []}
