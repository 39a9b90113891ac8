"""A pack names the files that its scan was told to use, and they can be compared with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.report.judged import judged_case
from tests.report.packs import members_of, write_case

from cautery.cli.main import run
from cautery.report.evidence_pack import digest

USED = {"calibration.json": b"{}\n", "mapping.toml": b"account = 'user'\n"}


def report(*words: str) -> int:
    """Run a verb of ``cautery report``."""
    return run(["report", *words])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with results in ``out`` and two files that the scan used."""
    monkeypatch.chdir(tmp_path)
    write_case(judged_case(), Path("out"))
    Path("sub").mkdir()
    Path("sub/mapping.toml").write_bytes(USED["mapping.toml"])
    Path("calibration.json").write_bytes(USED["calibration.json"])


def evidence(out: str, *files: str) -> int:
    """Pack the case with files that the scan used."""
    words = [word for file in files for word in ("--configuration", file)]
    return report("evidence", "out", "--out", out, *words)


def test_the_manifest_names_them() -> None:
    """By name, hash and size, in one order; without any the manifest is what it was before."""
    assert evidence("pack.zip", "sub/mapping.toml", "calibration.json") == 0
    assert evidence("again.zip", "calibration.json", "sub/mapping.toml") == 0
    assert Path("again.zip").read_bytes() == Path("pack.zip").read_bytes()
    assert manifest("pack.zip")["configuration"] == [
        {"name": name, "sha256": digest(content), "bytes": len(content)}
        for name, content in USED.items()
    ]
    assert evidence("plain.zip") == 0
    assert "configuration" not in manifest("plain.zip")


def manifest(pack: str) -> dict[str, object]:
    """Read a pack's manifest."""
    found: dict[str, object] = json.loads(members_of(Path(pack).read_bytes())["manifest.json"])
    return found


def test_they_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is still the same holds, a changed one does not."""
    assert evidence("pack.zip", "calibration.json") == 0
    capsys.readouterr()
    assert report("verify", "pack.zip", "--log", "calibration.json") == 0
    said = capsys.readouterr().out
    assert "it is the file that the scan used as calibration.json" in said
    assert f"configuration {digest(USED['calibration.json'])}  calibration.json" in said
    Path("calibration.json").write_text("{ }\n")
    assert report("verify", "pack.zip", "--log", "calibration.json") == 1


def test_files_that_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file and a folder are errors, and no pack is left."""
    for file in ("none.json", "sub"):
        assert evidence("pack.zip", file) == 3
        assert f"error: {file}: cannot be read" in capsys.readouterr().err
    assert not Path("pack.zip").exists()
