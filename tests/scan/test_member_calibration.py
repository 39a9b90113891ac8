"""Member calibration: nothing is added below, nothing falls, and the case gives the row again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.grouping import things
from tests.scan.member_groups import CARDS, GROUP, bits, grouped, measured

from cautery.scan.evidence import chance
from cautery.scan.member_calibration import (
    CALIBRATED_FROM_BITS,
    CALIBRATED_FULLY_BITS,
    CALIBRATION_BITS,
    SIGNAL,
    calibration_bits,
)
from cautery.scan.reweighing import Reweighing
from cautery.scan.verdicts import WATCH

TENTHS = st.integers(-200, 300).map(lambda tenths: tenths / 10)


@given(TENTHS, TENTHS)
def test_more_evidence_never_counts_less(one: float, other: float) -> None:
    """Sums with their row stand in the order in which they stood before."""
    low, high = sorted((one, other))
    after = np.array([low, high]) + calibration_bits(np.array([low, high]))
    assert after[0] <= after[1]


@given(TENTHS)
def test_the_row_is_bounded(total: float) -> None:
    """Whoever is below the listed keeps his sum, and nobody is given more than was measured."""
    (more,) = calibration_bits(np.array([total])).tolist()
    assert 0.0 <= more <= CALIBRATION_BITS
    assert (more == 0.0) == (total <= CALIBRATED_FROM_BITS)
    assert (more == CALIBRATION_BITS) == (total >= CALIBRATED_FULLY_BITS)


def test_nobody_is_brought_to_watch() -> None:
    """The correction begins above the chance at which anybody is listed."""
    assert chance(CALIBRATED_FROM_BITS) > WATCH


def test_a_member_has_the_row() -> None:
    """It is a row of context, and the waterfall with it is the chance."""
    found = measured(grouped({"payment": things(CARDS)}))
    rows = found.weights(0)
    (row,) = (row for row in rows if row.signal == SIGNAL)
    assert (row.bits, row.family) == (CALIBRATION_BITS, "context")
    assert found.linked_probability[0] == pytest.approx(chance(sum(one.bits for one in rows)))


@pytest.mark.parametrize("missing", ["payment", "template"])
def test_not_where_a_log_lacks_what_was_measured(missing: str) -> None:
    """Without payments or prompts bits are worth what they say."""
    links = {"payment": things(CARDS), "address": things({"home": GROUP})}
    groups = grouped(links)
    del groups.incidences[missing]
    found = measured(groups)
    assert found.linked_probability[0] > chance(CALIBRATED_FROM_BITS)
    assert bits(found, 0, SIGNAL) == 0.0


def test_the_case_gives_it_again() -> None:
    """With a row left out the correction follows the rest, down to nothing."""
    rows = measured(grouped({"payment": things(CARDS)})).weights(0)
    rules = Reweighing()
    assert rules.member(rows, None, None)[1] == pytest.approx(chance(sum(r.bits for r in rows)))
    without = [row for row in rows if row.signal != "payment"]
    again, probability = rules.member(without, None, None)
    plain = sum(row.bits for row in without if row.signal != SIGNAL)
    expected = float(calibration_bits(np.array([plain]))[0])
    assert next(row.bits for row in again if row.signal == SIGNAL) == expected < CALIBRATION_BITS
    assert probability == pytest.approx(chance(round(plain + expected, 1)))
