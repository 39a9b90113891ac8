"""Every enforcement adapter behind a real server of its kind, as its clients see it.

What an action does to a client is the same wherever it is carried out (contracts, section 6); what
an adapter cannot express becomes the next stricter action that it can.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.client import HTTPException
from importlib import import_module
from typing import Any

import anthropic
import openai
import pytest
from tests.contracts.enforcers.harness import STATUS_CODES, Harness
from tests.contracts.enforcers.model_servers import (
    EXPLAINED,
    GIST,
    PROMPT,
    SAID,
    SECRET,
    THOUGHT,
    model_server,
)
from tests.contracts.enforcers.places import ANTHROPIC, OPENAI, Answered, Place
from tests.contracts.enforcers.scripted import (
    ANSWERED,
    CLOSED,
    OPEN,
    RAISES,
    RETRY_SECONDS,
    SETTLED,
    SHADOW,
    SUMMARISED,
    TAG_KEY,
    key_of,
)

from cautery.guard.adapters import MEMBERS
from cautery.guard.expressing import STAND_IN_SECONDS
from cautery.ports import Enforcer
from cautery.records.decision import ACTIONS, PASSING, Action

CODES = {
    "throttle": "rate_limit_exceeded",
    "challenge": "verification_required",
    "block": "account_restricted",
}
_CHANGING = frozenset(
    "x-request-id x-forwarded-for content-length x-envoy-expected-rq-timeout-ms "
    "x-litellm-call-id x-cautery-request-id".split()
)
"""Headers that are another's with every request."""


