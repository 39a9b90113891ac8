"""One Chromium for the tests of a module; without the Debian package they say what they want."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cautery.records.case import Case
from cautery.report.page.document import render_page

CHROMIUM = shutil.which("chromium")
WANTED = pytest.mark.skipif(CHROMIUM is None, reason="wants the Debian package chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Start the machine's Chromium, which can resolve no name."""
    if CHROMIUM is None:
        pytest.skip("wants the Debian package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        arguments = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page in the browser, and what it did beside showing itself."""

    page: Any
    said: list[str] = field(default_factory=list)
    """Console messages and errors."""
    asked: list[str] = field(default_factory=list)
    """Requests for anything but the file itself."""


Open = Callable[..., Opened]


@pytest.fixture
def opened(chromium: Any, tmp_path: Path) -> Iterator[Open]:
    """Give a function that opens a case in the browser."""
    contexts = []

    def open_case(case: Case, **options: Any) -> Opened:
        file = tmp_path / "report.html"
        file.write_text(render_page(case), encoding="utf-8")
        window = {"viewport": {"width": 1280, "height": 900}} | options
        context = chromium.new_context(offline=True, **window)
        contexts.append(context)
        one = Opened(page=context.new_page())
        one.page.on("console", lambda message: one.said.append(message.text))
        one.page.on("pageerror", lambda error: one.said.append(str(error)))
        one.page.on("request", lambda request: one.asked.append(request.url))
        one.page.goto(file.as_uri())
        one.asked.remove(file.as_uri())
        return one

    yield open_case
    for context in contexts:
        context.close()


def number(text: str) -> int:
    """Read a whole number that people read."""
    return int(text.replace(",", ""))


def column(page: Any, table: str, place: int, part: str = "tbody") -> list[str]:
    """Read a column of a table."""
    return page.locator(f"{table} {part} tr > :nth-child({place})").all_inner_texts()  # type: ignore[no-any-return]
