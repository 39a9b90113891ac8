"""In a real browser: axe-core finds nothing, and whatever adds up on the page does."""

from __future__ import annotations

from typing import Any

import pytest
from tests.report.cases import crowded_case, empty_case
from tests.report.page.conftest import Open, column, number
from tests.report.page.pages import page_case

from cautery.records.case import Case


def figure(text: str) -> float:
    """Read a number that may stand in thousands or millions, whose unit a column shares."""
    return float(text.replace(",", "").partition(" ")[0])


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
