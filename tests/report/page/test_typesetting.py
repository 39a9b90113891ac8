"""The extra ``pdf`` typesets a page: A4, in its colours, with nothing fetched."""

from __future__ import annotations

import base64
import builtins
import re
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from tests.report.hostile import case_with_text
from tests.report.page.pages import page_case

from cautery.errors import MissingExtraError, OutputError
from cautery.report.page import typesetting
from cautery.report.page.document import render_page
from cautery.report.page.printing import print_page
from cautery.report.page.typesetting import can_typeset, drawing_style, typeset

WANTED = pytest.mark.skipif(not can_typeset(), reason="wants the extra pdf, and Pango")
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


def unfolded(pdf: bytes) -> bytes:
    """Unfold what is compressed in a PDF."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    parts = [pdf]
    for stream in streams:
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(parts)


@WANTED
def test_sheets_are_a4_and_drawings_in_colour(tmp_path: Path) -> None:
    """The PDF has sheets of A4 and replaces an earlier one; bars are in colour."""
    target = tmp_path / "report.pdf"
    target.write_bytes(b"%PDF-1.4 earlier")
    print_page(render_page(page_case(), marking="TLP:AMBER", scripted=False), target)
    assert target.read_bytes().startswith(b"%PDF-")
    content = unfolded(target.read_bytes())
    sheets = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", content)
    assert len(sheets) >= 3
    assert {(float(width) // 1, float(height) // 1) for width, height in sheets} == {(595, 841)}
    red, green, blue = (f"{value / 255:.6f}"[:7] for value in (0x9A, 0x3B, 0x26))
    assert re.search(rf"{red}\d* {green}\d* {blue}\d* rg".encode(), content)


@WANTED
def test_nothing_is_fetched(tmp_path: Path) -> None:
    """Even past both escapes: no picture, no style and no attachment comes from a file."""
    (tmp_path / "dot.png").write_bytes(DOT)
    (tmp_path / "secret.txt").write_text("the secret")
    (tmp_path / "more.css").write_text("@page { size: A5 }")
    put_in = (
        f'<img src="{(tmp_path / "dot.png").as_uri()}">'
        f'<link rel="stylesheet" href="{(tmp_path / "more.css").as_uri()}">'
        f'<link rel="attachment" href="{(tmp_path / "secret.txt").as_uri()}">'
        f'<a rel="attachment" href="{(tmp_path / "secret.txt").as_uri()}">x</a></main>'
    )
    page = render_page(page_case(), scripted=False).replace("</main>", put_in)
    content = unfolded(typeset(page))
    assert b"/Subtype /Image" not in content
    assert b"/EmbeddedFile" not in content
    assert b"the secret" not in content
    assert b"/MediaBox [0 0 595" in content
    weasyprint = pytest.importorskip("weasyprint")
    fetched = unfolded(weasyprint.HTML(string=page).write_pdf())  # else this test could not fail
    assert b"/Subtype /Image" in fetched
    assert b"/EmbeddedFile" in fetched


@WANTED
@pytest.mark.parametrize("text", ['</style><svg onload="x()">', "\u202e<svg viewBox=1>"])
def test_hostile_texts_are_typeset(text: str) -> None:
    """Whatever an attacker writes, there are sheets."""
    assert typeset(render_page(case_with_text(text), scripted=False)).startswith(b"%PDF-")


@WANTED
def test_it_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes too long, as texts of an attacker may, is an error that says what to do."""
    monkeypatch.setattr(typesetting, "MOST_SECONDS", 0.01)
    with pytest.raises(OutputError, match=r"took more than .* seconds.*--browser chromium"):
        typeset(render_page(case_with_text("a " * 1_000), scripted=False))


@WANTED
def test_a_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the process fails, its last words stand in the error, and no traceback."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(OutputError, match="typesetting failed: 1"):
        typeset("")


def test_drawings_have_colours_and_no_names() -> None:
    """Every colour of a drawing is written out, so that nothing comes out black."""
    style = drawing_style()
    assert "var(" not in style
    assert ".rect { fill: #9a3b26; }" in style
    assert ".rect-against { fill: #fff; stroke: #2f6d4f;" in style


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra, and what the system lacks."""
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert not can_typeset()
    with pytest.raises(MissingExtraError, match="cautery\\[pdf\\]"):
        typeset("")
