"""``/v1/decide`` and ``/v1/settle``: facts in, the decision record out."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest
from tests.guard.deciders import FakeDecider
from tests.guard.deciding_service.services import running_service
from tests.guard.guard_cases import FakePolicy, finding, make_guard

from cautery.guard.deciding_service.question_forms import DecideQuestion
from cautery.guard.decision_schema import decision_schema
from cautery.records.key import Secret
from cautery.records.request import RequestFacts, UsageFacts

WHOLE: dict[str, Any] = {
    "account_id": "acct-7",
    "request_id": "own-1",
    "key_id": "key-7",
    "credential_state": "valid",
    "org_id": "org-7",
    "end_user_id": "end-7",
    "client_address": "2001:DB8::1",
    "country": "DE",
    "asn": 64512,
    "user_agent": "sdk/1",
    "dialect": "anthropic",
    "operation": "chat",
    "request_model": "m",
    "stream": True,
    "logprobs": True,
    "reasoning": True,
    "choices": 2,
    "max_tokens": 100,
    "input_tokens": 50,
    "input_text": "Grade this answer from 1 to 5.",
}


def test_a_guard_decides_by_the_facts_it_is_told() -> None:
    """A real decision core answers with its record, which follows the published schema."""
    policy = FakePolicy(finding("throttle", retry_after_seconds=3))
    with running_service(make_guard(policy=policy)) as running:
        answer = running.ask_json("/v1/decide", json.dumps(WHOLE).encode())
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        record = json.loads(answer.body)
        jsonschema.validate(record, decision_schema())
        assert (record["request_id"], record["account_id"]) == ("own-1", "acct-7")
        assert (record["enforced_action"], record["retry_after_seconds"]) == ("throttle", 3)
        assert record["reasons"]


def test_every_fact_arrives() -> None:
    """Each field becomes the fact of its name; of the text only a sketch is made."""
    with running_service(sketch_key=Secret(b"k" * 32)) as running:
        running.ask_json("/v1/decide", json.dumps(WHOLE).encode())
        [facts] = running.decider.asked
        expected = {**WHOLE, "client_address": "2001:db8::1"}
        text = expected.pop("input_text")
        assert {name: getattr(facts, name) for name in expected} == expected
        assert facts.template != 0
        assert text not in str(facts)
    forms = set(DecideQuestion.__struct_fields__) - {"input_text"}
    missing = set(RequestFacts.__dataclass_fields__) - forms
    assert missing <= {"arrived_at", "template", "key_spread"}


def test_only_the_account_is_needed() -> None:
    """What is not said is unknown, and the service gives the request its identifier."""
    with running_service() as running:
        record = json.loads(running.ask_json("/v1/decide", b'{"account_id":""}').body)
        [facts] = running.decider.asked
        assert record["request_id"] == facts.request_id
        assert facts.request_id.startswith("req_")
        assert (facts.template, facts.choices) == (0, 1)


def test_a_whole_number_may_be_written_with_a_fraction_of_zero() -> None:
    """JSON has one kind of number, and 2.0 is a whole one."""
    with running_service() as running:
        body = b'{"account_id":"a","choices":2.0,"max_tokens":1e3}'
        assert running.ask_json("/v1/decide", body).status == 200
        assert (running.decider.asked[0].choices, running.decider.asked[0].max_tokens) == (2, 1000)


@pytest.mark.parametrize(
    ("body", "status", "place"),
    [
        (b"{", 400, None),
        (b"", 400, None),
        (b"\xff", 400, None),
        (b"[" * 100_000, 400, None),
        (b"[]", 422, None),
        (b"{}", 422, None),
        (b'{"account_id":1}', 422, "$.account_id"),
        (b'{"account_id":"' + b"a" * 257 + b'"}', 422, "$.account_id"),
        (b'{"account_id":"a","choices":0}', 422, "$.choices"),
        (b'{"account_id":"a","choices":1.5}', 422, "$.choices"),
        (b'{"account_id":"a","input_tokens":99999999999}', 422, "$.input_tokens"),
        (b'{"account_id":"a","country":"Germany"}', 422, "$.country"),
        (b'{"account_id":"a","dialect":"x"}', 422, "$.dialect"),
        (b'{"account_id":"a","client_address":"localhost"}', 422, "$.client_address"),
        (b'{"account_id":"a","accountid":"b"}', 422, None),
    ],
    ids=range(15),
)
def test_says_what_is_wrong(body: bytes, status: int, place: str | None) -> None:
    """A wrong question is a 4xx that names the field; nothing is decided."""
    with running_service() as running:
        answer = running.ask_json("/v1/decide", body)
        assert answer.status == status
        error = json.loads(answer.body)["error"]
        assert (error["type"], error["param"]) == ("invalid_request_error", place)
        assert error["message"]
        assert running.decider.asked == []


def test_usage_is_settled() -> None:
    """What a request cost takes the place of its estimate."""
    usage: dict[str, Any] = {
        "request_id": "own-1",
        "account_id": "a",
        "input_tokens": 7,
        "output_tokens": 3,
    }
    with running_service() as running:
        answer = running.ask_json("/v1/settle", json.dumps(usage).encode())
        assert (answer.status, answer.body) == (204, b"")
        assert "content-length" not in answer.headers
        assert running.decider.settled == [UsageFacts(**usage, status_code=200)]
        assert running.metrics.value("tokens_total", "input") == 7
        for wrong in ({"output_tokens": -1}, {"request_id": ""}, {"status_code": 1000}):
            body = json.dumps({**usage, **wrong}).encode()
            assert running.ask_json("/v1/settle", body).status == 422
        assert len(running.decider.settled) == 1


def test_a_lone_surrogate_does_not_break_the_record() -> None:
    """Text that UTF-8 cannot hold is refused or replaced, and there is an answer."""
    with running_service(FakeDecider()) as running:
        answer = running.ask_json("/v1/decide", b'{"account_id":"a\\ud800"}')
        assert answer.status in {200, 400, 422}
        msgspec.json.decode(answer.body)
