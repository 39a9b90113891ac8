from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.guard.deciders import FakeDecider
from tests.guard.degrading.answer_cases import HIDING
from tests.guard.litellm_calls.calls import KEY, call, chat, hooks, pieces_of
from tests.guard.middleware.applications import records_in

from cautery.guard.litellm_calls import hooks as hooks_module
from cautery.guard.litellm_calls.hooks import MARK, Hooks, RefusedError
from cautery.records.request import RequestFacts


def degrading() -> FakeDecider:
    return FakeDecider("degrade", degradations=HIDING)


async def refused(told: Hooks, data: Any, call_type: str = "acompletion") -> dict[str, Any]:
    """Say how a call is refused."""
    with pytest.raises(RefusedError) as caught:
        await told.before(KEY, data, call_type)
    answer = caught.value.answer
    return {"status": answer.status_code, **json.loads(answer.body)["error"]}


def test_a_call_is_settled_and_recorded_once(tmp_path: Path) -> None:
    """Facts are LiteLLM's; a second end of the same call changes nothing."""
    decider = FakeDecider()

    async def scenario() -> None:
        told, data = hooks(tmp_path, decider), call(user="customer-9", temperature=0.5)
        await told.before(KEY, data, "acompletion")
        details = data["litellm_logging_obj"].model_call_details
        assert told.request_id_of(data) == details[MARK]
        answer = chat()
        assert told.changed(data, answer) is answer
        told.ended(details, answer)
        told.ended(details, answer)
        told.failed(data, RuntimeError())
        assert told.request_id_of(data) == ""
        await told.guard.end()

    asyncio.run(scenario())
    (facts,) = decider.asked
    assert (facts.account_id, facts.org_id, facts.end_user_id) == ("user-1", "team-1", "customer-9")
    assert (facts.client_address, facts.user_agent) == ("203.0.113.9", "curl/8")
    (usage,) = decider.settled
    assert (usage.input_tokens, usage.output_tokens, usage.status_code) == (7, 3, 200)
    (record,) = records_in(tmp_path)
    assert record["key_id"] == KEY.api_key
    assert record["input_text"] == "planted prompt"
    assert record["header_order"] == "host,user-agent"


def test_the_call_is_changed_in_place(tmp_path: Path) -> None:
    """Opt-outs go, the tag comes, and what is LiteLLM's own stays."""
    more = '[watermark]\nbody_field = "vllm_xargs.cautery_key_ids"\nheader = "x-watermark-key"\n'
    decider = FakeDecider("tag", watermark_key_id="wm-1")

    async def scenario() -> None:
        data = call(
            watermark=False,
            vllm_xargs={"a": 1, "cautery_key_ids": "mine"},
            extra_headers={"X-Watermark-Key": "mine", "other": "1"},
        )
        before = {name: data[name] for name in ("metadata", "secret_fields", "messages")}
        await hooks(tmp_path, decider, more).before(KEY, data, "anthropic_messages")
        assert data["vllm_xargs"] == {"a": 1, "cautery_key_ids": ["wm-1"]}
        assert data["extra_headers"] == {"other": "1", "x-watermark-key": "wm-1"}
        assert "watermark" not in data
        assert {name: data[name] for name in before} == before

    asyncio.run(scenario())
    assert decider.asked[0].dialect == "anthropic"


def test_degrade_changes_call_and_answer(tmp_path: Path) -> None:
    """The answer is a new object: LiteLLM's cache keeps what the model said."""

    async def scenario() -> None:
        told, data = hooks(tmp_path, degrading()), call(logprobs=True, n=3)
        await told.before(KEY, data, "acompletion")
        assert ("logprobs" in data, data["n"]) == (False, 1)
        answer = chat()
        answer._hidden_params["cost"] = 1
        changed = told.changed(data, answer)
        assert changed.content["choices"][0]["message"] == {"content": "42"}
        assert changed._hidden_params == {"cost": 1}
        assert "planted thought" in str(answer.content)
        page = told.guard.metrics.render()
        assert 'degraded_answers_total{degradation="hide_reasoning"} 1' in page
        assert 'left_out_total{what="reasoning_words"} 2' in page

    asyncio.run(scenario())


@pytest.mark.parametrize("answer", [object(), [1], "text"], ids=["object", "list", "text"])
def test_an_answer_that_cannot_be_changed_is_not_given(tmp_path: Path, answer: Any) -> None:
    """Nobody knows what it holds; the call is settled as failed."""
    decider = degrading()

    async def scenario() -> None:
        told, data = hooks(tmp_path, decider), call()
        await told.before(KEY, data, "acompletion")
        with pytest.raises(RefusedError) as caught:
            told.changed(data, answer)
        assert caught.value.answer.status_code == 502

    asyncio.run(scenario())
    assert decider.settled[0].status_code == 502


