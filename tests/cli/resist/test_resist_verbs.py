"""``cautery resist`` through the command line."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cautery.cli.main import run

TIERS = """
schema = "cautery.resist-tiers/1"
[tiers.none]
[tiers.likely]
hide-reasoning = {}
single-choice = {}
"""
LABORATORY = "cautery.inference.neural_laboratory"
QUICK = ["--seeds", "1", "2", "--requests", "30", "--test-questions", "20", "--no-progress"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with tiers and answers."""
    monkeypatch.chdir(tmp_path)
    Path("tiers.toml").write_text(TIERS)
    answers = [
        {"id": "a", "choices": [{"text": "<think>7*6</think>42"}, {"text": "41"}]},
        {"choices": [{"text": "ok", "reasoning": "why"}]},
    ]
    Path("answers.jsonl").write_text("".join(json.dumps(one) + "\n" for one in answers))
    return tmp_path


def apply(*words: str, tier: str = "likely") -> int:
    """Run ``apply``."""
    return run(
        ["resist", "apply", "answers.jsonl", "--tiers", "tiers.toml", "--tier", tier, *words]
    )


def test_apply_changes_answers_and_keeps_an_audit(capsys: pytest.CaptureFixture[str]) -> None:
    """What clients would get, line by line; the audit has counts and no text."""
    assert apply("--audit", "audit.jsonl") == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [[one["text"] for one in line["choices"]] for line in shown] == [["42"], ["ok"]]
    assert "why" not in json.dumps(shown)
    audit = [json.loads(line) for line in Path("audit.jsonl").read_text().splitlines()]
    assert [change["defence"] for change in audit[0]["changes"]] == [
        "single-choice",
        "hide-reasoning",
    ]
    assert audit[0]["id"] == "a"
    assert "42" not in json.dumps(audit)


def test_a_tier_without_defences_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """It is there, and lets answers through."""
    assert apply(tier="none") == 0
    assert "<think>7*6</think>42" in capsys.readouterr().out


def test_a_misspelt_tier_leaves_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written for it."""
    assert apply(tier="likly") == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "line",
    ["{", '{"choices": []}', '{"choices": [{"text": 1}]}', "[" * 5000, '{"choice": 1}', "\ud8ff"],
    ids=["cut", "none", "kind", "deep", "field", "surrogate"],
)
def test_a_wrong_line_is_named(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """File and line, and 3."""
    Path("answers.jsonl").write_bytes(b"\n" + line.encode("utf-8", "surrogatepass"))
    assert apply() == 3
    assert "answers.jsonl:2" in capsys.readouterr().err


def test_files_that_are_not_there() -> None:
    """Answers, tiers, and a folder for the audit."""
    assert apply("--audit", "none/audit.jsonl") == 3
    Path("answers.jsonl").unlink()
    assert apply() == 3
    Path("tiers.toml").unlink()
    assert apply() == 3


def test_evaluate_prints_a_row_a_defence(capsys: pytest.CaptureFixture[str]) -> None:
    """The baseline, what was asked for, and how to read it."""
    assert run(["resist", "evaluate", "--defence", "hide-reasoning+single-choice", *QUICK]) == 0
    shown = capsys.readouterr().out
    assert "none " in shown
    assert "hide-reasoning+single-choice" in shown
    assert "baseline" in shown
    assert "larger" in shown


def test_evaluate_writes_json_of_tiers(capsys: pytest.CaptureFixture[str]) -> None:
    """Each tier is a plan; the tier called none clashes with the baseline."""
    words = ["resist", "evaluate", "--tiers", "tiers.toml", *QUICK, "--output-format", "json"]
    assert run(words) == 2
    Path("tiers.toml").write_text(TIERS.replace("tiers.none", "tiers.low"))
    assert run(words) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "cautery.resist-findings/1"
    assert [plan["plan"] for plan in document["plans"]] == ["none", "low", "likely"]


@pytest.mark.parametrize(
    "words",
    [
        ["--defence", "hide"],
        ["--defence", "hide-reasoning+hide-reasoning"],
        ["--defence", "hide-reasoning", "hide-reasoning"],
        ["--seeds", "1"],
        ["--requests", "3"],
    ],
)
def test_what_cannot_be_tried(words: list[str]) -> None:
    """Unknown or doubled defences, too few seeds or questions: 2."""
    assert run(["resist", "evaluate", *words, "--no-progress"]) == 2


def test_evaluate_teaches_neural_students(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same report, with the defence that only this laboratory knows; hardly trained here."""
    torch = pytest.importorskip("torch", reason="wants pip install torch")
    # Threads that wait for each other beside other tests take minutes for these seconds.
    torch.set_num_threads(1)
    trial = importlib.import_module("cautery.inference.neural_laboratory.trial")
    for name in ("STUDENT_SCHOOLING", "PATIENT_SCHOOLING"):
        monkeypatch.setattr(trial, name, replace(getattr(trial, name), steps=2))
    words = ["--laboratory", "neural", "--defence", "antidistillation-sampling", "--choices", "1"]
    assert run(["resist", "evaluate", *words, *QUICK]) == 0
    shown = capsys.readouterr().out
    assert "antidistillation-sampling" in shown
    assert "stays a small transformer" in shown


def test_evaluate_says_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without torch the extra is named, and nothing is tried."""
    for name in [name for name in sys.modules if name.startswith(LABORATORY)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert run(["resist", "evaluate", "--laboratory", "neural", *QUICK]) == 3
    assert "cautery[lab]" in capsys.readouterr().err


def test_tables_do_not_know_antidistillation(capsys: pytest.CaptureFixture[str]) -> None:
    """Its derivative needs a network."""
    assert run(["resist", "evaluate", "--defence", "antidistillation-sampling", *QUICK]) == 2
    assert "antidistillation-sampling" in capsys.readouterr().err
