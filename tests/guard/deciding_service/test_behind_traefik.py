"""Traefik and Caddy ask by documented headers; the file of the how-to names what the guard says.

Neither is in Debian or PyPI, so that a client of the tests' own does what Traefik's manual says of
ForwardAuth: it sends ``authRequestHeaders`` and its own X-Forwarded-* headers by GET, passes on 2xx
with ``authResponseHeaders`` in place of the client's, and copies any other answer to the client.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from tests.guard.deciders import GOOD_KEY, FakeDecider
from tests.guard.deciding_service.gateways import FILES
from tests.guard.deciding_service.services import (
    BY_LOOPBACK,
    Answered,
    RunningService,
    running_service,
)

from cautery.guard.deciding_service.gateway_dialects import FORWARD
from cautery.guard.proxying.client_addresses import TrustedProxies

MIDDLEWARE = yaml.safe_load((FILES / "traefik.yaml").read_text())["http"]["middlewares"]["cautery"]
FORWARD_AUTH: dict[str, Any] = MIDDLEWARE["forwardAuth"]


def ask(running: RunningService, sent: dict[str, str], **forwarded: str) -> Answered:
    """Do what Traefik does with a client's request."""
    wanted = {name.lower() for name in FORWARD_AUTH["authRequestHeaders"]}
    told = {name: value for name, value in sent.items() if name in wanted}
    own = {
        "x-forwarded-method": "POST",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "api.example.org",
        "x-forwarded-uri": "/v1/messages?beta=true",
        "x-forwarded-for": "203.0.113.9",
        **{name.replace("_", "-"): value for name, value in forwarded.items()},
    }
    return running.ask(FORWARD.path, {**told, **own})


def to_the_server(sent: dict[str, str], answer: Answered) -> dict[str, str]:
    """Give the headers that Traefik sends on."""
    named = [name.lower() for name in FORWARD_AUTH["authResponseHeaders"]]
    kept = {name: value for name, value in sent.items() if name not in named}
    return {**kept, **{name: answer.headers[name] for name in named if name in answer.headers}}


def test_the_file_asks_where_the_guard_listens_for_it() -> None:
    """Its address ends in the dialect's path, and it trusts no header of a client."""
    assert FORWARD_AUTH["address"].endswith(FORWARD.path)
    assert not FORWARD_AUTH.get("trustForwardHeader", False)
    assert set(FORWARD_AUTH["tls"]) == {"ca", "cert", "key"}


def test_passes() -> None:
    """What a client forged is gone, and the guard's word is in its place."""
    sent = {
        "authorization": f"Bearer {GOOD_KEY}",
        "x-cautery-key-id": "forged",
        "x-cautery-action": "forged",
        "x-original-uri": "/v1/models",
    }
    with running_service(FakeDecider("tag", watermark_key_id="key-7")) as running:
        answer = ask(running, sent, x_forwarded_for="6.6.6.6, 203.0.113.9")
        assert (answer.status, answer.body) == (200, b"")
        [facts] = running.decider.asked
        assert (facts.dialect, facts.operation) == ("anthropic", "chat")
        assert facts.client_address == "203.0.113.9"
        headers = to_the_server(sent, answer)
        assert headers["x-cautery-key-id"] == "key-7"
        assert headers["x-cautery-action"] == "tag"
        assert "forged" not in headers.values()
        said = {name for name in answer.headers if name.startswith("x-cautery-")}
        assert said == {name.lower() for name in FORWARD_AUTH["authResponseHeaders"]}


@pytest.mark.parametrize(
    ("decider", "status", "code"),
    [
        (FakeDecider("throttle", retry_after_seconds=7), 429, "rate_limit_exceeded"),
        (FakeDecider("challenge"), 403, "verification_required"),
        (FakeDecider("block"), 403, "account_restricted"),
    ],
    ids=["throttle", "challenge", "block"],
)
def test_copies_a_refusal_to_the_client(decider: FakeDecider, status: int, code: str) -> None:
    """Status, headers and body are for the client, and nothing of the guard's own is among them."""
    with running_service(decider) as running:
        answer = ask(running, {"authorization": f"Bearer {GOOD_KEY}"})
        assert answer.status == status
        assert json.loads(answer.body)["error"]["code"] == code
        if status == 429:
            assert answer.headers["retry-after"] == "7"
            assert answer.headers["anthropic-ratelimit-requests-remaining"] == "0"
        assert not any(name.startswith("x-cautery-") for name in answer.headers)


def test_proxies_before_traefik_are_passed_over_where_they_are_trusted() -> None:
    """Its last hop is its word; others count if the operator says so."""
    proxies = TrustedProxies(["10.0.0.0/8"])
    with running_service(callers=BY_LOOPBACK, proxies=proxies) as running:
        ask(running, {"x-api-key": GOOD_KEY}, x_forwarded_for="6.6.6.6, 198.51.100.7, 10.0.0.9")
        assert running.decider.asked[0].client_address == "198.51.100.7"


def test_litellms_file_asks_where_the_guard_listens_for_it() -> None:
    """LiteLLM fails closed, shows the secret, and asks before the call."""
    document = yaml.safe_load((FILES / "litellm.yaml").read_text())
    [guardrail] = document["guardrails"]
    told = guardrail["litellm_params"]
    assert told["guardrail"] == "generic_guardrail_api"
    assert told["mode"] == "pre_call"
    assert told["default_on"] is True
    assert told["unreachable_fallback"] == "fail_closed"
    assert "x-cautery-caller" in told["headers"]
