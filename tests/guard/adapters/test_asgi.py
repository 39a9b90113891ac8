"""The ASGI middleware under a real uvicorn, driven by the client libraries and by hand."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from tests.guard.deciders import GOOD_KEY, FakeDecider
from tests.guard.degrading.answer_cases import HIDING
from tests.guard.middleware.applications import (
    SAID,
    THOUGHT,
    Seen,
    model_application,
    records_in,
    served,
    write_configuration,
)
from tests.guard.middleware.guarded import CHAT, Guarded, guarded

from cautery.guard.adapters.asgi import MEMBER, CauteryMiddleware
from cautery.guard.embedded import CONFIGURATION_VARIABLE
from cautery.guard.middleware.messages import Message, Receive, Scope, Send
from cautery.ports import Enforcer
from cautery.records.decision import ACTIONS
from cautery.records.request import RequestFacts


def test_carries_out_everything() -> None:
    """It sees requests and answers, so no action has to become a stricter one."""
    assert isinstance(MEMBER, Enforcer)
    assert MEMBER.carries_out == frozenset(ACTIONS)


def test_passes_settles_and_records(tmp_path: Path) -> None:
    """A request that may pass reaches the application as it came, is charged and recorded."""
    with guarded(tmp_path) as guard:
        status, headers, content = guard.ask(CHAT, x_forwarded_for="203.0.113.9")
        assert (status, json.loads(content)["choices"][0]["message"]["content"]) == (200, SAID)
        assert guard.seen.bodies == [CHAT]
        assert headers["x-request-id"] == headers["request-id"] != "the-applications-own"
        assert guard.seen.headers[0]["x-request-id"] == headers["x-request-id"]
        assert guard.seen.headers[0]["x-forwarded-for"] == "203.0.113.9"
    (usage,) = guard.decider.settled
    assert (usage.input_tokens, usage.output_tokens, usage.status_code) == (7, 3, 200)
    (asked,) = guard.decider.asked
    assert (asked.account_id, asked.client_address, asked.operation) == (
        "acct-1",
        "127.0.0.1",
        "chat",
    )
    (record,) = records_in(tmp_path)
    assert record["account_id"] == "acct-1"
    assert record["input_text"] == "planted prompt"
    assert record["output_text"] == SAID
    assert record["header_order"].startswith("accept-encoding,")
    assert guard.seen.events == ["began", "ended"]


def test_a_stream_passes_and_is_charged(tmp_path: Path) -> None:
    """A stream goes on event by event, and costs what its last event says."""
    with guarded(tmp_path) as guard:
        client = openai.OpenAI(base_url=f"http://127.0.0.1:{guard.port}/v1", api_key=GOOD_KEY)
        with client, client.chat.completions.create(**CHAT, stream=True) as stream:
            text = "".join(one.choices[0].delta.content or "" for one in stream if one.choices)
        assert text == f"<think>{THOUGHT}</think>{SAID}"
    (usage,) = guard.decider.settled
    assert (usage.input_tokens, usage.output_tokens) == (7, 3)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_degrades(tmp_path: Path, *, streamed: bool) -> None:
    """Reasoning and log-probabilities are gone from the answer, and not even asked for."""
    decider = FakeDecider("degrade", degradations=HIDING)
    with guarded(tmp_path, decider) as guard:
        body = {**CHAT, "stream": streamed, "logprobs": True, "n": 3}
        status, headers, content = guard.ask(body)
        assert status == 200
        assert THOUGHT.encode() not in content
        assert b'"logprob":' not in content
        if streamed:
            events = [json.loads(one[6:]) for one in content.split(b"\n\n")[:-2]]
            deltas = [one["choices"][0]["delta"] for one in events if one["choices"]]
            assert "".join(delta.get("content") or "" for delta in deltas) == SAID
        else:
            assert json.loads(content)["choices"][0]["message"]["content"] == SAID
            assert int(headers["content-length"]) == len(content)
        assert "logprobs" not in guard.seen.bodies[0]
        assert guard.seen.bodies[0]["n"] == 1


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_the_parameters_of_a_tier_hold(tmp_path: Path, *, streamed: bool) -> None:
    """A summary that may be as long as the reasoning is the reasoning, in the middleware too."""
    summary = (
        "summarise-reasoning = { most_share = 1.0, keeps_figures = true, most_sentences = 50 }"
    )
    tiers = f'schema = "cautery.resist-tiers/1"\n[tiers.mild]\n{summary}\n'
    (tmp_path / "tiers.toml").write_text(tiers)
    decider = FakeDecider("degrade", degradations=("summarise_reasoning",))
    more = '[degrade]\ntiers = "tiers.toml"\nusual_tier = "mild"\n'
    with guarded(tmp_path, decider, more) as guard:
        assert THOUGHT.encode() in guard.ask({**CHAT, "stream": streamed})[2]
    with guarded(tmp_path, decider) as guard:
        assert THOUGHT.encode() not in guard.ask({**CHAT, "stream": streamed})[2]


@pytest.mark.parametrize("kind", ["not-json", "compressed"])
def test_what_cannot_be_degraded_is_not_sent(tmp_path: Path, kind: str) -> None:
    """Nobody knows what such an answer holds."""
    decider = FakeDecider("degrade", degradations=HIDING)
    with guarded(tmp_path, decider) as guard:
        status, _, content = guard.ask({**CHAT, "user": kind})
        assert (status, json.loads(content)["error"]["code"]) == (502, "upstream_failed")
    assert guard.decider.settled[0].status_code == 502


def test_a_stream_that_cannot_be_degraded_is_cut_off(tmp_path: Path) -> None:
    """The client sees that it has not all of it."""
    decider = FakeDecider("degrade", degradations=HIDING)
    with guarded(tmp_path, decider) as guard:
        client = openai.OpenAI(
            base_url=f"http://127.0.0.1:{guard.port}/v1", api_key=GOOD_KEY, max_retries=0
        )
        stream = client.chat.completions.create(**{**CHAT, "user": "broken-event"}, stream=True)
        with client, stream, pytest.raises(openai.APIConnectionError):
            list(stream)
    assert records_in(tmp_path)[0]["error_type"] == "undegradable"


def test_an_answer_too_large_to_change_is_not_sent(tmp_path: Path) -> None:
    """What has to be held whole is bounded."""
    decider = FakeDecider("degrade", degradations=HIDING)
    with guarded(tmp_path, decider) as guard:
        assert guard.ask(CHAT)[0] == 200
    with guarded(tmp_path, decider, '[limits]\nanswer_size = "1 KiB"\n') as guard:
        assert guard.ask({**CHAT, "user": "not-json"})[0] == 502
    assert records_in(tmp_path)[-1]["error_type"] == "upstream_failed"


@pytest.mark.parametrize(
    ("action", "status", "code"),
    [
        ("throttle", 429, "rate_limit_exceeded"),
        ("challenge", 403, "verification_required"),
        ("block", 403, "account_restricted"),
    ],
)
def test_refuses_in_both_manners_of_speech(
    tmp_path: Path, action: Any, status: int, code: str
) -> None:
    """Both client libraries read the error, and try again only where that is of use."""
    with guarded(tmp_path, FakeDecider(action, retry_after_seconds=1)) as guard:
        base = f"http://127.0.0.1:{guard.port}"
        with (
            openai.OpenAI(base_url=f"{base}/v1", api_key=GOOD_KEY, max_retries=0) as client,
            pytest.raises(openai.APIStatusError) as caught,
        ):
            client.chat.completions.create(**CHAT)
        assert (caught.value.status_code, caught.value.code) == (status, code)
        assert caught.value.request_id
        with (
            anthropic.Anthropic(base_url=base, api_key=GOOD_KEY, max_retries=0) as other,
            pytest.raises(anthropic.APIStatusError) as read,
        ):
            other.messages.create(**CHAT, max_tokens=5)
        assert read.value.status_code == status
        assert read.value.request_id
        assert guard.seen.bodies == []
    assert {usage.status_code for usage in guard.decider.settled} == {status}


def test_the_tag_is_carried(tmp_path: Path) -> None:
    """The engine finds the key's identifier in header and body, and not what a client wrote."""
    more = '[watermark]\nbody_field = "vllm_xargs.cautery_key_ids"\nheader = "x-watermark-key"\n'
    with guarded(tmp_path, FakeDecider("tag", watermark_key_id="wm-1"), more) as guard:
        body = {**CHAT, "watermark": False, "vllm_xargs": {"cautery_key_ids": "mine"}}
        assert guard.ask(body, x_watermark_key="mine", x_cautery_other="mine")[0] == 200
        assert guard.seen.bodies == [{**CHAT, "vllm_xargs": {"cautery_key_ids": ["wm-1"]}}]
        assert guard.seen.headers[0]["x-watermark-key"] == "wm-1"
        assert "x-cautery-other" not in guard.seen.headers[0]


