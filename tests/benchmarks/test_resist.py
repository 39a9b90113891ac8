"""The table of defence by student has a row for each plan, whatever the size."""

from __future__ import annotations

import pytest
from benchmarks.resist import HEADER, TRIED, main

from cautery.resist.plans import make_plan


def test_a_small_trial_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    """One table a size, with the baseline and what was asked for."""
    words = "--seeds 1 2 --requests 20 30 --test-questions 20 --defence answer-only".split()
    main(words)
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0] for row in rows] == [
        "| defence",
        "| ---",
        "| none",
        "| answer-only",
    ] * 2
    assert {row.count(" | ") for row in rows} == {len(HEADER) - 1}


@pytest.mark.parametrize("name", TRIED)
def test_every_row_is_a_plan(name: str) -> None:
    """What the table tries can be put together."""
    assert len(make_plan(TRIED[name]).steps) == len(TRIED[name])
