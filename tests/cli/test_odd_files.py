"""Pipes, devices, sockets and folders in the place of files: refused by every verb, and at once."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import Final

import pytest
from tests.cli.command_tree import commands, given, is_path
from tests.cli.odd_file_calls import CALLS
from tests.cli.odd_files import bounded, kinds_of, make_house, words_of

from cautery.cli.main import run

WRITTEN: Final = {
    "report keys --file",
    "keys init --store",
    "keys init --new-pepper",
    "provenance guardrails --export-items",
    "intel init --keys",
    "intel match request --secret",
    "ledger init --folder",
    "ledger init --new-key",
    "ledger witness key --file",
    "resist apply --audit",
    "watermark keys init --ring",
    "watermark keys init --new-master",
    "watermark keys derive --campaign-keys",
    "watermark keys derive --account-keys",
}
"""Paths that a verb writes and does not read, besides those of ``-o``."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every verb has what it needs."""
    folder = tmp_path_factory.mktemp("house")
    make_house(folder)
    return folder


@pytest.mark.parametrize("call", [call for calls in CALLS.values() for call in calls])
def test_what_is_no_file_is_refused(
    call: str, house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is read of it, nothing waits for it, and the message says what it is and where."""
    monkeypatch.chdir(house)
    capsys.readouterr()
    for kind in kinds_of(call):
        with bounded():
            code = run(words_of(call, kind))
        said = "".join(capsys.readouterr())
        assert code in ({2, 3} if "FOLDER" in call else {3}), f"{kind}: {said}"
        assert "nobody foresaw" not in said, f"{kind}: {said}"
        if "FOLDER" not in call:
            # A secret may come through a pipe; of one that nobody writes it is empty.
            empty = kind == "pipe" and "SECRET" in call
            assert empty or f"is a {kind}, not a file" in said, f"{kind}: {said}"
            assert f"odd.{kind}" in said


def test_a_ledger_of_somebody_else(
    house: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A pipe in the place of any of its files holds nobody up who verifies it or reads it."""
    monkeypatch.chdir(house)
    names = [path for path in Path("log").rglob("*") if path.is_file()]
    assert len(names) > 5
    for name in names:
        other = tmp_path / "other"
        shutil.copytree("log", other)
        (other / name.relative_to("log")).unlink()
        os.mkfifo(other / name.relative_to("log"))
        with bounded():
            codes = [
                run(["ledger", "verify", str(other), "--public-key", "log.key.pub"]),
                run(["ledger", "show", str(other), "--last", "2"]),
            ]
        assert set(codes) <= {0, 1, 3}, name
        assert "nobody foresaw" not in capsys.readouterr().err, name
        shutil.rmtree(other)


def test_no_path_is_left_out() -> None:
    """Whatever path a verb takes, a call gives it what is no file; a new option needs one too."""
    tried = set(WRITTEN)
    for call in [call for calls in CALLS.values() for call in calls]:
        verb, words = given(shlex.split(call))
        for name, values in words.items():
            if any(
                place in value for value in values for place in ("FILE", "CASE", "FOLDER", "SECRET")
            ):
                tried.add(f"{verb} {name}")
    paths = {
        f"{verb} {one.name}"
        for verb, arguments in commands().items()
        for one in arguments
        if is_path(one) and "-o" not in one.names
    }
    assert paths
    assert not paths - tried
    assert not set(WRITTEN) - paths
