"""LiteLLM's generic guardrail, by the shape that LiteLLM 1.106 sends and reads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.guard.deciders import FakeDecider
from tests.guard.deciding_service.services import CALLER_SECRET, running_service

from cautery.guard.answers import AnswerSettings
from cautery.guard.deciding_service.guardrail_forms import GUARDRAIL_PATH
from cautery.guard.proxying.client_addresses import TrustedProxies
from cautery.records.decision import ACTIONS, Action

SENT: dict[str, Any] = {
    "input_type": "request",
    "litellm_call_id": "8b1d7c1e-1f9f-4d0e-9d7c-000000000001",
    "litellm_trace_id": "8b1d7c1e-1f9f-4d0e-9d7c-000000000002",
    "structured_messages": [
        {"role": "system", "content": "You are brief."},
        {"role": "user", "content": [{"type": "text", "text": "Grade this answer from 1 to 5."}]},
    ],
    "images": None,
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
    "texts": ["You are brief.", "Grade this answer from 1 to 5."],
    "request_data": {
        "user_api_key_hash": "ab" * 32,
        "user_api_key_alias": "alias",
        "user_api_key_user_id": "acct-7",
        "user_api_key_user_email": "a@example.org",
        "user_api_key_team_id": "team-7",
        "user_api_key_team_alias": None,
        "user_api_key_end_user_id": "end-7",
        "user_api_key_org_id": "org-7",
    },
    "request_headers": {
        "host": "litellm",
        "user-agent": "OpenAI/Python 3.57.0",
        "x-forwarded-for": "6.6.6.6, 203.0.113.9",
        "authorization": "[present]",
    },
    "litellm_version": "1.106.2",
    "additional_provider_specific_params": {},
    "tool_calls": None,
    "model": "m",
}
"""What ``GenericGuardrailAPIRequest.model_dump()`` is of a chat."""


def sent(**changed: Any) -> bytes:
    return json.dumps({**SENT, **changed}).encode()


def test_facts_are_those_of_its_logs() -> None:
    """Account, key and organisation are what the scan reads in LiteLLM's logs, so verdicts join."""
    with running_service(address_header="x-forwarded-for") as running:
        answer = running.ask_json(GUARDRAIL_PATH, sent())
        assert (answer.status, json.loads(answer.body)) == (200, {"action": "NONE"})
        [facts] = running.decider.asked
        assert (facts.account_id, facts.key_id, facts.org_id) == ("acct-7", "ab" * 32, "org-7")
        assert (facts.end_user_id, facts.request_model) == ("end-7", "m")
        assert facts.request_id == SENT["litellm_call_id"]
        assert (facts.client_address, facts.user_agent) == ("203.0.113.9", "OpenAI/Python 3.57.0")
        assert (facts.operation, facts.input_tokens) == ("chat", 11)
        assert facts.template != 0


def test_what_litellm_does_not_say_is_unknown() -> None:
    """A key stands for its account; hidden headers, and those of anybody, are not taken."""
    key = {"user_api_key_hash": "cd" * 32, "user_api_key_user_id": "default_user_id"}
    with running_service() as running:
        running.ask_json(
            GUARDRAIL_PATH,
            sent(
                request_data=key, request_headers={"User-Agent": "[present]"}, litellm_call_id=None
            ),
        )
        running.ask_json(GUARDRAIL_PATH, b'{"texts":["a"],"request_data":{}}')
        first, second = running.decider.asked
        assert first.account_id == first.key_id == "cd" * 32
        assert (first.user_agent, first.client_address) == ("", "")
        assert first.request_id.startswith("req_")
        assert (second.account_id, second.operation) == ("", "")


@pytest.mark.parametrize(
    ("header", "proxies", "address"),
    [
        ("", (), ""),
        ("x-forwarded-for", (), "203.0.113.9"),
        ("x-forwarded-for", ("203.0.113.0/24",), "6.6.6.6"),
        ("authorization", (), ""),
        ("cf-connecting-ip", (), ""),
    ],
    ids=range(5),
)
def test_the_address_is_in_the_header_that_the_operator_names(
    header: str, proxies: tuple[str, ...], address: str
) -> None:
    """No other header is looked at, and *present* is no address."""
    with running_service(address_header=header, proxies=TrustedProxies(proxies)) as running:
        running.ask_json(GUARDRAIL_PATH, sent())
        assert running.decider.asked[0].client_address == address


@pytest.mark.parametrize("action", ACTIONS)
def test_says_yes_or_no(action: Action) -> None:
    """LiteLLM can only allow and block; the reason is for the client, and tells no rule."""
    decider = FakeDecider(action, retry_after_seconds=9, campaign_id="campaign-7")
    answers = AnswerSettings(help_url="https://example.org/verify")
    with running_service(decider, answers=answers) as running:
        answer = json.loads(running.ask_json(GUARDRAIL_PATH, sent()).body)
        passes = action in {"allow", "tag"}
        assert answer["action"] == ("NONE" if passes else "BLOCKED")
        assert set(answer) <= {"action", "blocked_reason", "texts", "images"}
        reason = answer.get("blocked_reason", "")
        assert ("dec_allow" in reason) == (not passes)
        assert "campaign-7" not in reason
        assert ("in 9 s" in reason) == (action == "throttle")


def test_a_tag_that_it_cannot_carry_is_counted() -> None:
    """The call passes with the epoch's key, and the operator sees that it had another."""
    with running_service(FakeDecider("tag", watermark_key_id="k")) as running:
        assert json.loads(running.ask_json(GUARDRAIL_PATH, sent()).body) == {"action": "NONE"}
        assert running.metrics.value("faults_total", "tag_not_carried") == 1


def test_after_a_call_nothing_is_decided() -> None:
    """What LiteLLM shows of an answer is no question."""
    with running_service(FakeDecider("block")) as running:
        answer = running.ask_json(GUARDRAIL_PATH, sent(input_type="response", texts=["an answer"]))
        assert json.loads(answer.body) == {"action": "NONE"}
        assert running.decider.asked == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (sent(input_type="both"), 422),
        (sent(texts="a"), 422),
        (sent(request_data=None), 422),
        (sent(request_headers={"a": 1}), 422),
    ],
    ids=range(6),
)
def test_what_litellm_does_not_send_is_refused(body: bytes, status: int) -> None:
    """LiteLLM takes any error for a no, unless it is told to fail open."""
    with running_service() as running:
        assert running.ask_json(GUARDRAIL_PATH, body).status == status
        assert running.decider.asked == []


def test_each_way_in_which_litellm_shows_the_secret() -> None:
    """``headers`` of its configuration, or ``api_key``, which it sends as x-api-key."""
    kind = {"content-type": "application/json"}
    with running_service() as running:
        for name, value in (
            ("x-cautery-caller", CALLER_SECRET),
            ("x-api-key", CALLER_SECRET),
            ("authorization", f"Bearer {CALLER_SECRET}"),
        ):
            answer = running.ask(GUARDRAIL_PATH, {**kind, name: value}, sent(), "POST", "")
            assert answer.status == 200
        assert running.ask(GUARDRAIL_PATH, kind, sent(), "POST", "").status == 401
