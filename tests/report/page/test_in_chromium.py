"""The page in a real browser without a network: it asks for nothing, and everything in it works."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.report.cases import crowded_case, empty_case
from tests.report.hostile import HOSTILE, case_with_text
from tests.report.page.pages import page_case

from cautery.records.case import Case
from cautery.report.load import read_accounts
from cautery.report.page.document import render_page


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


def figure(text: str) -> float:
    """Read a number that may stand in thousands or millions, whose unit a column shares."""
    return float(text.replace(",", "").partition(" ")[0])


def column(page: Any, table: str, place: int, part: str = "tbody") -> list[str]:
    """Read a column of a table."""
    return page.locator(f"{table} {part} tr > :nth-child({place})").all_inner_texts()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("case", "scheme"),
    [
        (page_case(), "light"),
        (page_case(), "dark"),
        (empty_case(), "dark"),
        (crowded_case(7), "light"),
    ],
    ids=["small-light", "small-dark", "empty-dark", "crowded-light"],
)
def test_quiet_and_accessible(opened: Open, case: Case, scheme: str) -> None:
    """No console message, no request, and axe-core finds nothing, in light and in dark."""
    from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped]
        Axe,
    )

    one = opened(case, color_scheme=scheme)
    found = Axe().run(one.page).response["violations"]
    assert [(v["id"], v["impact"]) for v in found] == []
    assert (one.said, one.asked) == ([], [])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"color_scheme": "dark"},
        {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
    ],
    ids=["light", "dark", "phone"],
)
def test_everything_unfolded_is_accessible(opened: Open, options: dict[str, Any]) -> None:
    """So it is with every part unfolded, and with an account open; and a phone scrolls one way."""
    from axe_playwright_python.sync_playwright import Axe

    page = opened(page_case(), **options).page
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert Axe().run(page).response["violations"] == []
    root = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert root[0] <= root[1]
    page.evaluate("cautery.openAccount(0)")
    assert Axe().run(page).response["violations"] == []


@pytest.mark.parametrize(("media", "tables"), [("screen", 3), ("print", 4)])
def test_every_sum_is_of_its_rows(opened: Open, media: str, tables: int) -> None:
    """Under every table that has sums, each is the sum of what stands in its column."""
    page = opened(page_case()).page
    page.emulate_media(media=media)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = page.evaluate(
        """() => [...document.querySelectorAll('table.numbers')]
          .filter((table) => table.tFoot && table.offsetParent !== null)
          .map((table) => [...table.tFoot.rows[0].cells].map((cell, place) => [
            cell.innerText,
            [...table.tBodies[0].rows].map((row) => row.cells[place].innerText),
          ]))"""
    )
    checked = [
        (round(sum(map(figure, rows)), 1), figure(total))
        for columns in found
        for total, rows in columns
        if total not in {"", "Sum"}
    ]
    assert len(found) == tables
    assert len(checked) >= 2 * len(found)
    assert [sums for sums in checked if sums[0] != sums[1]] == []


def test_sums_are_those_of_the_case(opened: Open) -> None:
    """What the tables show adds up to the sums under them, and these are the case's."""
    case = page_case()
    page = opened(case).page
    exchanges = sum(campaign.exchanges for campaign in case.campaigns)
    for place, wanted in ((4, 30), (5, exchanges)):
        assert sum(map(number, column(page, "#campaign-table", place))) == wanted
        assert [number(t) for t in column(page, "#campaign-table", place, "tfoot")] == [wanted]
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    for place, campaign in enumerate(case.campaigns, start=2):
        assert sum(map(number, column(page, "#timeline-table", place))) == campaign.exchanges
    assert [number(t) for t in column(page, "#timeline-table", 4, "tfoot")] == [exchanges]
    groups = (*case.campaigns, *case.permitted_groups)
    everything = sum(group.exchanges for group in groups), sum(g.output_tokens for g in groups)
    wanted_text = f"{everything[0]:,} exchanges, {everything[1]:,} output tokens"
    assert page.locator("#account-sums").inner_text() == wanted_text
    assert sum(map(number, column(page, "#file-table", 4))) == sum(
        f.bytes for f in case.input.files
    )


def test_waterfalls_add_up(opened: Open) -> None:
    """The bits of each waterfall add up to its sum, hidden rows to the row that stands for them."""
    page = opened(page_case()).page
    checked = page.evaluate(
        """() => [...document.querySelectorAll('.group')].map((group) => {
          const tenths = (place) => [...place.querySelectorAll('[data-tenths]')]
            .map((cell) => Number(cell.dataset.tenths));
          const main = group.querySelector('.waterfall');
          const more = group.querySelector('.more .waterfall');
          return [tenths(main), Number(main.dataset.bits), tenths(more),
                  Number(group.querySelector('.bar-more [data-tenths]').dataset.tenths)];
        })"""
    )
    assert len(checked) == 3
    for rows, total, rest, stands_for in checked:
        assert sum(rows) == total
        assert sum(rest) == stands_for


