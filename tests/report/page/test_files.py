"""A page is written whole, and never over somebody else's file."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.report.cases import empty_case
from tests.report.page.pages import page_case

from cautery.errors import OutputError
from cautery.report.page.document import render_page
from cautery.report.page.files import write_page


def test_an_earlier_page_is_replaced(tmp_path: Path) -> None:
    """The second page stands in the place of the first, with nothing left beside it."""
    target = tmp_path / "report.html"
    for case in (page_case(), empty_case()):
        write_page(render_page(case), target)
    assert target.read_text(encoding="utf-8") == render_page(empty_case())
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize("content", ["<!doctype html>\n<p>mine", "notes"])
def test_other_files_are_not_overwritten(tmp_path: Path, content: str) -> None:
    """Somebody's own page of that name survives."""
    target = tmp_path / "report.html"
    target.write_text(content)
    with pytest.raises(OutputError, match="not a report of cautery"):
        write_page(render_page(empty_case()), target)
    assert target.read_text() == content


@pytest.mark.parametrize("name", ["", "missing/report.html"])
def test_places_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    """A folder, or a folder that is not there, is an error that says what to do."""
    with pytest.raises(OutputError, match="--out"):
        write_page(render_page(empty_case()), tmp_path / name)
