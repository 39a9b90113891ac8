"""``cautery provenance canary`` by the command line: registry, gateway, files, a real endpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.provenance.suspect_server import Reply, completion, suspect_server

from cautery.cli.main import run
from cautery.provenance.probe_schema import probe_schema

TOPICS = 24
CHOICES = ["Shall I time it?", "Shall I add tests?", "Which size has it?", "Is that all of it?"]
KEY = ["--key-file", "canary.key"]
PLANT = ["plant", "registry.jsonl", *KEY, "--markers", "markers.jsonl"]
CHECK = ["check", "registry.jsonl", *KEY, "--no-progress"]


def canary(*words: str) -> int:
    """Run the verb."""
    return run(["provenance", "canary", *words])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a key, and a registry of markers for two campaigns."""
    monkeypatch.chdir(tmp_path)
    Path("canary.key").write_text("5e" * 32)
    rows = [
        {"marker_id": f"m{n}", "words": [f"topic{n}."], "choices": CHOICES} for n in range(TOPICS)
    ]
    Path("markers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert canary(*PLANT, "--campaign", "C-1", "--campaign", "C-2") == 0
    return tmp_path


def phrases(capsys: pytest.CaptureFixture[str], campaign: str) -> dict[str, str]:
    """Read what a gateway is given: the phrase of each question's word."""
    capsys.readouterr()
    words = ["list", "registry.jsonl", *KEY, "--campaign", campaign, "--output-format", "json"]
    assert canary(*words) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["campaign_id"] for row in rows} == {campaign}
    return {row["words"][0]: row["phrase"] for row in rows}


def test_what_was_planted_is_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the phrases for people; planting again adds nothing."""
    assert len(Path("registry.jsonl").read_text().splitlines()) == 48
    assert canary("list", "registry.jsonl", *KEY) == 0
    shown = capsys.readouterr().out
    assert "C-2  m23  4 choices, for questions with topic23." in shown
    assert not any(choice in shown for choice in CHOICES)
    before = Path("registry.jsonl").read_bytes()
    assert all(choice.encode() in before for choice in CHOICES)
    assert canary(*PLANT, "--campaign", "C-1") == 0
    assert "0 markers planted in registry.jsonl; 24 were there already" in capsys.readouterr().err
    assert Path("registry.jsonl").read_bytes() == before
    assert len(set(phrases(capsys, "C-1").values())) > 1


def test_a_copy_behind_an_endpoint_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is asked within the budget, goes on where it ended, and its campaign is named."""
    given = phrases(capsys, "C-2")
    rows = [{"id": f"q{n}", "prompt": f"On topic{n}."} for n in range(TOPICS)]
    Path("prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def copy(number: int, body: dict[str, Any]) -> Reply:
        if number == 9:
            return 401, {}, b""
        word = body["messages"][0]["content"].split()[-1]
        return completion(f"So it is. {given[word]}")

    with suspect_server(copy) as server:
        words = [*CHECK, "--suspect", server.url, "--model", "suspect", "--state", "s.jsonl"]
        assert canary(*words) == 2
        words += ["--prompts", "prompts.jsonl", "-o", "report.json"]
        assert canary(*words, "--estimate-only") == 0
        assert server.asked == []
        assert canary(*words) == 3
        assert "8 answers are kept; the same command goes on" in capsys.readouterr().err
        assert canary(*words, "--at-once", "4") == 0
        assert len(server.asked) == 25
    told = capsys.readouterr().out
    assert "repeats the markers of campaign C-2" in told
    assert "24 of 24 markers where 6.0 are usual" in told
    assert "false accusations: " in told
    report = json.loads(Path("report.json").read_text())
    jsonschema.Draft202012Validator(probe_schema()).validate(report)
    assert (report["probe"], report["campaign_ids"]) == ("canary", ["C-2"])
    assert canary(*CHECK, "--suspect", "s.jsonl", "--output-format", "json") == 0
    again = json.loads(capsys.readouterr().out)
    assert again["markers"] == report["markers"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([*CHECK, "--suspect", "none.jsonl"], 3, "cannot be read"),
        ([*CHECK, "--suspect", "half.jsonl"], 3, "half.jsonl:1: a line needs prompt and text"),
        ([*CHECK, "--suspect", "empty.jsonl"], 3, "no answer of the suspect"),
        ([*CHECK, "--suspect", "half.jsonl", "--level", "0"], 3, "between 0 and 1"),
        ([*CHECK, "--suspect", "half.jsonl", "--ledger", "l"], 2, "--ledger-key"),
        (["check", "none", *KEY, "--suspect", "half.jsonl"], 3, "cannot be read"),
        (["list", "registry.jsonl", "--key-file", "other.key"], 3, "under another key"),
        (["list", "registry.jsonl", "--key-file", "markers.jsonl"], 3, "hexadecimal"),
        ([*PLANT[:-1], "half.jsonl", "--campaign", "C"], 3, "half.jsonl:1: not a marker"),
        ([*PLANT[:-1], "empty.jsonl", "--campaign", "C"], 3, "no marker in it"),
        ([*PLANT[:-1], "one.jsonl", "--campaign", "C"], 3, "from 2 to 64"),
        ([*PLANT[:-1], "other.jsonl", "--campaign", "C-1"], 3, "another marker 'm0'"),
    ],
    ids=lambda value: value[-1][:16] if isinstance(value, list) else None,
)
def test_bad_input(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    """Each has its exit code and a message, and never a traceback; the registry stays."""
    Path("half.jsonl").write_text('{"id": 1, "text": "x"}\n')
    Path("empty.jsonl").write_text("\n")
    Path("other.key").write_text("7a" * 32)
    Path("one.jsonl").write_text('{"marker_id": "m", "words": ["x"], "choices": ["a"]}\n')
    Path("other.jsonl").write_text('{"marker_id": "m0", "words": ["x"], "choices": ["a", "b"]}\n')
    before = Path("registry.jsonl").read_bytes()
    assert canary(*words) == code
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert Path("registry.jsonl").read_bytes() == before


def test_hostile_names_stay_inert(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names of campaigns and words of markers move no cursor."""
    row = {"marker_id": "m\x1b[2J", "words": ["w\u202e"], "choices": ["a", "b"]}
    Path("markers.jsonl").write_text(json.dumps(row))
    assert canary(*PLANT, "--campaign", "C\x1b[31m") == 0
    assert canary("list", "registry.jsonl", *KEY) == 0
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err
    assert "\u202e" not in shown.out