def test_filter_sort_and_csv(opened: Open, tmp_path: Path) -> None:
    """The table filters and sorts all accounts, and saves what it shows."""
    page = opened(page_case(900), accept_downloads=True).page
    assert page.locator("#account-count").inner_text() == "911 of 911 accounts"
    assert page.locator("#account-table tbody tr").count() < 60
    page.click("[data-sort=tokens]")
    assert page.get_attribute("th.c-number:has([data-sort=tokens])", "aria-sort") == "descending"
    shown = [number(text) for text in column(page, "#account-table", 6)]
    assert shown == sorted(shown, reverse=True)
    assert shown[0] == 168_899
    page.fill("#account-filter", "acct_1_0001")
    assert page.locator("#account-count").inner_text() == "10 of 911 accounts"
    page.select_option("#account-band", "0")
    assert page.locator("#account-count").inner_text() == "4 of 911 accounts"
    with page.expect_download() as download:
        page.click("#account-save")
    download.value.save_as(tmp_path / "saved.csv")
    saved = read_accounts(tmp_path / "saved.csv")
    members = {m.account_id: m for group in page_case(900).campaigns for m in group.members}
    assert len(saved) == 4
    for row in saved:
        wanted = members[row.account_id]
        assert (row.probability, row.band) == (wanted.probability, "very likely")
        assert (row.exchanges, row.output_tokens) == (wanted.exchanges, wanted.output_tokens)
        assert row.top_reason == wanted.top_reason


def test_keyboard(opened: Open) -> None:
    """Without a mouse: down the rows, into an account and back, through a picture and the days."""
    page = opened(page_case(900)).page
    page.locator("#account-table tbody button").first.focus()
    for key in ("ArrowDown", "ArrowDown", "End"):
        page.keyboard.press(key)
    last = page.evaluate("document.activeElement.dataset.place")
    assert last == "910"
    name = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    assert page.locator("#account-dialog h3").inner_text() == name
    page.keyboard.press("Escape")
    assert not page.locator("#account-dialog").is_visible()
    board = page.locator(".picture-board").first
    board.focus()
    page.keyboard.press("ArrowRight")
    assert "linked to" in page.locator(".picture-said").first.inner_text()
    page.keyboard.press("Enter")
    assert page.locator("#account-dialog").is_visible()
    page.keyboard.press("Escape")
    page.locator(".timeline-live").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_attribute(".timeline-live", "aria-valuetext").startswith(
        "2026-10-03: C-2026-0001"
    )


def test_theme_is_a_choice(opened: Open) -> None:
    """The button turns the page dark and back, whatever the system says."""
    page = opened(page_case(), color_scheme="light").page
    colours = []
    for _ in range(3):
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.click("#theme")
    assert colours[0] == colours[2] != colours[1]


def test_motion_is_reduced(opened: Open) -> None:
    """Who asks for less motion gets no smooth scrolling."""
    page = opened(page_case(), reduced_motion="reduce").page
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_printed_page_has_everything(opened: Open) -> None:
    """On paper the still pictures and all rows stand, opened, and no control does."""
    page = opened(page_case(), color_scheme="dark").page
    page.emulate_media(media="print")
    for shown in (".timeline-still", "#printed-accounts", ".more .waterfall", "#timeline-table"):
        assert page.locator(shown).first.is_visible()
    for hidden in (".tools", ".contents", "#account-live", ".timeline-live", ".account-tools"):
        assert not page.locator(hidden).first.is_visible()
    assert len(column(page, "#printed-accounts", 1)) == 34
    for place in (5, 6):
        total = column(page, "#printed-accounts", place, "tfoot")
        assert [sum(map(number, column(page, "#printed-accounts", place)))] == [*map(number, total)]
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "text", [*HOSTILE, "{{ 7 * 7 }}{% raw %}", "</script><script>x()</script>"]
)
def test_hostile_texts_are_inert(opened: Open, text: str) -> None:
    """Whatever an attacker writes is shown, and neither runs, nor loads, nor reorders."""
    one = opened(case_with_text(text), accept_downloads=True)
    page = one.page
    page.evaluate("cautery.openAccount(0)")
    assert (one.said, one.asked) == ([], [])
    assert page.locator("script").count() == 2
    assert page.locator("main script, main img, main iframe, main a[href^='http']").count() == 0
    body = page.locator("body").inner_text()
    assert "49" not in page.locator("#account-dialog h3").inner_text()
    assert not any(mark in body for mark in "\u202e\u2066\u200b\x1b\ufeff")
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.click("#account-save")
    content = Path(download.value.path()).read_text(encoding="utf-8")
    for cells in csv.reader(io.StringIO(content)):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_injected_markup_could_not_run(opened: Open) -> None:
    """Even past both escapes: a script, a handler or an image that is put in does nothing."""
    one = opened(page_case())
    blocked: list[str] = []
    one.page.on("requestfailed", lambda request: blocked.append(request.failure))
    refused = one.page.evaluate(
        """() => {
          const tried = [];
          const script = document.createElement('script');
          try { script.text = 'window.ran = true'; document.body.append(script); }
          catch (error) { tried.push(error.name); }
          try { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="ran = true">'); }
          catch (error) { tried.push(error.name); }
          const image = new Image();
          image.src = 'https://example.org/x.png';
          document.body.append(image);
          return tried;
        }"""
    )
    assert refused == ["TypeError", "TypeError"]
    assert one.page.evaluate("window.ran === undefined")
    assert blocked == ["csp"]
