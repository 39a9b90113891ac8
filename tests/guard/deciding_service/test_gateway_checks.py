"""``/authz``: what a gateway is told, and what of its client is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.guard.deciders import GOOD_KEY, FakeDecider
from tests.guard.deciding_service.services import (
    BY_LOOPBACK,
    Answered,
    RunningService,
    of_client,
    running_service,
)

from cautery.guard.answers import AnswerSettings
from cautery.guard.proxying.client_addresses import TrustedProxies
from cautery.records.decision import Action, Decision
from cautery.records.identity import Identity, Presented, Unrecognised
from cautery.records.request import RequestFacts

TELLING = (
    "x-cautery-decision-id",
    "x-cautery-request-id",
    "x-cautery-action",
    "x-cautery-degradations",
    "x-cautery-key-id",
)
CHAT = b'{"model":"m","n":3,"logprobs":true,"messages":[{"role":"user","content":"hello"}]}'


def of_envoy(running: RunningService, body: bytes = CHAT, **headers: str) -> Answered:
    """Ask as Envoy does with a body."""
    told = {
        "authorization": f"Bearer {GOOD_KEY}",
        "content-type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return running.ask("/authz/envoy/v1/chat/completions", told, body, "POST")


def test_what_passes() -> None:
    """The server behind the gateway learns the decision; each header is there to overwrite."""
    with running_service() as running:
        answer = running.ask("/authz/nginx", of_client(user_agent="sdk/1"))
        assert (answer.status, answer.body) == (200, b"")
        assert [name for name in answer.headers if name in TELLING] == list(TELLING)
        assert answer.headers["x-cautery-action"] == "allow"
        assert answer.headers["x-cautery-key-id"] == ""
        [facts] = running.decider.asked
        assert facts.request_id == answer.headers["x-cautery-request-id"]
        assert (facts.account_id, facts.operation, facts.dialect) == ("acct-1", "chat", "openai")
        assert (facts.client_address, facts.user_agent) == ("203.0.113.9", "sdk/1")
        assert (facts.choices, facts.logprobs, facts.template) == (1, False, 0)
        assert running.metrics.value("requests_total", "openai", "allow", "allow") == 1
        assert running.service.in_flight == running.service.buffered_bytes == 0


@pytest.mark.parametrize(
    ("action", "status", "code", "seconds"),
    [
        ("throttle", "429", "rate_limit_exceeded", "7"),
        ("degrade", "429", "rate_limit_exceeded", "60"),
        ("challenge", "403", "verification_required", None),
        ("block", "403", "account_restricted", None),
    ],
)
def test_what_does_not_pass(action: Action, status: str, code: str, seconds: str | None) -> None:
    """What needs the answer becomes the next stricter action; the reason is never told."""
    decider = FakeDecider(action, retry_after_seconds=7, campaign_id="campaign-7")
    answers = AnswerSettings(help_url="https://example.org/verify")
    with running_service(decider, answers=answers) as running:
        answer = running.ask("/authz/nginx", of_client())
        assert answer.status == 403
        assert answer.headers["x-cautery-status"] == status
        assert answer.headers["x-cautery-reason"] == code
        assert answer.headers.get("retry-after") == seconds
        body = json.loads(answer.headers["x-cautery-body"])
        assert body["error"]["decision_id"] == "dec_allow"
        assert ("help_url" in body["error"]) == (status == "403")
        assert "campaign-7" not in str(answer)
        carried = "throttle" if action == "degrade" else action
        assert running.metrics.value("requests_total", "openai", action, carried) == 1


def test_a_tag_and_what_a_server_degrades_itself() -> None:
    """The identifier of a key goes to the server in its header, and so does what it must hide."""
    tagged = FakeDecider("tag", watermark_key_id="key-7")
    with running_service(tagged, tag_header="x-watermark-key") as running:
        answer = running.ask("/authz/nginx", of_client())
        assert answer.headers["x-watermark-key"] == "key-7"
        assert "x-cautery-key-id" not in answer.headers
    degraded = FakeDecider("degrade", degradations=("hide_reasoning", "drop_logprobs"))
    with running_service(degraded, server_degrades=True) as running:
        answer = running.ask("/authz/nginx", of_client())
        assert (answer.status, answer.headers["x-cautery-action"]) == (200, "degrade")
        assert answer.headers["x-cautery-degradations"] == "hide_reasoning,drop_logprobs"


def test_a_key_that_cannot_stand_in_a_header_is_not_carried() -> None:
    """An answer is never split by what a file of key identifiers holds."""
    with running_service(FakeDecider("tag", watermark_key_id="k\r\nx-evil: 1")) as running:
        answer = running.ask("/authz/nginx", of_client())
        assert (answer.status, answer.headers["x-cautery-key-id"]) == (200, "")
        assert "x-evil" not in answer.headers
        assert running.metrics.value("faults_total", "tag_not_carried") == 1


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"authorization": "Bearer sk-nobody"}, "401", "invalid_api_key"),
        ({"authorization": ""}, "401", "invalid_api_key"),
        ({"x-original-uri": "/v1/%63hat/completions"}, "400", "invalid_request"),
        ({"x-original-uri": "/v1//chat/completions"}, "400", "invalid_request"),
        ({"x-original-uri": "/v1/../admin"}, "400", "invalid_request"),
        ({"x-original-uri": "http://api/v1/models"}, "400", "invalid_request"),
        ({"x-original-uri": "/" + "a" * 4000}, "400", "invalid_request"),
        ({"x-original-uri": "/admin"}, "404", "not_found"),
        ({"x-original-method": "PROPFIND"}, "405", "method_not_allowed"),
    ],
    ids=range(9),
)
def test_without_a_decision(changed: dict[str, str], status: str, code: str) -> None:
    """Who is nobody, and what has two readings, is refused, and the decision core is not asked."""
    with running_service() as running:
        answer = running.ask("/authz/nginx", {**of_client(), **changed})
        assert (answer.headers["x-cautery-status"], answer.headers["x-cautery-reason"]) == (
            status,
            code,
        )
        assert answer.status == (401 if status == "401" else 403)
        assert (answer.headers.get("www-authenticate") == "Bearer") == (status == "401")
        assert running.decider.asked == []


def test_addresses_are_the_gateways_word() -> None:
    """The last hop is what the gateway wrote; what stands before it is forged, but for proxies."""
    hops = "6.6.6.6, 198.51.100.7, 10.0.0.9"
    for proxies, address in (((), "10.0.0.9"), (("10.0.0.0/8",), "198.51.100.7")):
        with running_service(proxies=TrustedProxies(proxies)) as running:
            running.ask(
                "/authz/nginx",
                of_client(x_forwarded_for=hops, x_real_ip="7.7.7.7", forwarded="for=8.8.8.8"),
            )
            assert running.decider.asked[0].client_address == address


def test_envoys_own_address_is_not_the_clients() -> None:
    """Envoy adds itself to x-forwarded-for when it asks, so that another header is read."""
    with running_service() as running:
        of_envoy(running, x_forwarded_for="6.6.6.6", x_cautery_client_address="203.0.113.9")
        of_envoy(running, x_forwarded_for="6.6.6.6")
        assert [facts.client_address for facts in running.decider.asked] == ["203.0.113.9", ""]


def test_envoys_body_is_read() -> None:
    """With a body, rules on what is asked apply."""
    with running_service(callers=BY_LOOPBACK) as running:
        assert of_envoy(running).status == 200
        [facts] = running.decider.asked
        assert (facts.request_model, facts.choices, facts.logprobs) == ("m", 3, True)
        assert facts.template != 0
        assert facts.input_tokens == len(CHAT) // 4


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"[1]", {}, 400),
        (b'{"n":1,"n":9}', {}, 400),
        (b'{"n":"9"}', {}, 400),
        (b'{"custom_logit_processor":"x"}', {}, 400),
        (b'{"logit_bias":{}}', {}, 400),
        (b"{}", {"content_encoding": "gzip"}, 415),
        (b"{}", {"content_type": "multipart/form-data"}, 415),
        (b'{"mod', {"x_envoy_auth_partial_body": "true"}, 413),
    ],
    ids=range(8),
)
def test_bodies_that_do_not_pass(body: bytes, headers: dict[str, str], status: int) -> None:
    """A body with two readings, or only a part of one, is refused and not guessed at."""
    with running_service(stripped_fields=frozenset({"logit_bias"})) as running:
        assert of_envoy(running, body, **headers).status == status
        assert running.decider.asked == []


class CarefulAuthenticator:
    """Keeps what is presented; cannot recognise anybody."""

    def __init__(self) -> None:
        self.presented: list[Presented] = []

    def authenticate(self, presented: Presented) -> Identity | Unrecognised:
        self.presented.append(presented)
        return Unrecognised(fault="unavailable")


def test_a_proof_is_for_the_clients_request() -> None:
    """Method and address of a proof are those that the client asked, not those of the question."""
    authenticator = CarefulAuthenticator()
    with running_service(authenticator=authenticator) as running:
        answer = running.ask(
            "/authz/nginx",
            of_client(authorization="DPoP token", dpop="proof", x_forwarded_proto="https")
            | {"host": "api.example.org"},
        )
        assert answer.headers["x-cautery-status"] == "503"
        envoys = of_envoy(running)
        assert (envoys.status, envoys.headers["retry-after"]) == (429, "1")
    [presented, _] = authenticator.presented
    assert (presented.scheme, presented.credential.reveal()) == ("dpop", b"token")
    assert (presented.method, presented.proofs) == ("POST", ("proof",))
    assert presented.url == "https://api.example.org/v1/chat/completions"


class Announced:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Decision, RequestFacts]] = []

    def announce(self, decision: Decision, facts: RequestFacts) -> None:
        self.told.append((decision, facts))


def test_tells_what_is_done() -> None:
    """Events and webhooks name the action that was carried out here."""
    announced = Announced()
    told: dict[str, Any] = {"announcers": (announced,)}
    with running_service(FakeDecider("degrade"), service=told) as running:
        running.ask("/authz/nginx", of_client())
        [(decision, facts)] = announced.told
        assert (decision.action, decision.enforced_action) == ("degrade", "throttle")
        assert facts.account_id == "acct-1"