def test_an_accounts_own_key_is_named_beside_the_tag(tmp_path: Path) -> None:
    """Every answer to it is marked by it; a tag comes first."""
    (tmp_path / "own.csv").write_text("account_id,key_id\nacct-1,wm-own\n")
    more = '[watermark]\nbody_field = "key_ids"\nheader = "x-watermark-key"\n'
    more += 'account_keys = "own.csv"\n'
    for decider, named in (
        (FakeDecider("tag", watermark_key_id="wm-1"), "wm-1,wm-own"),
        (FakeDecider(), "wm-own"),
    ):
        with guarded(tmp_path, decider, more) as guard:
            assert guard.ask(CHAT)[0] == 200
            assert guard.seen.bodies == [{**CHAT, "key_ids": named}]
            assert guard.seen.headers[0]["x-watermark-key"] == named


@pytest.mark.parametrize(
    ("more", "sent"),
    [("", ["websocket.close"]), ('[inside]\nwebsockets = "pass"\n', ["websocket.accept"])],
    ids=["refused", "passed"],
)
def test_websockets_are_refused_unless_they_may_pass(
    tmp_path: Path, more: str, sent: list[str]
) -> None:
    """Nothing on them is decided on, so that an operator has to want them."""
    messages: list[str] = []

    async def accept(_: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})

    async def connect() -> Message:
        return {"type": "websocket.connect"}

    async def take(message: Message) -> None:
        messages.append(message["type"])

    middleware = CauteryMiddleware(accept, write_configuration(tmp_path, more))
    asyncio.run(middleware({"type": "websocket", "path": "/v1/realtime"}, connect, take))
    assert messages == sent


