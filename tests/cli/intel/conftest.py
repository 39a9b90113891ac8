"""What the tests of the verbs share: a clock, a disk that does not make them wait, one scan."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.intel.indicators import NOW
from tests.scan.scanning import attacked

from cautery.cli import clock
from cautery.cli.main import run


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock some days after the log, and do not wait for the disk."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, lambda _descriptor: None, raising=False)


@pytest.fixture(scope="session")
def scanned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scan a small log with a planted campaign: log.jsonl, accounts.jsonl and out."""
    folder = tmp_path_factory.mktemp("intel")
    log = attacked()
    for name, rows in (("log.jsonl", log.exchanges), ("accounts.jsonl", log.accounts)):
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / name).write_text(text, encoding="utf-8")
    words = ["scan", str(folder / "log.jsonl"), "--accounts", str(folder / "accounts.jsonl")]
    assert run([*words, "-o", str(folder / "out"), "--no-progress"]) == 0
    return folder


@pytest.fixture
def folder(scanned_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with links to the scan, and the keys of a group."""
    for path in scanned_folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.chdir(tmp_path)
    assert run(["intel", "init", "keys.json", "--group", "labs"]) == 0
    return tmp_path
