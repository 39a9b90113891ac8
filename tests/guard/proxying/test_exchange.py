"""Requests through a running proxy: what is decided is what is done."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tests.guard.deciders import GOOD_KEY, FakeDecider
from tests.guard.proxying.proxies import ANSWER, Running, body_of, request, running, status_of

from cautery.guard.answers import AnswerSettings
from cautery.guard.proxying.client_addresses import TrustedProxies
from cautery.guard.tag_carrier import TagCarrier
from cautery.records.decision import Action
from cautery.records.key import Secret


def test_passes_a_request_and_its_answer_on() -> None:
    """The answer is the server's, and what it cost is settled."""

    async def scenario() -> None:
        async with running() as proxy:
            answer = await proxy.exchange(request())
            assert status_of(answer) == 200
            assert body_of(answer) == ANSWER
            facts = proxy.decider.asked[0]
            assert (facts.account_id, facts.operation, facts.dialect) == (
                "acct-1",
                "chat",
                "openai",
            )
            assert facts.client_address == "127.0.0.1"
            assert facts.template != 0
            usage = proxy.decider.settled[0]
            assert (usage.input_tokens, usage.output_tokens, usage.status_code) == (3, 2, 200)
            assert proxy.service.in_flight == proxy.service.buffered_bytes == 0

    asyncio.run(scenario())


def test_gives_request_ids_in_both_manners() -> None:
    """Both libraries find the same id, and the server gets it too; the client's own is dropped."""

    async def scenario() -> None:
        async with running() as proxy:
            answer = await proxy.exchange(request(b"{}", "X-Request-Id: forged"))
            head = answer.partition(b"\r\n\r\n")[0].decode().lower()
            given = proxy.server.asked[0].headers["x-request-id"]
            assert f"\r\nx-request-id: {given}\r\n" in f"{head}\r\n"
            assert f"\r\nrequest-id: {given}\r\n" in f"{head}\r\n"
            assert "forged" not in str(proxy.server.asked) + head

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("action", "status", "code"),
    [
        ("throttle", 429, "rate_limit_exceeded"),
        ("challenge", 403, "verification_required"),
        ("block", 403, "account_restricted"),
    ],
)
def test_what_is_not_passed_never_reaches_the_server(
    action: Action, status: int, code: str
) -> None:
    """The guard answers by itself."""

    async def scenario() -> None:
        decider = FakeDecider(action, retry_after_seconds=7)
        async with running(decider=decider, answers=AnswerSettings(help_url="https://h")) as proxy:
            answer = await proxy.exchange(request())
            assert status_of(answer) == status
            assert json.loads(body_of(answer))["error"]["code"] == code
            assert proxy.server.asked == []
            assert proxy.decider.settled[0].output_tokens == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("key", ["", "sk-wrong"])
def test_without_a_good_credential_nothing_is_passed(key: str) -> None:
    """An unknown client is told how to present itself, and is not decided on."""

    async def scenario() -> None:
        async with running() as proxy:
            answer = await proxy.exchange(request(key=key))
            assert status_of(answer) == 401
            assert b"www-authenticate: Bearer" in answer
            assert (proxy.server.asked, proxy.decider.asked) == ([], [])

    asyncio.run(scenario())


def test_takes_anthropics_header() -> None:
    """``x-api-key`` presents a key as well."""

    async def scenario() -> None:
        async with running() as proxy:
            wire = request(path="/v1/messages").replace(b"Authorization: Bearer", b"X-Api-Key:")
            assert status_of(await proxy.exchange(wire)) == 200
            assert proxy.decider.asked[0].dialect == "anthropic"

    asyncio.run(scenario())


async def server_got(proxy: Running, *lines: str, body: bytes = b"{}") -> Any:
    assert status_of(await proxy.exchange(request(body, *lines))) == 200
    return proxy.server.asked[-1]


def test_forged_headers_do_not_reach_the_server() -> None:
    """Where a request comes from is said by the guard alone."""

    async def scenario() -> None:
        async with running(carrier=TagCarrier(header="x-key-id")) as proxy:
            asked = await server_got(
                proxy,
                "X-Forwarded-For: 6.6.6.6",
                "X_Forwarded_For: 6.6.6.6",
                "Forwarded: for=6.6.6.6",
                "X-Real-IP: 6.6.6.6",
                "CF-Connecting-IP: 6.6.6.6",
                "X-Key-Id: 6.6.6.6",
                "X-Cautery-Anything: 6.6.6.6",
                "Upgrade: 6.6.6.6",
                "TE: 6.6.6.6",
                "Accept-Encoding: gzip",
                "Kept: yes",
            )
            assert "6.6.6.6" not in str(asked)
            assert asked.headers["x-forwarded-for"] == "127.0.0.1"
            assert asked.headers["accept-encoding"] == "identity"
            assert asked.headers["kept"] == "yes"
            assert proxy.decider.asked[0].client_address == "127.0.0.1"

    asyncio.run(scenario())


