"""Corners of the screen: many files, long times, sums that a record does not itemise."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.report.campaigns import campaign
from tests.report.cases import example_case

from cautery.records.case import Case
from cautery.report.screen import Outcome, screen_lines
from cautery.report.style import Style
from cautery.report.text_width import width


def screen(case: Case, columns: int = 100, *, everything: bool = False) -> str:
    """Draw a case."""
    lines = screen_lines(case, Style(width=columns), Outcome(everything=everything))
    return "".join(f"{line}\n" for line in lines)


def with_files(count: int) -> Case:
    """Make a case of many files and many missing signals."""
    case = example_case()
    files = tuple(replace(case.input.files[0], name=f"part-{i:02d}.jsonl") for i in range(count))
    missing = tuple(
        replace(case.signals.missing[0], name=f"signal_{i}", fix=f"remedy {i}") for i in range(9)
    )
    return replace(
        case,
        input=replace(case.input, files=files),
        signals=replace(case.signals, missing=missing),
    )


def test_many_files_and_remedies_are_counted() -> None:
    """The first few are listed, and the number of the others stands there."""
    text = screen(with_files(30))
    assert "part-03.jsonl" in text
    assert "part-04.jsonl" not in text
    assert "26 more files (--all lists them)" in text
    assert "3 more remedies (--all lists them)" in text


def test_everything_lists_all_files_and_remedies() -> None:
    """With --all nothing is counted instead of shown."""
    text = screen(with_files(30), everything=True)
    assert "part-29.jsonl" in text
    assert "remedy 8" in text
    assert "lists them" not in text


@pytest.mark.parametrize("columns", [60, 80, 100, 140])
@pytest.mark.parametrize("days", [0, 1, 45, 90, 400])
def test_activity_fits_for_any_time(days: int, columns: int) -> None:
    """Many days are added together, and the line says how many one bar is."""
    start = date(2026, 1, 1)
    daily = tuple(((start + timedelta(days=i)).isoformat(), 1 + i % 50) for i in range(days))
    case = replace(
        example_case(), campaigns=(replace(campaign(1), daily_exchanges=daily, operator_id=""),)
    )
    text = screen(case, columns)
    assert all(width(line) <= columns for line in text.splitlines())
    assert ("activity" in text) is (days > 0)
    if days == 400:
        assert re.search(r"per \d+ days, most in a day 50 on 2026-", text)


@pytest.mark.parametrize("columns", [80, 100])
def test_a_sum_that_is_not_itemised_gets_a_row(columns: int) -> None:
    """If a record's sum is not that of its rows, the difference is printed, not hidden."""
    case = replace(example_case(), campaigns=(replace(campaign(1), bits=12.1),))
    text = screen(case, columns)
    assert re.search(r"rounding and limits, not itemised +-0\.7$", text, re.MULTILINE)
    assert re.search(r"sum +\+12\.1$", text, re.MULTILINE)


def test_campaign_without_an_innocent_explanation() -> None:
    """An empty explanation leaves no empty line."""
    bare = replace(campaign(1).innocent, explanation="", test="")
    case = replace(example_case(), campaigns=(replace(campaign(1), innocent=bare),))
    assert "could also be" not in screen(case)


def test_empty_log() -> None:
    """A log without exchanges has no time span and no shares."""
    case = example_case()
    nothing = replace(
        case.input, exchanges=0, accounts=0, output_tokens=0, from_time="", to_time="", files=()
    )
    text = screen(replace(case, input=nothing, campaigns=(), near_misses=()))
    assert "read 0 exchanges" in text
    assert " .. " not in text.split("No campaigns")[0]
