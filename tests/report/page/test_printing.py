"""A page is printed by the extra or the machine's Chromium; an error says what is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.report.page.conftest import WANTED
from tests.report.page.pages import page_case

from cautery.errors import MissingExtraError, OutputError
from cautery.report.page import printing
from cautery.report.page.document import render_page
from cautery.report.page.printing import find_browser, print_page


@WANTED
def test_prints_a4(tmp_path: Path) -> None:
    """The PDF has sheets of A4, and replaces an earlier one."""
    target = tmp_path / "report.pdf"
    target.write_bytes(b"%PDF-1.4 earlier")
    page = render_page(page_case(), marking="TLP:AMBER", scripted=False)
    print_page(page, target, browser="chromium")
    content = target.read_bytes()
    sheets = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", content)
    assert len(sheets) >= 3
    assert {(round(float(width)), round(float(height))) for width, height in sheets} <= {
        (595, 842),
        (596, 843),
        (595, 843),
        (596, 842),
    }
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]


def test_no_browser_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the extra and a Chromium the error names both."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(printing, "can_typeset", lambda: False)
    with pytest.raises(MissingExtraError, match=r"cautery\[pdf\].*apt install chromium"):
        print_page("", tmp_path / "report.pdf")
    with pytest.raises(MissingExtraError, match="there is no browser 'lynx'"):
        find_browser("lynx")


def test_who_prints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The extra does, if it is there; a browser does if it is not, or if it was named."""
    script = 'for word in "$@"; do case "$word" in --print-to-pdf=*) f=${word#*=};; esac; done'
    program = fake_browser(tmp_path, f'{script}; printf %s "%PDF-browser" > "$f"')
    (tmp_path / "chromium").symlink_to(program)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(printing, "typeset", lambda _: b"%PDF-extra")
    target = tmp_path / "report.pdf"
    for extra, browser, by in (
        (True, "", b"%PDF-extra"),
        (True, program, b"%PDF-browser"),
        (False, "", b"%PDF-browser"),
    ):
        monkeypatch.setattr(printing, "can_typeset", lambda extra=extra: extra)
        print_page("<html>", target, browser=browser)
        assert target.read_bytes() == by


def fake_browser(folder: Path, script: str) -> str:
    """Write a program that stands in for a browser."""
    program = folder / "browser"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'cannot open display' >&2; exit 1", "the browser failed: cannot open display"),
        ("exit 0", "the browser printed nothing"),
    ],
)
def test_a_browser_that_fails(tmp_path: Path, script: str, message: str) -> None:
    """What the browser says goes into the error, and no file is left."""
    program = fake_browser(tmp_path, script)
    with pytest.raises(OutputError, match=message):
        print_page(render_page(page_case()), tmp_path / "report.pdf", browser=program)
    assert not (tmp_path / "report.pdf").exists()


def test_other_files_are_not_overwritten(tmp_path: Path) -> None:
    """A file that is no PDF survives."""
    target = tmp_path / "report.pdf"
    target.write_text("mine")
    program = fake_browser(tmp_path, "exit 0")
    with pytest.raises(OutputError, match="would be overwritten"):
        print_page(render_page(page_case()), target, browser=program)
    assert target.read_text() == "mine"
