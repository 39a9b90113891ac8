"""Endpoints that are dead, slow, busy or lying: told, resumable, and nothing lost."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.provenance.suspect_server import Behaviour, Reply, completion, suspect_server

from cautery.cli.main import run
from cautery.provenance import asking

PROMPTS = 12


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with prompts, and waits that are short."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(asking, "FIRST_WAIT_SECONDS", 0.01)
    rows = [{"id": f"p{n}", "prompt": f"prompt {n}"} for n in range(PROMPTS)]
    Path("prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def collect(url: str, *more: str) -> int:
    """Collect answers for a lineage test, four prompts at once."""
    words = ["provenance", "lineage", "--collect-only", "--suspect", url, "--model", "suspect"]
    words += ["--prompts", "prompts.jsonl", "--state", "s.jsonl", "--no-progress"]
    words += [] if "--at-once" in more else ["--at-once", "4"]
    return run([*words, "--top-logprobs", "5", *more])


def answers() -> dict[str, dict[str, Any]]:
    """Read what is kept: no prompt twice."""
    rows = [json.loads(line) for line in Path("s.jsonl").read_text().splitlines()[1:]]
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


def prompt_of(body: dict[str, Any]) -> str:
    """What is asked."""
    return str(body["messages"][0]["content"])


def honest(_number: int, body: dict[str, Any]) -> Reply:
    """Answer each prompt by its own words."""
    return completion(f"about {prompt_of(body)}")


def once_per_prompt(bad: Reply) -> Behaviour:
    """Answer each prompt badly once, and then honestly."""
    asked: Counter[str] = Counter()
    lock = threading.Lock()

    def behaviour(number: int, body: dict[str, Any]) -> Reply:
        with lock:
            asked[prompt_of(body)] += 1
            first = asked[prompt_of(body)] == 1
        return bad if first else honest(number, body)

    return behaviour


_WHOLE = completion("half of an answer")[2]


@pytest.mark.parametrize(
    "bad",
    [
        (429, {"retry-after": "0"}, b""),
        (503, {}, b"<html>"),
        (200, {}, b"{"),
        (200, {}, b'{"choices": []}'),
        (200, {}, b'{"choices": [{"message": {"content": 7}}]}'),
        (200, {"content-length": str(len(_WHOLE) + 30)}, _WHOLE),
    ],
    ids=["rate-limited", "overloaded", "cut-json", "no-choice", "wrong-type", "truncated"],
)
def test_what_fails_once_is_asked_again(bad: Reply) -> None:
    """Every prompt is answered in the end, each request is counted, and no answer is half."""
    with suspect_server(once_per_prompt(bad)) as server:
        assert collect(server.url) == 0
        assert len(server.asked) == 2 * PROMPTS
    kept = answers()
    assert {one: row["text"] for one, row in kept.items()} == {
        f"p{n}": f"about prompt {n}" for n in range(PROMPTS)
    }
    assert {row["requests"] for row in kept.values()} == {2}


@pytest.mark.parametrize("how", ["dead", "slow", "always-busy"])
def test_an_endpoint_that_never_answers_ends_the_run(
    how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told with exit code 3; the same command goes on once it answers."""
    slow = 0.2 if how == "slow" else 0.0

    def behaviour(number: int, body: dict[str, Any]) -> Reply:
        return (429, {}, b"") if how == "always-busy" else honest(number, body)

    with suspect_server(behaviour, slow_seconds=slow) as server:
        url = server.url
        if how != "dead":
            assert collect(url, "--timeout-seconds", "0.3") == 3
    if how == "dead":
        assert collect(url) == 3
    told = capsys.readouterr().err
    assert "0 answers are kept; the same command goes on" in told
    assert "Traceback" not in told
    Path("s.jsonl").unlink()  # the honest one has another address, and so another plan
    with suspect_server(honest) as server:
        assert collect(server.url) == 0
    assert len(answers()) == PROMPTS


@pytest.mark.parametrize(
    "logprobs",
    [
        "none",
        {"content": [{"top_logprobs": "?"}]},
        {"content": [{"top_logprobs": [{"token": 7, "logprob": -1}]}]},
        {"content": [{"top_logprobs": [{"token": "a", "logprob": "-1"}]}]},
        {"content": []},
        {"top_logprobs": [[1, 2]]},
        [[[[]]]],
    ],
    ids=["word", "no-list", "number", "text", "empty", "pairs", "nested"],
)
def test_wrong_logprobs_cost_no_answer(logprobs: Any) -> None:
    """The text still counts; no token is made up."""

    def lying(_number: int, body: dict[str, Any]) -> Reply:
        text = f"about {prompt_of(body)}"
        choice = {"message": {"content": text}, "finish_reason": "stop", "logprobs": logprobs}
        return completion("", choices=[choice])

    with suspect_server(lying) as server:
        assert collect(server.url) == 0
    kept = answers()
    assert len(kept) == PROMPTS
    assert not any(row.get("first_tokens") for row in kept.values())
    assert kept["p3"]["text"] == "about prompt 3"


def test_lies_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Another model's answers, one text for all, cut off, and longer than was asked for."""
    usage = {"prompt_tokens": -1, "completion_tokens": 10_000}
    choice = {"message": {"content": "the same\x1b[31m"}, "finish_reason": "length"}

    def lying(_number: int, _body: dict[str, Any]) -> Reply:
        return completion("", model="somebody-else", choices=[choice], usage=usage)

    with suspect_server(lying) as server:
        assert collect(server.url, "--most-output-tokens", "100000000") == 0
    told = capsys.readouterr().err
    assert "another model answered: 'somebody-else'" in told
    assert "12 of 12 answers are one and the same text" in told
    assert "12 answers were cut off at 16 tokens" in told
    assert "12 answers are longer than was asked for" in told
    assert "\x1b" not in told


def test_a_budget_holds_for_all_that_are_under_way(capsys: pytest.CaptureFixture[str]) -> None:
    """Seven requests, and not one more, with four at once; more budget goes on."""
    with suspect_server(honest) as server:
        assert collect(server.url, "--most-requests", "7") == 0
        assert len(server.asked) == 7
        assert "the limit of 7 requests ended the plan" in capsys.readouterr().err
        assert collect(server.url, "--requests-per-minute", "6000") == 0
        assert len(server.asked) == PROMPTS


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--at-once", "0"], "from 1 to 64"),
        (["--at-once", "65"], "from 1 to 64"),
        (["--requests-per-minute", "0"], "above 0"),
        (["--timeout-seconds", "0"], "above 0"),
        (["--most-requests", "0"], "at least 1"),
    ],
    ids=["none-at-once", "many-at-once", "rate", "time", "requests"],
)
def test_options_that_are_none(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are refused before anything is sent."""
    with suspect_server(honest) as server:
        assert collect(server.url, *words) == 3
        assert server.asked == []
    assert said in capsys.readouterr().err
