"""``cautery watermark power`` through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.watermark.detect_cases import write_profile

from cautery.cli.main import run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a profile."""
    monkeypatch.chdir(tmp_path)
    write_profile("p.json")
    return tmp_path


def power(*words: str, profile: str = "p.json") -> int:
    """Run the verb."""
    return run(["watermark", "power", "--profile", profile, *words])


def document(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """Run the verb, and read its JSON."""
    assert power(*words, "--output-format", "json") == 0
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    return read


def test_the_table_and_the_number_agree(capsys: pytest.CaptureFixture[str]) -> None:
    """At the number of tokens needed the chance is the wanted one; one token less is below it."""
    needed = document(capsys, "--power", "0.8")["tokens_needed"]
    found = document(capsys, "--power", "0.8", "--tokens", str(needed), str(needed - 1))
    first, second = found["table"]
    assert (first["tokens"], second["tokens"]) == (needed, needed - 1)
    assert second["power"] < 0.8 <= first["power"]


def test_more_keys_and_less_entropy_want_more_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    """Correction for 24,000 keys and text that is easier to foresee both cost tokens."""
    plain = document(capsys)["tokens_needed"]
    assert document(capsys, "--keys-tested", "24000")["tokens_needed"] > 1.3 * plain
    assert document(capsys, "--entropy", "0.3")["tokens_needed"] > 2 * plain


def test_people_are_told_what_is_assumed(capsys: pytest.CaptureFixture[str]) -> None:
    """The table, the number, and the assumptions; two layers share a text between them."""
    write_profile("two.json", "cautery-two-layer")
    assert power("--tokens", "100", profile="two.json") == 0
    shown = capsys.readouterr().out
    assert "          100 " in shown
    assert "scored tokens suffice to detect 90 %" in shown
    assert "paraphrase" in shown
    assert "account's key scores 25 %" in shown


@pytest.mark.parametrize(
    "words",
    [
        ["--keys-tested", "0"],
        ["--entropy", "0"],
        ["--entropy", "nan"],
        ["--power", "1"],
        ["--tokens", "0"],
    ],
)
def test_questions_without_an_answer(words: list[str]) -> None:
    """Numbers out of range leave with 2."""
    assert power(*words) == 2
