"""The drawn waterfall adds up as the printed one does, and its bars stand end to end."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.report.campaigns import waterfall_of_example, weight

from cautery.report.page.waterfall_view import BAR_WIDTH, waterfall_view

BITS = st.integers(min_value=-200, max_value=200).map(lambda tenths: tenths / 10)


def test_example() -> None:
    """The waterfall of the design: prior, six rows, the rest, and the sum."""
    view = waterfall_view(waterfall_of_example())
    assert [bar.kind for bar in view.bars] == ["prior", *["for"] * 5, "against", "more", "sum"]
    assert view.bars[-1].bits == "+12.8"
    assert [row.tenth_bits for row in view.rest] == [5, 5, 4]


@given(st.lists(BITS, max_size=20))
def test_adds_up(bits: list[float]) -> None:
    """Whatever the weights: rows add up to the sum, the rest to its row, all in the frame."""
    weights = [weight("prior", "prior", -7.6)]
    weights += [weight(f"signal_{n}", f"row {n}", one) for n, one in enumerate(bits)]
    view = waterfall_view(weights)
    *rows, total = view.bars
    assert sum(bar.tenth_bits for bar in rows) == total.tenth_bits
    assert sum(row.tenth_bits for row in view.rest) == view.fall.more_tenth_bits
    for bar in view.bars:
        assert bar.left >= -0.1
        assert bar.left + bar.width <= BAR_WIDTH + 1.1


@given(st.lists(BITS, min_size=1, max_size=12))
def test_bars_stand_end_to_end(bits: list[float]) -> None:
    """Each bar has the end of the one above it as one of its own ends."""
    view = waterfall_view([weight(f"s_{n}", "", one) for n, one in enumerate(bits)])
    rows = view.bars[:-1]
    for above, below in pairwise(rows):
        ends = (below.left, below.left + below.width)
        assert min(abs(above.joint - end) for end in ends) <= 1.2
