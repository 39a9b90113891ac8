"""Error bodies, read by the very libraries that clients use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, get_args

import pytest

from cautery.guard.answers import (
    Answer,
    AnswerSettings,
    Refusal,
    answer_decision,
    answer_refusal,
)
from cautery.records.decision import ACTIONS, Action, Decision, Reason

SECRET_REASON = "the template of campaign 7 was seen"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def decision_to(action: Action, *, enforced: Action | None = None, seconds: int = 0) -> Decision:
    return Decision(
        decision_id="dec_1",
        request_id="req_1",
        action=action,
        enforced_action=enforced or action,
        mode="enforce",
        reasons=(Reason(rule="campaign-band", text=SECRET_REASON, evidence=("case:7",)),),
        account_id="acct",
        campaign_id="campaign-7",
        watermark_key_id="",
        policy_version="",
        decided_at=NOW,
        expires_at=NOW,
        retry_after_seconds=seconds,
    )


def worded(action: Action, seconds: int = 0, help_url: str = "") -> Answer:
    settings = AnswerSettings(help_url=help_url)
    answer = answer_decision(decision_to(action, seconds=seconds), "openai", settings)
    assert answer is not None
    return answer


@contextmanager
def serving(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """Serve one answer to every request, and list the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(answer.status_code)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask_openai(url: str, retries: int = 2) -> Any:
    """Ask by OpenAI's library and give the error that it raises."""
    openai = pytest.importorskip("openai")
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=retries)
    with client, pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "?"}])
    return caught.value


def ask_anthropic(url: str, retries: int = 2) -> Any:
    """Ask by Anthropic's library and give the error that it raises."""
    anthropic = pytest.importorskip("anthropic")
    client = anthropic.Anthropic(base_url=url, api_key="x", max_retries=retries)
    with client, pytest.raises(anthropic.APIStatusError) as caught:
        client.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "?"}])
    return caught.value


@pytest.mark.parametrize(
    ("action", "code"),
    [("challenge", "verification_required"), ("block", "account_restricted")],
)
def test_openai_reads_a_refusal_and_does_not_ask_again(action: Action, code: str) -> None:
    """OpenAI's library finds code, type, message and request id, and asks once."""
    with serving(worded(action, help_url="https://example.org/verify")) as (url, asked):
        error = ask_openai(url)
    assert (type(error).__name__, error.code, error.type) == (
        "PermissionDeniedError",
        code,
        "permission_error",
    )
    assert error.request_id == "req_1"
    assert error.body["help_url"] == "https://example.org/verify"
    assert error.body["decision_id"] == "dec_1"
    assert len(asked) == 1


@pytest.mark.parametrize("action", ["challenge", "block"])
def test_anthropic_reads_a_refusal_and_does_not_ask_again(action: Action) -> None:
    """Anthropic's library finds type and request id, and asks once."""
    with serving(worded(action)) as (url, asked):
        error = ask_anthropic(url)
    assert type(error).__name__ == "PermissionDeniedError"
    assert error.body["error"]["type"] == "permission_error"
    assert error.request_id == "req_1"
    assert len(asked) == 1


def test_both_libraries_read_a_throttle() -> None:
    """A throttled request is a rate limit to both libraries; with no retries they say so."""
    with serving(worded("throttle", seconds=1)) as (url, asked):
        errors = [ask_openai(url, retries=0), ask_anthropic(url, retries=0)]
    assert [type(error).__name__ for error in errors] == ["RateLimitError", "RateLimitError"]
    assert [error.response.headers["retry-after"] for error in errors] == ["1", "1"]
    assert len(asked) == 2


@pytest.mark.parametrize("refusal", get_args(Refusal))
def test_both_libraries_read_every_refusal(refusal: Refusal) -> None:
    """What the guard says by itself is an error with a message to both libraries."""
    answer = answer_refusal(refusal, "req_2")
    with serving(answer) as (url, _):
        errors = [ask_openai(url, retries=0), ask_anthropic(url, retries=0)]
    assert [error.status_code for error in errors] == [answer.status_code] * 2
    assert errors[0].code == answer.code
    assert [error.request_id for error in errors] == ["req_2", "req_2"]


@pytest.mark.parametrize("action", ACTIONS)
def test_no_answer_says_why(action: Action) -> None:
    """Neither rule, reason, evidence nor campaign reaches a client."""
    answer = answer_decision(decision_to(action, seconds=5), "openai", AnswerSettings())
    passing = action in {"allow", "tag", "degrade"}
    assert (answer is None) == passing
    if answer is not None:
        sent = answer.body.decode() + str(answer.headers)
        assert not [word for word in ("campaign", "case:7", SECRET_REASON) if word in sent]


def test_shadow_passes() -> None:
    """What is enforced counts, not what the rules asked for."""
    decision = decision_to("block", enforced="allow")
    assert answer_decision(decision, "openai", AnswerSettings()) is None


def test_limits_are_told_in_the_manner_of_each_library() -> None:
    """Each library's own headers say when to come again."""
    decision = decision_to("throttle", seconds=30)
    openai = answer_decision(decision, "openai", AnswerSettings())
    anthropic = answer_decision(decision, "anthropic", AnswerSettings())
    assert openai is not None
    assert anthropic is not None
    assert dict(openai.headers)["x-ratelimit-reset-requests"] == "30s"
    reset = dict(anthropic.headers)["anthropic-ratelimit-requests-reset"]
    assert reset == "2026-11-29T12:00:30Z"
    assert json.loads(openai.body)["error"]["code"] == "rate_limit_exceeded"


def test_what_is_not_on_record_is_tried_again() -> None:
    """What could not be written down is a 503 to both libraries, without an identifier."""
    decision = replace(decision_to("throttle", seconds=10), faults=("audit-failed",))
    answer = answer_decision(decision, "openai", AnswerSettings())
    assert answer is not None
    with serving(answer) as (url, asked):
        errors = [ask_openai(url, retries=0), ask_anthropic(url, retries=0)]
    assert [type(error).__name__ for error in errors] == [
        "InternalServerError",
        "ServiceUnavailableError",
    ]
    assert [error.status_code for error in errors] == [503, 503]
    assert [error.response.headers["retry-after"] for error in errors] == ["10", "10"]
    assert len(asked) == 2
    assert b"dec_1" not in answer.body
    passing = replace(decision, enforced_action="allow")
    assert answer_decision(passing, "openai", AnswerSettings()) is None
