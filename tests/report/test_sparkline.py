"""Activity lines are as long as they may be and show the largest day as the highest bar."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cautery.report.sparkline import binned, sparkline

BARS = "12345678"
AMOUNTS = st.lists(st.integers(0, 10**9), max_size=400)


@given(AMOUNTS)
def test_one_character_an_amount(amounts: list[int]) -> None:
    """Only a day without exchanges is blank, and the largest day is the highest bar."""
    line = sparkline(amounts, BARS)
    assert [mark == " " for mark in line] == [amount == 0 for amount in amounts]
    if any(amounts):
        assert line[amounts.index(max(amounts))] == BARS[-1]


@given(AMOUNTS, st.integers(1, 100))
def test_bins_fit_and_lose_nothing(amounts: list[int], columns: int) -> None:
    """Days are added together, never dropped."""
    _, bins = binned(amounts, columns)
    assert len(bins) <= columns
    assert sum(bins) == sum(amounts)
