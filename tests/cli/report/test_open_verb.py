"""``cautery report open`` starts a browser where there is a screen, and says the path where not."""

from __future__ import annotations

import os
import webbrowser
from pathlib import Path

import pytest
from tests.report.cases import empty_case
from tests.report.page.pages import page_case

from cautery.cli.main import run
from cautery.report.page.document import render_page
from cautery.report.results import write_results


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the output folder of a scan, on a machine without a screen."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    write_results(page_case(), tmp_path / "out")
    return tmp_path / "out"


def test_without_a_screen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The path goes to standard output, for scripts; how to look at it, to standard error."""
    assert run(["report", "open", str(folder)]) == 0
    said = capsys.readouterr()
    assert said.out == f"{folder / 'report.html'}\n"
    assert "http.server --bind 127.0.0.1" in said.err


def test_with_a_screen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser gets the file's address; --no-show leaves it alone."""
    opened: list[str] = []

    def start(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "open", start)
    assert run(["report", "open", str(folder)]) == 0
    assert run(["report", "open", str(folder), "--no-show"]) == 0
    assert opened == [(folder / "report.html").as_uri()]


def test_a_missing_or_old_page_is_written(folder: Path) -> None:
    """The page is made again where it is not there, or older than the case."""
    page = folder / "report.html"
    page.unlink()
    assert run(["report", "open", str(folder)]) == 0
    assert page.read_text(encoding="utf-8") == render_page(page_case())
    page.write_text(render_page(empty_case()), encoding="utf-8")
    os.utime(page, (1, 1))
    assert run(["report", "open", str(folder / "case.json")]) == 0
    assert page.read_text(encoding="utf-8") == render_page(page_case())


def test_nothing_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a case there is an error, and no browser."""
    assert run(["report", "open", str(tmp_path)]) == 3
    assert run(["report", "open", str(tmp_path / "no.html")]) == 3
    said = capsys.readouterr().err
    assert "there are no results of a scan here" in said
    assert "there is no page here" in said
