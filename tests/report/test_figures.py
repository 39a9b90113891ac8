"""Numbers read well and add up as printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.report.figures import adding_up, amount, chance, duration, moment, share, size

SCALE = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}


def parsed(text: str) -> float:
    """Read a printed amount back."""
    number, _, unit = text.partition(" ")
    return float(number.replace(",", "")) * SCALE[unit]


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=12))
def test_printed_rows_add_up_to_the_printed_total(amounts: list[int]) -> None:
    """Whoever adds the column by hand gets the total, and no row is off by a tenth of its unit."""
    column = adding_up(amounts)
    assert sum(map(parsed, column.rows)) == pytest.approx(parsed(column.total), abs=1e-3)
    unit = SCALE[column.total.partition(" ")[2]]
    for row, exact in zip(column.rows, amounts, strict=True):
        assert abs(parsed(row) - exact) <= unit / 10


@given(st.floats(0, 1))
def test_a_chance_is_never_certain(probability: float) -> None:
    """Nothing is printed as 0 or 100 per cent."""
    assert chance(probability) not in {"100.00 %", "0.00 %"}


@pytest.mark.parametrize(
    ("given_", "printed"),
    [
        (share(1, 0), "-"),
        (share(485, 2000), "24.2 %"),
        (amount(9_999), "9,999"),
        (amount(58_300_000), "58.3 M"),
        (size(0), "0 B"),
        (size(1_500), "1.5 kB"),
        (size(12_300_000_000), "12.3 GB"),
        (duration(59.6), "1:00"),
        (moment("not a time"), "not a time"),
        (chance(0.0), "< 0.01 %"),
    ],
)
def test_examples(given_: str, printed: str) -> None:
    """Borders and odd values print as people expect."""
    assert given_ == printed
