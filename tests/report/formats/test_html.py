"""``report.html`` is the page of the case, written as any report format is."""

from __future__ import annotations

import io

from tests.report.cases import empty_case
from tests.report.page.pages import page_case

from cautery.registry import REPORT_FORMATS
from cautery.report.formats.html import MEMBER
from cautery.report.page.document import render_page


def test_writes_the_page() -> None:
    """The format is the page, the same every time."""
    stream = io.StringIO()
    MEMBER.write(page_case(), stream)
    assert stream.getvalue() == render_page(page_case())


def test_on_the_shelf() -> None:
    """It is found by its name, and says which file it writes."""
    found = REPORT_FORMATS.load("html")
    assert (found.name, found.file_name) == ("html", "report.html")


def test_a_case_without_findings_is_a_page() -> None:
    """Nothing found is said, never a blank."""
    page = render_page(empty_case())
    assert "No group of accounts reaches the band watch" in page
    assert "Near misses" in page