def test_a_stream_that_cannot_be_changed_ends(tmp_path: Path) -> None:
    """What was sent stays sent; nothing more follows."""

    async def scenario() -> None:
        told, data = hooks(tmp_path, degrading()), call(stream=True)
        await told.before(KEY, data, "acompletion")
        with pytest.raises(RefusedError):
            async for _ in told.stream(data, pieces_of({"choices": []}, object())):
                pass

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("action", "status"), [("allow", 0), ("tag", 0), ("degrade", 429), ("block", 403)]
)
def test_calls_of_an_unknown_kind(tmp_path: Path, action: Any, status: int) -> None:
    """They can be stopped but not changed, so *degrade* becomes *throttle*."""
    decider = FakeDecider(action, watermark_key_id="wm-1" if action == "tag" else "")

    async def scenario() -> None:
        told, data = hooks(tmp_path, decider), call(logprobs=True)
        if status:
            assert (await refused(told, data, "pass_through_endpoint"))["status"] == status
        else:
            await told.before(KEY, data, "pass_through_endpoint")
            assert data["logprobs"] is True

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"n": "5"}, "invalid_request"), ({"note": "x" * 4096}, "request_too_large")],
    ids=["wrong-type", "too-large"],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, fields: dict[str, Any], code: str) -> None:
    """A lenient server would take the text for a number."""
    decider = FakeDecider()

    async def scenario() -> None:
        told = hooks(tmp_path, decider, '[limits]\nbody_size = "2 KiB"\n')
        assert (await refused(told, call(**fields)))["code"] == code

    asyncio.run(scenario())
    assert decider.asked == []


class FailingDecider(FakeDecider):
    """A decision core that breaks its promise never to raise."""

    def decide(self, request: RequestFacts) -> Any:
        raise RuntimeError("planted")


def test_what_fails_lets_nothing_pass(tmp_path: Path) -> None:
    """A decision core that raises, and a guard that cannot begin."""

    async def scenario() -> None:
        told = hooks(tmp_path, FailingDecider())
        assert (await refused(told, call()))["status"] == 500
        broken = hooks(tmp_path)
        (tmp_path / "pepper").unlink()
        assert (await refused(broken, call()))["status"] == 500

    asyncio.run(scenario())


def test_a_client_that_leaves_a_stream(tmp_path: Path) -> None:
    """What was streamed until then is charged, an event a token."""
    decider = FakeDecider()

    async def scenario() -> None:
        told, data = hooks(tmp_path, decider), call(stream=True)
        await told.before(KEY, data, "acompletion")
        stream = told.stream(data, pieces_of({"a": 1}, {"b": 2}, {"c": 3}))
        assert [await anext(stream), await anext(stream)] == [{"a": 1}, {"b": 2}]
        await stream.aclose()
        told.ended(data["litellm_logging_obj"].model_call_details, chat())

    asyncio.run(scenario())
    (usage,) = decider.settled
    assert (usage.output_tokens, usage.status_code) == (2, 0)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("planted"), 500),
        (SimpleNamespace(status_code=429), 429),
        (SimpleNamespace(code="503"), 503),
        (SimpleNamespace(status_code=499), 0),
        (asyncio.CancelledError(), 0),
    ],
    ids=["plain", "status", "code", "left", "cancelled"],
)
def test_failures_are_settled_with_what_the_client_got(
    tmp_path: Path, error: Any, status: int
) -> None:
    """Of LiteLLM's own errors and those of the server behind."""
    decider = FakeDecider()

    async def scenario() -> None:
        told, data = hooks(tmp_path, decider), call()
        await told.before(KEY, data, "acompletion")
        told.failed(data, error)

    asyncio.run(scenario())
    assert [usage.status_code for usage in decider.settled] == [status]


def test_calls_that_never_end_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded, whatever LiteLLM does not tell."""
    monkeypatch.setattr(hooks_module, "_MOST_CALLS", 2)
    decider = FakeDecider()

    async def scenario() -> None:
        told = hooks(tmp_path, decider)
        data = [call() for _ in range(3)]
        for one in data:
            await told.before(KEY, one, "acompletion")
        assert [bool(told.request_id_of(one)) for one in data] == [False, True, True]

    asyncio.run(scenario())
    assert len(decider.settled) == 1


def test_a_forged_mark_finds_no_call(tmp_path: Path) -> None:
    """A client's own fields are not where a call is looked for."""

    async def scenario() -> None:
        told, degraded = hooks(tmp_path, degrading()), call()
        await told.before(KEY, degraded, "acompletion")
        forged = call(**{MARK: told.request_id_of(degraded), "litellm_call_id": "the-same"})
        assert told.request_id_of(forged) == ""
        await told.before(KEY, forged, "acompletion")
        assert MARK not in forged

    asyncio.run(scenario())


def test_without_a_log_object_a_call_is_settled_at_once(tmp_path: Path) -> None:
    """Nobody could find it again at its end, so one that is to be degraded may not go on."""
    decider = FakeDecider()

    async def scenario() -> None:
        told, data = hooks(tmp_path, decider), call(litellm_logging_obj=None)
        await told.before(KEY, data, "acompletion")
        assert told.request_id_of(data) == ""
        assert (await refused(hooks(tmp_path, degrading()), data))["status"] == 500

    asyncio.run(scenario())
    assert len(decider.settled) == 1
