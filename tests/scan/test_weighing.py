"""Curves are monotone and bounded, few exchanges prove little, and bits print as they add up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.scan.weighing import (
    PSEUDO_COUNT,
    Curve,
    above_usual,
    on_curve,
    percent,
    rounded,
    shrunk_share,
    unavailable,
)

SHARES = st.floats(0.0, 1.0)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Draw a curve whose bits only rise."""
    size = draw(st.integers(2, 6))
    places = sorted(draw(st.sets(st.integers(0, 1_000), min_size=size, max_size=size)))
    bits = sorted(draw(st.lists(st.integers(-80, 80), min_size=size, max_size=size)))
    return tuple((place / 1_000, bit / 10) for place, bit in zip(places, bits, strict=True))


@given(curves(), st.lists(st.floats(-2.0, 3.0), min_size=2, max_size=20))
def test_more_never_speaks_less(curve: Curve, values: list[float]) -> None:
    """Bits rise with what was observed, and never leave the ends of the curve."""
    bits = on_curve(curve, np.array(sorted(values)))
    assert (np.diff(bits) >= -1e-12).all()
    assert bits.min() >= curve[0][1]
    assert bits.max() <= curve[-1][1]


@given(curves())
def test_named_points_are_met(curve: Curve) -> None:
    """At each point of a curve its bits are exactly the named ones."""
    places = np.array([place for place, _bits in curve])
    assert on_curve(curve, places).tolist() == [bits for _place, bits in curve]


@given(st.integers(0, 10_000), st.integers(0, 10_000), SHARES)
def test_shrunk_share(held: int, known: int, usual: float) -> None:
    """A share lies between the observed one and the usual one, nearer to it the fewer there are."""
    held = min(held, known)
    share = float(shrunk_share(np.array(held * 1.0), np.array(known * 1.0), usual))
    observed = held / known if known else usual
    assert min(observed, usual) - 1e-12 <= share <= max(observed, usual) + 1e-12
    pull = PSEUDO_COUNT / (known + PSEUDO_COUNT)
    assert share == pytest.approx(observed * (1 - pull) + usual * pull)


@given(st.floats(-9.0, 9.0), SHARES, SHARES)
def test_above_usual(bits: float, share: float, usual: float) -> None:
    """Nothing speaks for a campaign that is no more than usual; what speaks against it stays."""
    found = float(above_usual(np.array(bits), np.array(share), usual))
    if bits <= 0:
        assert found == bits
    else:
        assert 0.0 <= found <= bits
        if share <= usual:
            assert found == 0.0


@pytest.mark.parametrize("usual", [0.0, 0.5, 0.9, 0.999])
def test_everything_counts_in_full(usual: float) -> None:
    """A share of everything counts in full, however near to it the usual share is."""
    assert float(above_usual(np.array(2.0), np.array(1.0), usual)) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("share", "printed"),
    [(1.0, "100 %"), (0.1, "10 %"), (0.0999, "10.0 %"), (0.01, "1.0 %"), (0.000123, "0.012 %")],
)
def test_percent(share: float, printed: str) -> None:
    """Small shares keep two digits that say something."""
    assert percent(share) == printed


@given(st.floats(-100.0, 100.0))
def test_rounded(bits: float) -> None:
    """Bits have one decimal and zero has no sign."""
    found = rounded(bits)
    assert abs(found - bits) <= 0.05 + 1e-9
    assert found == round(found, 1)
    if found == 0:
        assert math.copysign(1.0, found) == 1.0


def test_unavailable() -> None:
    """A signal that the log cannot feed weighs nothing, says so, and for every group."""
    weights = unavailable("co_activity", "active at once", "linkage", "behaviour", 3)
    assert [(one.bits, one.available, one.observed) for one in weights] == [(0.0, False, "")] * 3
    assert unavailable("x", "x", "linkage", "behaviour", 0) == []
