"""``cautery scan --embedding``: a folder of this machine, recorded, refused before any work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.scan.scanning import attacked
from tests.scan.static_models import static_model

from cautery.cli import main


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Write the exchanges of a planted group among strangers."""
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in attacked().exchanges), "utf-8")
    return path


def scanned(log: Path, *words: str) -> tuple[int, Path]:
    """Scan a log, and give the exit code and the folder of the results."""
    folder = log.parent / f"out-{len(words)}"
    return main.run(["scan", str(log), "-o", str(folder), "--no-progress", *words]), folder


def test_recorded(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The case says which embedding was given; without the option it has no such field."""
    static = static_model(log.parent / "static", {"animals": ("cat", "dog")})
    code, plain = scanned(log)
    assert code == 0
    shown = capsys.readouterr().out
    assert "embedding" not in shown
    code, told = scanned(log, "--embedding", str(static))
    assert code == 0
    assert "embedding" in capsys.readouterr().out
    before, after = (json.loads((one / "case.json").read_text("utf-8")) for one in (plain, told))
    assert "embedding" not in before
    assert (after["embedding"]["tokens"], after["embedding"]["dimensions"]) == (3, 16)
    assert after["campaigns"] == before["campaigns"]
    assert (plain / "accounts.csv").read_bytes() == (told / "accounts.csv").read_bytes()


def test_refused(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that holds no embedding is an error of the configuration; nothing is written."""
    code, folder = scanned(log, "--embedding", str(log.parent / "nowhere"))
    assert code == 3
    assert "layout of model2vec" in capsys.readouterr().err
    assert not folder.exists()
