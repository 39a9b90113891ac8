"""Bodies of requests: what rules look at, and what a hostile one cannot hide."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.request_paths import Operation
from cautery.guard.request_reading import (
    MOST_FIELDS,
    UnreadableRequestError,
    asks_logprobs,
    asks_reasoning,
    end_user_of,
    make_facts,
    read_body,
)
from cautery.records.identity import Identity

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def body_of(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    "fields",
    [
        {"logprobs": True},
        {"logprobs": 0},
        {"top_logprobs": 5},
        {"prompt_logprobs": 1},
        {"include": ["message.output_text.logprobs"]},
    ],
    ids=str,
)
def test_sees_every_way_to_ask_for_logprobs(fields: dict[str, Any]) -> None:
    """Chat, completions and responses ask for log-probabilities in ways of their own."""
    assert asks_logprobs(read_body(body_of(**fields)).parameters)
    assert not asks_logprobs(read_body(body_of(logprobs=False, include=[])).parameters)


@pytest.mark.parametrize(
    "fields",
    [
        {"reasoning_effort": "high"},
        {"reasoning": {"summary": "auto"}},
        {"include_reasoning": True},
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        {"chat_template_kwargs": {"enable_thinking": True}},
    ],
    ids=str,
)
def test_sees_every_way_to_ask_for_reasoning(fields: dict[str, Any]) -> None:
    """Each dialect asks for reasoning in its own way."""
    assert asks_reasoning(read_body(body_of(**fields)).parameters)
    silent = body_of(reasoning_effort="none", thinking={"type": "disabled"}, reasoning=None)
    assert not asks_reasoning(read_body(silent).parameters)


@pytest.mark.parametrize(
    "fields",
    [
        {"n": "5"},
        {"n": 5.5},
        {"n": True},
        {"stream": "true"},
        {"stream": 1},
        {"logprobs": "yes"},
        {"model": ["m"]},
        {"max_tokens": "9"},
    ],
    ids=str,
)
def test_refuses_types_that_servers_coerce(fields: dict[str, Any]) -> None:
    """What a lenient server would turn into a number or a truth is refused, not overlooked."""
    with pytest.raises(UnreadableRequestError):
        read_body(body_of(**fields))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"a":1}x',
        b'\xff\xfe{\x00"\x00',
        b"\xef\xbb\xbf{}",
        b'{"a":' + b"[" * 100_000,
        b'{"model":"\xff"}',
        b"NaN",
    ],
    ids=range(10),
)
def test_refuses_what_is_no_json_object(body: bytes) -> None:
    """Other encodings, lists, trailing text and endless nesting are refused without a crash."""
    with pytest.raises(UnreadableRequestError):
        read_body(body)


def test_of_a_repeated_key_the_last_counts_and_is_sent_once() -> None:
    """Guard and server cannot read two different values of one key."""
    read = read_body(b'{"n": 1, "messages": [ ], "n": 3}')
    assert read.parameters.n == 3
    assert read.encoded() == b'{"n":3,"messages":[ ]}'


def test_a_field_in_other_letters_is_dropped() -> None:
    """Servers that match names whatever their case do not see what the guard did not."""
    read = read_body(b'{"LogProbs": true, "n": 1, "N": 9, "\\u017ftream": true, "Own": 2}')
    assert json.loads(read.encoded()) == {"n": 1, "Own": 2}


def test_too_many_fields_are_refused() -> None:
    """The top level is bounded."""
    with pytest.raises(UnreadableRequestError):
        read_body(json.dumps({str(i): 0 for i in range(MOST_FIELDS + 1)}).encode())


def test_finds_the_end_user() -> None:
    """Both dialects say whom they serve; what they say is cut."""
    assert end_user_of(read_body(body_of(safety_identifier="a", user="b")).parameters) == "a"
    assert end_user_of(read_body(body_of(metadata={"user_id": "c"})).parameters) == "c"
    assert end_user_of(read_body(body_of(metadata={"user_id": 7})).parameters) == ""
    assert len(end_user_of(read_body(body_of(user="x" * 5000)).parameters)) == 256


def test_facts_hold_no_prompt() -> None:
    """What goes to the decision core has numbers and names, and nothing of what was written."""
    body = read_body(
        body_of(model="m", n=2, max_tokens=7, messages=[{"role": "user", "content": "planted"}])
    )
    facts = make_facts(
        operation=Operation(path="/v1/chat/completions", dialect="openai", name="chat"),
        body=body,
        identity=Identity(account_id="a", key_id="k"),
        request_id="r",
        arrived_at=NOW,
    )
    assert (facts.choices, facts.max_tokens, facts.request_model) == (2, 7, "m")
    assert facts.input_tokens == body.length // 4
    assert "planted" not in repr(facts)


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_never_raises_anything_else(body: bytes) -> None:
    """Any bytes are read or refused."""
    try:
        read = read_body(body)
    except UnreadableRequestError:
        return
    assert json.loads(read.encoded()) == json.loads(body)