@pytest.fixture(scope="module", params=MEMBERS)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    name = request.param
    harness: Harness = import_module(f"tests.contracts.enforcers.{name}").HARNESS
    if harness.missing():
        pytest.skip(harness.missing())
    folder = tmp_path_factory.mktemp(name)
    with model_server() as model, harness.running(folder, model.port) as enforcing:
        member: Enforcer = import_module(f"cautery.guard.adapters.{name}").MEMBER
        yield Place(name, member, harness, enforcing, model)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_seen_by_its_client(place: Place, action: Action) -> None:
    """What is asked for happens, or the next stricter thing that can."""
    expressed = place.expressed(action)
    answers: list[Answered] = []
    reached = place.reached_by(lambda: answers.append(place.ask(action)))
    (answer,) = answers
    if expressed in PASSING:
        assert answer.status == 200, answer
        assert [one.body["messages"][0]["content"] for one in reached] == [PROMPT]
        assert SAID.encode() in answer.content
        assert (reached[0].headers.get(place.harness.tag_header) == TAG_KEY) == (action == "tag")
    else:
        assert answer.status == STATUS_CODES[expressed], answer
        assert answer.error["code"] == CODES[expressed]
        assert answer.headers["x-decision-id"] == answer.error["decision_id"] == "dec_planted"
        assert reached == []
    if expressed == "throttle":
        seconds = RETRY_SECONDS if action == "throttle" else STAND_IN_SECONDS
        assert int(answer.headers["retry-after"]) == seconds
    elif expressed not in PASSING:
        assert answer.headers["x-should-retry"] == "false"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("dialect", [OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
def test_what_degrade_leaves_out(place: Place, dialect: int, *, stream: bool) -> None:
    """The answer stays, and neither its reasoning nor its probabilities are in it."""
    if "degrade" not in place.member.carries_out:
        assert place.ask("degrade", dialect, stream=stream).status >= 400
        return
    plain = place.ask("allow", dialect, stream=stream)
    assert THOUGHT.encode() in plain.content
    answer = place.ask("degrade", dialect, stream=stream)
    assert answer.status == 200
    assert THOUGHT.encode() not in answer.content
    assert b'"logprob":' not in answer.content
    said = SAID[7:] if stream and SAID.encode() not in answer.content else SAID
    assert said.encode() in answer.content


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("dialect", [OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
@pytest.mark.parametrize("script", [SUMMARISED, ANSWERED])
def test_defences_are_carried_out(place: Place, script: str, dialect: int, *, stream: bool) -> None:
    """A summary stands in place of the reasoning, or the answer is left alone, streamed or not."""
    answer = place.ask(script, dialect, stream=stream)
    if "degrade" not in place.member.carries_out:
        assert answer.status >= 400
        return
    assert answer.status == 200
    assert SECRET.encode() not in answer.content
    assert (GIST.encode() in answer.content) == (script == SUMMARISED)
    assert (EXPLAINED.strip().encode() in answer.content) == (script == SUMMARISED)
    assert b'"logprob":' not in answer.content
    said = SAID[7:] if stream and SAID.encode() not in answer.content else SAID
    assert said.encode() in answer.content


def test_client_libraries_put_degraded_streams_together(place: Place) -> None:
    """What is held back and given later makes an answer of its kind again."""
    if "degrade" not in place.member.carries_out:
        return
    base = f"http://127.0.0.1:{place.enforcing.port}"
    question: Any = [{"role": "user", "content": PROMPT}]
    for script in (SUMMARISED, ANSWERED):
        shown = SAID if script == ANSWERED else EXPLAINED + SAID
        with openai.OpenAI(base_url=f"{base}/v1", api_key=key_of(script), max_retries=0) as client:
            chunks = client.chat.completions.create(model="served", messages=question, stream=True)
            texts = [one.delta.content or "" for chunk in chunks for one in chunk.choices]
            assert "".join(texts).endswith(shown)
        with (
            anthropic.Anthropic(base_url=base, api_key=key_of(script), max_retries=0) as other,
            other.messages.stream(model="served", messages=question, max_tokens=5) as streaming,
        ):
            blocks = streaming.get_final_message().content
        # LiteLLM makes such a stream of one of OpenAI's, whose server reasons in tags.
        texts = [block.text for block in blocks if block.type == "text"]
        assert "".join(texts).endswith(shown)
        thoughts = [block.thinking for block in blocks if block.type == "thinking"]
        assert (GIST in "".join(texts + thoughts)) == (script == SUMMARISED)


def test_degrade_asks_the_server_for_less(place: Place) -> None:
    """Nothing is computed in vain."""
    if not place.member.sees_body or "degrade" not in place.member.carries_out:
        return
    (reached,) = place.reached_by(lambda: place.ask("degrade", logprobs=True, n=3))
    assert "logprobs" not in reached.body
    assert reached.body.get("n", 1) == 1


def test_no_client_gets_round_the_mark(place: Place) -> None:
    """Opt-outs and forged tags are gone before the model server, or the request is refused."""
    forged: dict[str, Any] = {"watermark": False, "vllm_xargs": {"cautery_key_ids": "mine"}}
    for one in place.reached_by(lambda: place.ask("tag", **forged)):
        assert "watermark" not in one.body
        assert "cautery_key_ids" not in json.dumps(one.body)
        assert one.headers[place.harness.tag_header] == TAG_KEY


def test_shadow_changes_nothing_on_the_wire(place: Place) -> None:
    """Neither client nor model server can tell that a rule would have blocked."""
    seen = []
    for script in ("allow", SHADOW):
        answers: list[Answered] = []
        (reached,) = place.reached_by(lambda: answers.append(place.ask(script)))  # noqa: B023
        (answer,) = answers
        headers = {
            name: value
            for name, value in reached.headers.items()
            if name not in _CHANGING and name != "authorization"
        }
        body = json.loads(answer.content)
        names = sorted(name for name in answer.headers if not name.startswith("x-litellm"))
        seen.append((answer.status, names, body, reached.body, headers))
    assert seen[0] == seen[1]


def test_client_libraries_read_what_stops_them(place: Place) -> None:
    """OpenAI's and Anthropic's libraries get status, code and an id to ask about."""
    base = f"http://127.0.0.1:{place.enforcing.port}"
    question = [{"role": "user", "content": PROMPT}]
    for action, code in CODES.items():
        with (
            openai.OpenAI(base_url=f"{base}/v1", api_key=key_of(action), max_retries=0) as client,
            pytest.raises(openai.APIStatusError) as caught,
        ):
            client.chat.completions.create(model="served", messages=question)  # type: ignore[arg-type]
        assert caught.value.code == code
        assert caught.value.request_id
        with (
            anthropic.Anthropic(base_url=base, api_key=key_of(action), max_retries=0) as other,
            pytest.raises(anthropic.APIStatusError) as read,
        ):
            other.messages.create(model="served", messages=question, max_tokens=5)  # type: ignore[arg-type]
        assert read.value.status_code == STATUS_CODES[action]
        assert read.value.type in {"permission_error", "rate_limit_error"}
        assert read.value.request_id


def test_no_client_learns_why(place: Place) -> None:
    """Whoever is told the rule learns how to pass it."""
    for action in ACTIONS:
        answer = place.ask(action)
        told = (answer.content + repr(answer.headers).encode()).lower()
        for secret in (b"planted-rule", b"planted reason", b"planted-campaign", TAG_KEY.encode()):
            assert secret not in told


def test_request_ids_are_unique(place: Place) -> None:
    """An analyst finds the one request by it."""
    ids = {place.request_id(script) for script in ("allow", "block", "allow")}
    assert len(ids) == 3
    assert all(ids)


def test_usage_is_settled(place: Place) -> None:
    """Where the answer is seen its tokens are charged, streamed or not; a refusal costs none."""
    if not place.member.sees_answer:
        return
    before = len(place.enforcing.settled())
    for stream in (False, True):
        place.ask(SETTLED, stream=stream)
    place.ask("block")
    end = time.monotonic() + 20
    rows: list[dict[str, Any]] = []
    while sum(row["account_id"] == SETTLED for row in rows) < 2 and time.monotonic() < end:
        time.sleep(0.05)
        rows = place.enforcing.settled()[before:]
    allowed = [row for row in rows if row["account_id"] == SETTLED]
    assert [(row["input_tokens"], row["output_tokens"]) for row in allowed] == [(7, 3), (7, 3)]
    assert {row["status_code"] for row in allowed} == {200}
    blocked = [row for row in rows if row["account_id"] == "block"]
    assert [(row["input_tokens"], row["output_tokens"]) for row in blocked] == [(0, 0)]


@pytest.mark.parametrize(("script", "passes"), [(OPEN, True), (CLOSED, False)])
def test_a_fault_of_the_decision_core_fails_as_it_is_set(
    place: Place, script: str, *, passes: bool
) -> None:
    """Without its snapshot a guard lets requests pass, or throttles them."""
    answers: list[Answered] = []
    reached = place.reached_by(lambda: answers.append(place.ask(script)))
    assert (len(reached), answers[0].status) == ((1, 200) if passes else (0, 429))


def test_a_decision_core_that_raises_lets_nothing_pass(place: Place) -> None:
    """Against its port, and all the same no way in."""
    answers: list[Answered] = []

    def ask() -> None:
        try:
            answers.append(place.ask(RAISES))
        except (OSError, HTTPException):
            """The connection was closed, which is an answer as well."""

    assert place.reached_by(ask) == []
    assert [one.status for one in answers if one.status < 400] == []
    assert place.ask("allow").status == 200


def test_who_is_not_known_is_not_served(place: Place) -> None:
    """A key without an account is refused, wherever keys are looked up."""
    answers: list[Answered] = []
    assert place.reached_by(lambda: answers.append(place.ask("stranger"))) == []
    assert answers[0].status == 401


def test_zz_logs_hold_no_credential_and_no_prompt(place: Place) -> None:
    """After all that was asked above, at the end of the file."""
    place.ask("block", stream=True)
    logs = place.enforcing.logs()
    for script in (*ACTIONS, SUMMARISED, ANSWERED, SHADOW, RAISES, OPEN, CLOSED, "stranger"):
        assert key_of(script) not in logs
    for secret in (PROMPT, SECRET, SAID):
        assert secret not in logs
