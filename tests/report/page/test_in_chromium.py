"""The page in a real browser without a network: it asks for nothing, and everything in it works."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from tests.report.hostile import HOSTILE, case_with_text
from tests.report.page.conftest import Open, column, number
from tests.report.page.pages import page_case

from cautery.report.load import read_accounts


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
