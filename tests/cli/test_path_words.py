"""An empty word in the place of a path is a wrong call of every verb, and writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from cyclopts import Argument
from tests.cli.command_tree import commands, is_path

from cautery.cli.main import run

PATHS = [(verb, one) for verb, arguments in commands().items() for one in arguments if is_path(one)]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with nothing in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("verb", "path"), PATHS, ids=[f"{verb} {path.names[0]}" for verb, path in PATHS]
)
def test_an_empty_path_is_refused(
    verb: str, path: Argument, empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything else is asked of the call, under each of its names."""
    named = [name for name in path.names if name.startswith("-")]
    ways = [way for name in named for way in ([name, ""], [f"{name}="])]
    if path.index is not None:
        ways.append([*["x"] * path.index, ""])
    assert ways
    for words in ways:
        assert run([*verb.split(), *words]) == 2, words
        error = capsys.readouterr().err
        assert ": the path is empty. Is a variable of the shell empty?" in error, words
    assert not list(empty_folder.iterdir())


def test_a_nul_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """No system call takes such a path; an account may be called so."""
    assert run(["explain", "a", "--on", "x\0y"]) == 2
    assert capsys.readouterr().err == "error: a word of the call has a NUL in it\n"
    assert run(["explain", "a\0b", "--on", "x"]) == 3


def test_every_verb_that_writes_is_among_them() -> None:
    """What is tested above holds all verbs with ``-o``."""
    written = {verb for verb, path in PATHS if "-o" in path.names}
    assert {"scan", "ingest", "simulate", "report evidence", "ledger witness sign"} <= written
    assert len(written) >= 30


def test_a_dot_is_the_current_folder(
    empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the message says."""
    (empty_folder / "log.jsonl").write_text(
        '{"time_start": "2026-11-01T00:00:00Z", "account_id": "a"}\n'
    )
    assert run(["scan", "log.jsonl", "-o", ".", "--no-progress"]) == 0
    assert (empty_folder / "case.json").is_file()
    assert run(["scan", "log.jsonl", "-o", "", "--no-progress"]) == 2
    assert capsys.readouterr().err.endswith(
        "error: -o: the path is empty. Is a variable of the shell empty? "
        "A dot names the current folder.\n"
    )
