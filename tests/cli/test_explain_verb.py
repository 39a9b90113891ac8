"""``cautery explain`` tells an account's story from the folder of a scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.report.cases import example_case
from tests.report.hostile import HOSTILE, case_with_text

from cautery.cli import main
from cautery.report.results import write_results

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def results(tmp_path: Path) -> str:
    """Write a known case and give its folder."""
    write_results(example_case(), tmp_path)
    return str(tmp_path)


def test_an_account(results: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The story goes to standard output, plain words first."""
    assert main.run(["explain", "acct_0001", "--on", results]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("account acct_0001")
    assert "\n\nThis account is in a group of 412 accounts" in shown


def test_two_accounts(results: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With a second account it says why the two are linked."""
    assert main.run(["explain", "acct_0001", "--to", "acct_0002", "--on", results]) == 0
    assert "acct_0001 and acct_0002 are linked" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["acct_0003"], 2, "Did you mean 'acct_"),
        (["acct_0001", "--to", "nobody"], 2, "no account 'nobody'"),
        ([], 2, "cautery explain ACCOUNT --on FOLDER"),
    ],
)
def test_wrong_calls(
    results: str,
    words: list[str],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong call says what to do, and its exit is 2."""
    assert main.run(["explain", *words, "--on", results]) == code
    assert message in capsys.readouterr().err


def test_no_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that holds no results gives 3 and names the file."""
    assert main.run(["explain", "a", "--on", str(tmp_path)]) == 3
    assert "case.json: there are no results of a scan here" in capsys.readouterr().err


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\ud800" not in text])
def test_hostile_names(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An account may call itself anything; the screen stays a screen."""
    write_results(case_with_text(text), tmp_path)
    assert main.run(["explain", "--on", str(tmp_path), "--", text]) == 0
    assert capsys.readouterr().out.replace("\n", "").isprintable()