def test_trusted_proxies_are_believed() -> None:
    """Behind the operator's own proxy the client's address is found."""

    async def scenario() -> None:
        async with running(proxies=TrustedProxies(["127.0.0.0/8"])) as proxy:
            await server_got(proxy, "X-Forwarded-For: 6.6.6.6, 203.0.113.9")
            assert proxy.decider.asked[0].client_address == "203.0.113.9"

    asyncio.run(scenario())


def test_opt_outs_do_not_reach_the_server() -> None:
    """Ways round a watermark are taken out and counted."""

    async def scenario() -> None:
        async with running(stripped_fields=frozenset({"logit_bias"})) as proxy:
            body = b'{"model":"m","watermark":{"enabled":false},"logit_bias":{},"n":1,"n":1}'
            asked = await server_got(proxy, body=body)
            assert asked.body == b'{"model":"m","n":1}'
            assert proxy.metrics.value("stripped_fields_total", "watermark") == 1
            assert proxy.metrics.value("stripped_fields_total", "listed") == 1

    asyncio.run(scenario())


OWN = {"acct-1": "wk-own"}
"""Identifier of the known account's own key."""


@pytest.mark.parametrize(
    ("carrier", "found"),
    [
        (TagCarrier(header="x-key-id"), "'x-key-id': 'wk-7'"),
        (TagCarrier(body_field="vllm_xargs.cautery_key_ids"), '"cautery_key_ids":["wk-7"]'),
        (TagCarrier(header="x-key-id", account_keys=OWN), "'x-key-id': 'wk-7,wk-own'"),
        (
            TagCarrier(body_field="vllm_xargs.cautery_key_ids", account_keys=OWN),
            '"cautery_key_ids":["wk-7","wk-own"]',
        ),
    ],
    ids=["header", "body", "header-and-account", "body-and-account"],
)
def test_tags(carrier: TagCarrier, found: str) -> None:
    """The engine learns which key marks the answer; a client's own word on it is gone."""

    async def scenario() -> None:
        decider = FakeDecider("tag", watermark_key_id="wk-7")
        async with running(decider=decider, carrier=carrier) as proxy:
            body = b'{"model":"m","vllm_xargs":{"cautery_key_ids":"mine"}}'
            forged = ["X-Key-Id: mine"] if carrier.header else []
            asked = await server_got(proxy, *forged, body=body)
            assert found in str(asked)
            assert "mine" not in str(asked)

    asyncio.run(scenario())


@pytest.mark.parametrize("credential", ["forward", "remove", Secret(b"servers-own")], ids=str)
def test_the_servers_credential(credential: Any) -> None:
    """The client's is passed on, removed, or replaced by the guard's."""

    async def scenario() -> None:
        async with running(upstream={"credential": credential}) as proxy:
            asked = await server_got(proxy)
            expected = {
                "forward": f"Bearer {GOOD_KEY}",
                "remove": None,
            }.get(str(credential), "Bearer servers-own")
            found = {name.lower(): value for name, value in asked.headers.items()}
            assert found.get("authorization") == expected

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (request(path="/metrics", method="GET", body=b""), 404),
        (request(path="/v1x/models", method="GET", body=b""), 404),
        (request(path="/v1/%63hat/completions"), 400),
        (request(path="http://api/v1/chat/completions"), 400),
        (request(b"not json"), 400),
        (request(b'{"n":"5"}'), 400),
        (request(b"{}", "Content-Encoding: gzip"), 415),
        (
            request(b"{}").replace(b"application/json", b"multipart/form-data; boundary=x"),
            415,
        ),
    ],
    ids=range(8),
)
def test_refuses_what_is_not_served(wire: bytes, status: int) -> None:
    """Other paths, other spellings and bodies that nobody can look into never reach the server."""

    async def scenario() -> None:
        async with running() as proxy:
            assert status_of(await proxy.exchange(wire)) == status
            assert proxy.server.asked == []

    asyncio.run(scenario())


def test_opaque_bodies_pass_where_no_model_is_asked() -> None:
    """An uploaded file goes on byte for byte."""

    async def scenario() -> None:
        async with running() as proxy:
            wire = request(b"\x00\xff--x", path="/v1/files").replace(
                b"application/json", b"multipart/form-data; boundary=x"
            )
            assert status_of(await proxy.exchange(wire)) == 200
            assert proxy.server.asked[0].body == b"\x00\xff--x"

    asyncio.run(scenario())
