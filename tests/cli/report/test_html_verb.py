"""``cautery report html`` writes the page of a case, or its PDF, and says what it cannot do."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.report.page.conftest import WANTED
from tests.report.page.pages import page_case

from cautery.cli.main import run
from cautery.report.page.document import render_page
from cautery.report.results import write_results


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the output folder of a scan."""
    write_results(page_case(), tmp_path / "out")
    return tmp_path / "out"


def test_page_beside_the_case(folder: Path) -> None:
    """Without --out the page stands beside case.json, made from it alone."""
    (folder / "accounts.csv").unlink()
    (folder / "report.html").unlink()
    assert run(["report", "html", str(folder)]) == 0
    assert (folder / "report.html").read_text(encoding="utf-8") == render_page(page_case())


def test_marking_and_place(folder: Path, tmp_path: Path) -> None:
    """The page goes where it is told, with its marking; case.json may be named itself."""
    words = ["--out", str(tmp_path / "x.html"), "--marking", "TLP:RED"]
    assert run(["report", "html", str(folder / "case.json"), *words]) == 0
    assert '<p class="marking">TLP:RED</p>' in (tmp_path / "x.html").read_text(encoding="utf-8")


@WANTED
def test_pdf(folder: Path) -> None:
    """--pdf prints it; the extra would, but for the browser that is named."""
    assert run(["report", "html", str(folder), "--pdf", "--browser", "chromium"]) == 0
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["nowhere"], (3, "there are no results of a scan here")),
        (["--marking", "SECRET"], (2, "there is no marking 'SECRET'. There are: TLP:CLEAR")),
        (["--pdf", "--browser", "no-such-browser"], (3, "there is no browser 'no-such-browser'")),
        (["--out", "missing/x.html"], (3, "Choose another file with --out")),
    ],
)
def test_errors(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    wanted: tuple[int, str],
) -> None:
    """Bad calls end with a message and a code of the contract, never a traceback."""
    monkeypatch.chdir(folder.parent)
    case = [] if words[0] == "nowhere" else ["out"]
    assert run(["report", "html", *case, *words]) == wanted[0]
    said = capsys.readouterr().err
    assert wanted[1] in " ".join(said.split())
    assert "Traceback" not in said


def test_a_broken_case(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A case that is cut off is an error of its own, not a page with holes."""
    text = (folder / "case.json").read_text(encoding="utf-8")
    (folder / "case.json").write_text(text[:2000], encoding="utf-8")
    assert run(["report", "html", str(folder), "--out", str(folder / "new.html")]) == 3
    assert "this is not a" in capsys.readouterr().err
    assert not (folder / "new.html").exists()