class FailingDecider(FakeDecider):
    """A decision core that breaks its promise never to raise."""

    def decide(self, request: RequestFacts) -> Any:
        raise RuntimeError("planted")


def test_a_decider_that_fails_lets_nothing_pass(tmp_path: Path) -> None:
    """An error of the guard is an error to the client, not a way in."""
    with guarded(tmp_path, FailingDecider()) as guard:
        status, _, content = guard.ask(CHAT)
        assert (status, json.loads(content)["error"]["code"]) == (500, "internal_error")
        assert guard.seen.bodies == []


def test_an_application_that_fails_is_written_down(tmp_path: Path) -> None:
    """Its own error goes to its own server, and the exchange is settled."""
    with guarded(tmp_path) as guard:
        assert guard.ask({**CHAT, "user": "crash"})[0] == 500
    assert guard.decider.settled[0].status_code == 500


def test_begins_without_a_lifespan(tmp_path: Path) -> None:
    """A server that tells nobody that it starts serves all the same."""
    with guarded(tmp_path, lifespan="off") as guard:
        assert guard.ask(CHAT)[0] == 200


def test_the_environment_names_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server such as vLLM gives a middleware nothing but the application."""
    application = model_application(Seen())
    monkeypatch.delenv(CONFIGURATION_VARIABLE, raising=False)
    with (
        pytest.raises(AssertionError, match="did not begin"),
        served(CauteryMiddleware(application)),
    ):
        pass
    monkeypatch.setenv(CONFIGURATION_VARIABLE, str(write_configuration(tmp_path)))
    seen = Seen()
    with served(CauteryMiddleware(model_application(seen))) as port:
        guard = Guarded(port, seen, FakeDecider(), tmp_path)
        assert guard.ask(CHAT)[0] == 200
    (record,) = records_in(tmp_path)
    assert record["account_id"].startswith("key-")


def test_a_folder_that_is_not_there_keeps_the_application_from_starting(tmp_path: Path) -> None:
    """A guard that cannot do its work does not let the application begin without it."""
    path = write_configuration(tmp_path)
    middleware = CauteryMiddleware(model_application(Seen()), path)
    (tmp_path / "records").rmdir()
    with pytest.raises(AssertionError, match="did not begin"), served(middleware):
        pass
