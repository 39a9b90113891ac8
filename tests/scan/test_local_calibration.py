"""Local calibration: the interval holds what is true, and the row adds up with the others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.fake_signals import fakes
from tests.scan.scanning import row_of, total_of

from cautery.records.calibration import CALIBRATION_SCHEMA, LocalCalibration
from cautery.scan.evidence import WEIGHTS_VERSION, chance, judge
from cautery.scan.local_calibration import (
    MOST_OFFSET_BITS,
    PRIOR_BITS,
    SIGNAL,
    Offset,
    fit_offset,
    share_interval,
)

LOGS = 400


def learned(bits: float) -> LocalCalibration:
    """A correction as the command writes it."""
    return LocalCalibration(
        schema=CALIBRATION_SCHEMA,
        weights_version=WEIGHTS_VERSION,
        offset_bits=bits,
        low_bits=bits - 1.0,
        high_bits=bits + 1.0,
        confirmed=12,
        dismissed=8,
    )


def decided(generator: np.random.Generator, offset: float, count: int) -> Offset:
    """Decide campaigns of random claimed log-odds that are off by an offset, and learn it."""
    bits = generator.uniform(0.0, 8.0, count)
    truth: NDArray[np.bool_] = generator.random(count) < expit(np.log(2.0) * (bits + offset))
    return fit_offset(bits, truth)


@pytest.mark.parametrize("count", [10, 60])
def test_the_interval_holds_the_truth(count: int) -> None:
    """Over offsets drawn from the prior, 95 % of intervals hold the offset (four deviations)."""
    generator = np.random.default_rng([21, count])
    held = 0
    for offset in generator.normal(0.0, PRIOR_BITS, LOGS).tolist():
        found = decided(generator, offset, count)
        held += found.low <= offset <= found.high
    assert abs(held / LOGS - 0.95) < 4 * np.sqrt(0.95 * 0.05 / LOGS)


def test_size_under_the_null() -> None:
    """Where the claimed chances are right, few of the corrections differ from zero."""
    generator = np.random.default_rng(22)
    wrong = sum(decided(generator, 0.0, 60).differs for _ in range(LOGS))
    assert wrong / LOGS <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / LOGS)


def test_a_large_error_is_corrected() -> None:
    """Two hundred cases that are two bits too sure are corrected by about two bits."""
    generator = np.random.default_rng(23)
    found = [decided(generator, -2.0, 200) for _ in range(20)]
    assert all(offset.differs for offset in found)
    assert np.mean([offset.bits for offset in found]) == pytest.approx(-2.0, abs=0.25)


@pytest.mark.parametrize("confirmed", [True, False])
def test_one_sided_decisions_stay_bounded(confirmed: bool) -> None:
    """Cases that are all confirmed or all dismissed give a finite correction."""
    found = fit_offset(np.full(500, 3.0), np.full(500, confirmed))
    assert 0 < abs(found.bits) < MOST_OFFSET_BITS
    assert (found.bits > 0) == confirmed


def test_nothing_decided_leaves_the_prior() -> None:
    """Without decisions the interval is the prior's, and a few of one kind stay within it."""
    found = fit_offset(np.zeros(0), np.zeros(0, dtype=np.bool_))
    assert (found.bits, found.differs) == (0.0, False)
    assert (found.low, found.high) == pytest.approx(
        (-1.96 * PRIOR_BITS, 1.96 * PRIOR_BITS), abs=0.02
    )
    assert fit_offset(np.full(10, 3.0), np.ones(10, dtype=np.bool_)).bits < PRIOR_BITS


DECISIONS = st.lists(st.tuples(st.floats(-8.0, 12.0), st.booleans()), min_size=1, max_size=30)


@given(DECISIONS)
def test_another_confirmation_never_lowers(decisions: list[tuple[float, bool]]) -> None:
    """One more confirmed case gives the same correction or a higher one; the ends stay in order."""
    bits, confirmed = (np.array(part) for part in zip(*decisions, strict=True))
    found = fit_offset(bits, confirmed.astype(np.bool_))
    more = fit_offset(np.append(bits, 0.0), np.append(confirmed, True).astype(np.bool_))
    assert found.low <= found.bits + 0.05
    assert found.bits <= found.high + 0.05
    assert more.bits >= found.bits


@pytest.mark.parametrize(("held", "count"), [(0, 0), (0, 5), (5, 5), (3, 7)])
def test_share_interval(held: int, count: int) -> None:
    """The interval lies within 0 and 1 and holds the observed share."""
    low, high = share_interval(held, count)
    assert 0.0 <= low <= held / max(count, 1) <= high <= 1.0


@given(st.integers(-50, 50))
def test_the_row_adds_up(tenths: int) -> None:
    """A correction is a row of the waterfall; the verdict on links stays."""
    bits = tenths / 10
    facts, groups = bare_facts(9), bare_groups(9, [range(3)])
    (plain,) = judge(facts, groups, fakes(2.0, 1.0, 3.0, 2.0))
    (corrected,) = judge(facts, groups, fakes(2.0, 1.0, 3.0, 2.0), learned(bits))
    assert total_of(corrected.weights) == corrected.bits
    assert corrected.bits == pytest.approx(plain.bits + bits)
    assert corrected.probability == chance(corrected.bits)
    assert corrected.linked_probability == plain.linked_probability
    row = row_of(corrected.weights, SIGNAL)
    assert (row.bits, row.sample_size) == (bits, 20)
    assert "12 of 20" in row.observed
