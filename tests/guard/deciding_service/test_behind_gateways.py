"""A real nginx and a real Envoy ask, by the very files that the how-to shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from tests.guard.deciders import GOOD_KEY, FakeDecider
from tests.guard.deciding_service.gateways import envoy, nginx
from tests.guard.deciding_service.services import CALLER_SECRET, Answered, running_service
from tests.guard.guards import ANSWER_TEXT, free_port, model_server

from cautery.records.decision import Action

FORGED = {
    "x-cautery-decision-id": "forged",
    "x-cautery-request-id": "forged",
    "x-cautery-key-id": "forged",
    "x-cautery-action": "forged",
    "x-cautery-degradations": "forged",
    "x-cautery-caller": "forged",
    "x-cautery-client-address": "6.6.6.6",
    "x-original-method": "GET",
    "x-original-uri": "/v1/models",
    "x-forwarded-for": "6.6.6.6",
    "x-forwarded-uri": "/v1/models",
    "x-real-ip": "6.6.6.6",
}


class Behind:
    """A gateway at work: what it asks, and what is behind it."""

    def __init__(self, port: int, running: Any, model: Any) -> None:
        self.port, self.running, self.model = port, running, model

    def ask(
        self,
        headers: dict[str, str] | None = None,
        body: bytes = b'{"model":"m","n":2,"messages":[{"role":"user","content":"hello"}]}',
        path: str = "/v1/chat/completions",
    ) -> Answered:
        told = {
            "authorization": f"Bearer {GOOD_KEY}",
            "content-type": "application/json",
            **(headers or {}),
        }
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", path, body, told)
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, named, answer.read())
        finally:
            connection.close()

    def decide(self, action: Action, **fields: Any) -> None:
        """Have the next requests decided on so."""
        self.running.decider.decision = FakeDecider(action, **fields).decision


@pytest.fixture(scope="module", params=[nginx, envoy], ids=["nginx", "envoy"])
def started(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Behind]:
    folder = tmp_path_factory.mktemp("gateway")
    with (
        model_server() as model,
        running_service() as running,
        request.param(folder, running.port, model.port) as port,
    ):
        yield Behind(port, running, model)


@pytest.fixture
def behind(started: Behind) -> Behind:
    started.decide("allow")
    started.running.decider.asked.clear()
    started.model.asked.clear()
    return started


def test_passes_with_what_the_guard_says(behind: Behind) -> None:
    """The server learns the decision, and nothing of what a client forged is believed."""
    behind.decide("tag", watermark_key_id="key-7")
    answer = behind.ask(FORGED)
    assert answer.status == 200
    assert ANSWER_TEXT in answer.body.decode()
    [asked] = behind.model.asked
    headers = {name.lower(): value for name, value in asked["headers"].items()}
    [facts] = behind.running.decider.asked
    assert headers["x-cautery-key-id"] == "key-7"
    assert headers["x-cautery-decision-id"] == "dec_allow"
    assert headers["x-cautery-request-id"] == facts.request_id
    assert "forged" not in str(headers)
    assert CALLER_SECRET not in str(headers) + str(answer)
    assert (facts.operation, facts.client_address) == ("chat", "127.0.0.1")


def test_without_a_key_none_can_be_forged(behind: Behind) -> None:
    """Where the guard names no key, the server sees none."""
    behind.ask(FORGED)
    [asked] = behind.model.asked
    headers = {name.lower(): value for name, value in asked["headers"].items()}
    assert headers.get("x-cautery-key-id", "") == ""


@pytest.mark.parametrize(
    ("action", "status", "code"),
    [
        ("throttle", 429, "rate_limit_exceeded"),
        ("degrade", 429, "rate_limit_exceeded"),
        ("challenge", 403, "verification_required"),
        ("block", 403, "account_restricted"),
    ],
)
def test_refuses_with_status_and_body(
    behind: Behind, action: Action, status: int, code: str
) -> None:
    """The client gets the true status and the body of every adapter, and the server nothing."""
    behind.decide(action, retry_after_seconds=7)
    answer = behind.ask()
    assert answer.status == status
    assert answer.headers["content-type"] == "application/json"
    error = json.loads(answer.body)["error"]
    assert (error["code"], error["decision_id"]) == (code, "dec_allow")
    assert answer.headers["x-decision-id"] == "dec_allow"
    waits = {"throttle": "7", "degrade": "60"}
    assert answer.headers.get("retry-after") == waits.get(action)
    assert answer.headers.get("x-should-retry") == (None if status == 429 else "false")
    assert not any(name.startswith("x-cautery-") for name in answer.headers)
    assert behind.model.asked == []


def test_both_client_libraries_read_the_refusal(behind: Behind) -> None:
    """Type, code and request id are where OpenAI's and Anthropic's libraries look."""
    url = f"http://127.0.0.1:{behind.port}"
    behind.decide("block")
    with openai.OpenAI(api_key=GOOD_KEY, base_url=f"{url}/v1", max_retries=0) as client:
        with pytest.raises(openai.PermissionDeniedError) as denied:
            client.chat.completions.create(model="m", messages=[])
        assert (denied.value.code, denied.value.type) == ("account_restricted", "permission_error")
        assert (denied.value.request_id or "").startswith("req_")
        behind.decide("throttle", retry_after_seconds=1)
        with pytest.raises(openai.RateLimitError):
            client.models.list()
    behind.decide("block")
    with (
        anthropic.Anthropic(api_key=GOOD_KEY, base_url=url) as other,
        pytest.raises(anthropic.PermissionDeniedError) as refused,
    ):
        other.messages.create(model="m", max_tokens=1, messages=[])
    assert refused.value.type == "permission_error"
    assert (refused.value.request_id or "").startswith("req_")
    assert len(behind.running.decider.asked) == 3
    with (
        openai.OpenAI(api_key="sk-nobody", base_url=f"{url}/v1") as nobody,
        pytest.raises(openai.AuthenticationError),
    ):
        nobody.models.list()
    assert behind.model.asked == []


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/v1/%63hat/completions", {200, 400}),
        ("/v1/./chat/completions", {200, 400}),
        ("/v1//chat/completions", {200, 400}),
        ("/v1/chat%2fcompletions", {400}),
    ],
)
def test_a_path_has_one_reading(behind: Behind, path: str, statuses: set[int]) -> None:
    """What passes is what the guard read: a gateway makes it plain first, or it is refused."""
    answer = behind.ask(path=path)
    assert answer.status in statuses
    if answer.status == 200:
        [facts] = behind.running.decider.asked
        assert facts.operation == "chat"
    else:
        assert behind.model.asked == []


@pytest.mark.parametrize("character", ["a", "\xff", '"'], ids=["letter", "byte", "quote"])
def test_headers_of_four_thousand_bytes(behind: Behind, character: str) -> None:
    """They are no way past the guard, nor does one of them stop it."""
    behind.decide("block")
    for name in ("x-more", "user-agent", "x-forwarded-for", "x-cautery-caller", "dpop"):
        answer = behind.ask({name: character * 4000})
        assert 400 <= answer.status < 500
    assert behind.model.asked == []
    behind.decide("allow")
    assert behind.ask().status == 200


@pytest.mark.parametrize("gateway", [nginx, envoy], ids=["nginx", "envoy"])
def test_a_guard_that_does_not_answer_lets_nothing_pass(gateway: Any, tmp_path: Path) -> None:
    """Gone, or with another secret: the client is refused, in a body that its library reads."""
    with (
        model_server() as model,
        running_service() as running,
        gateway(tmp_path, running.port, model.port, "another-secret-0123456789abcdef") as port,
    ):
        answer = Behind(port, running, model).ask()
        assert (answer.status, json.loads(answer.body)["error"]["code"]) == (403, "caller_refused")
        assert running.metrics.value("strangers_total") == 1
        assert model.asked == []
    (tmp_path / "gone").mkdir()
    with model_server() as model, gateway(tmp_path / "gone", free_port(), model.port) as port:
        answer = Behind(port, None, model).ask()
        assert answer.status == 503
        assert model.asked == []


def test_envoy_without_a_body(tmp_path: Path) -> None:
    """Without ``with_request_body`` the head decides, and what is asked is unknown."""
    with (
        model_server() as model,
        running_service() as running,
        envoy(tmp_path, running.port, model.port, body=False) as port,
    ):
        assert Behind(port, running, model).ask(body=b'{"n":1,"n":9}').status == 200
        [facts] = running.decider.asked
        assert (facts.operation, facts.choices, facts.request_model) == ("chat", 1, "")
        assert model.asked[0]["body"] == {"n": 9}


def test_envoy_with_a_body(behind: Behind) -> None:
    """With it rules on what is asked apply, and a body of two readings does not pass."""
    answer = behind.ask(body=b'{"model":"m","n":1,"n":9}')
    facts = behind.running.decider.asked
    if answer.status == 400:
        assert facts == behind.model.asked == []
    else:
        # nginx shows no body: rules on it do not apply there.
        assert facts[0].request_model == ""
    behind.ask()
    last = behind.running.decider.asked[-1]
    assert (last.request_model, last.choices) in {("m", 2), ("", 1)}
