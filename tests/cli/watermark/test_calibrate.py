"""``cautery watermark calibrate`` through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.watermark.detect_cases import key, marked, unmarked, write_profile, write_texts

from cautery.cli.main import run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a profile and one without removal of repetitions, and two kinds of texts."""
    monkeypatch.chdir(tmp_path)
    write_profile("p.json")
    write_profile("none.json", deduplicate="none")
    texts = [unmarked(60, row) for row in range(20)]
    rows = [{"id": row, "token_ids": text} for row, text in enumerate(texts)]
    repeated = [{"id": row, "token_ids": text * 8} for row, text in enumerate(texts)]
    write_texts("plain.jsonl", rows[:6])
    write_texts("repeated.jsonl", repeated)
    return tmp_path


def calibrate(*words: str) -> int:
    """Run the verb."""
    return run(["watermark", "calibrate", *words])


def document(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """Run the verb, and read its JSON."""
    assert calibrate(*words, "--wrong-keys", "200", "--output-format", "json") == 0
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    return read


def test_repetitions_break_the_rate_and_removal_mends_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without removal repeated text fails far above nominal; the advised way holds."""
    found = document(capsys, "repeated.jsonl", "--profile", "none.json")
    assert found["holds"] == "does not hold"
    assert found["advised_deduplicate"] in {"context", "context-token", "prf-input"}
    rates = {mode["deduplicate"]: mode["rates"] for mode in found["modes"]}
    assert list(rates) == ["none", "context", "context-token", "prf-input"]
    assert rates["none"][0]["times_nominal"] > 5
    assert rates["none"][0]["low"] > 0.03
    assert 0.5 < rates["context-token"][0]["times_nominal"] < 1.5
    assert [row["level"] for row in rates["none"]] == [1e-2, 1e-3, 1e-4]


def test_people_are_told_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    """The last lines say whether the rate holds, and what to set if it does not."""
    words = ["--profile", "none.json", "--wrong-keys", "200"]
    assert calibrate("repeated.jsonl", *words) == 0
    shown = capsys.readouterr().out
    assert "does not hold on these texts with none" in shown
    assert 'Set "deduplicate": "' in shown
    assert calibrate("plain.jsonl", "--profile", "p.json", "--wrong-keys", "200") == 0
    shown = capsys.readouterr().out
    assert "Nothing speaks against context-token" in shown


def test_a_mark_changes_nothing_and_a_seed_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """Marked texts calibrate like others, for the keys are new; same seed, same answer."""
    texts = [{"id": row, "token_ids": marked(key(1), 60, row)} for row in range(6)]
    write_texts("marked.jsonl", texts)
    words = ["marked.jsonl", "--profile", "p.json"]
    first = document(capsys, *words)
    assert first["holds"] != "does not hold"
    assert first == document(capsys, *words, "--seed", "0")
    assert first != document(capsys, *words, "--seed", "1")


@pytest.mark.parametrize(
    ("line", "said"),
    [('{"id": 1, "text": "x"}', "no tokenizer"), ("", "no text"), ("{}", "not a text under test")],
)
def test_what_cannot_be_calibrated_on(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Texts without tokens, and files without texts, leave with 3."""
    Path("texts.jsonl").write_text(line + "\n")
    assert calibrate("texts.jsonl", "--profile", "p.json") == 3
    assert said in capsys.readouterr().err


def test_too_few_wrong_keys() -> None:
    """Numbers that measure nothing leave with 2."""
    assert calibrate("plain.jsonl", "--profile", "p.json", "--wrong-keys", "3") == 2
    assert calibrate("plain.jsonl", "--profile", "p.json", "--seed", "-1") == 2
