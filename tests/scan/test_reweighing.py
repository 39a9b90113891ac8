"""The rows of a case give its verdicts again, in whatever order they stand."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.test_settling import pool, standing

from cautery.records.calibration import CALIBRATION_SCHEMA, LocalCalibration
from cautery.records.evidence import Aspect, Family, Weight
from cautery.registry import SIGNALS
from cautery.scan.evidence import WEIGHTS_VERSION, verdict_of
from cautery.scan.limits import LIMITS
from cautery.scan.local_calibration import calibration_row
from cautery.scan.reweighing import Reweighing
from cautery.scan.settling import AT_HOME, weakened
from cautery.scan.stability import NOT_TO_BE_TRUSTED

RULES = Reweighing()
KINDS: list[tuple[str, Aspect, Family]] = [
    (name, SIGNALS.load(name).aspect, SIGNALS.load(name).family) for name in SIGNALS.names()
]
LOCAL = LocalCalibration(
    schema=CALIBRATION_SCHEMA,
    weights_version=WEIGHTS_VERSION,
    offset_bits=-1.5,
    low_bits=-2.0,
    high_bits=-1.0,
    confirmed=10,
    dismissed=30,
)
BITS = st.lists(
    st.integers(-60, 80).map(lambda tenths: tenths / 10),
    min_size=len(KINDS),
    max_size=len(KINDS),
)


def rows_of(bits: list[float]) -> list[Weight]:
    """One row a signal of the shelf, in the shelf's order."""
    return [
        Weight(signal=name, label=name, aspect=aspect, family=family, bits=value)
        for (name, aspect, family), value in zip(KINDS, bits, strict=True)
    ]


@given(BITS, st.booleans(), st.randoms(use_true_random=False))
def test_groups_come_out_the_same(bits: list[float], local: bool, draw: random.Random) -> None:
    """Whatever the signals say, the case's rows give the scan's verdict, to the last row."""
    corrections = [calibration_row(LOCAL)] if local else []
    verdict = verdict_of(rows_of(bits), corrections)
    shuffled = list(verdict.weights)
    draw.shuffle(shuffled)
    assert RULES.group(shuffled) == verdict


@given(BITS)
def test_limits_follow_the_rows(bits: list[float]) -> None:
    """Rows that are left out take the limits with them that only they had called for."""
    kept = RULES.group([row for row in rows_of(bits) if row.bits < 0])
    assert not any(row.signal in LIMITS and row.bits < 0 for row in kept.weights)
    assert RULES.group(RULES.group(rows_of(bits)).weights) == RULES.group(rows_of(bits))


def test_a_half_is_rounded_as_in_the_scan() -> None:
    """The order of a sum decides half a tenth; a seed of the hydra tier had such a group."""
    bits = dict.fromkeys((name for name, _, _ in KINDS), 0.0)
    bits |= {"shared_address": -1.6, "shared_network": -0.9, "sign_up_cohort": -0.5}
    bits |= {"shared_device": 4.3}
    verdict = verdict_of(rows_of(list(bits.values())), [])
    assert RULES.group(verdict.weights[::-1]) == verdict


@pytest.mark.parametrize(
    ("shares", "group"),
    [
        ({}, 1.0),
        ({0: 0.9, 1: AT_HOME}, 0.7),
        ({0: 0.1, 1: 0.4}, 0.9),
        ({}, NOT_TO_BE_TRUSTED),
        ({}, 0.59),
        ({0: 0.3}, 0.2),
        ({}, NOT_TO_BE_TRUSTED - 0.0004),
    ],
)
def test_members_come_out_the_same(shares: dict[int, float], group: float) -> None:
    """So do members, settled or not, from rows and the stability that a case states."""
    groups, plain = pool()
    found = weakened(plain, groups, standing(shares, group))
    for account in range(16):
        stated = round(shares.get(account, 1.0), 3)
        rows, held = RULES.member(found.weights(account), stated, round(group, 3))
        assert held == found.linked_probability[account]
        assert sorted((row.signal, row.bits) for row in rows) == sorted(
            (row.signal, row.bits) for row in found.weights(account)
        )


def test_members_without_a_row() -> None:
    """The limit of shared things and the group's stability follow the rows that are left."""
    groups, plain = pool()
    weights = weakened(plain, groups, standing({}, 0.5)).weights(0)
    assert any(row.signal == "stability" for row in weights)
    for signal in {row.signal for row in weights} - {"prior", "stability"}:
        rows, held = RULES.member([row for row in weights if row.signal != signal], 1.0, 0.5)
        total = round(sum(row.bits for row in rows), 1)
        assert held == pytest.approx(1 / (1 + 2**-total), abs=1e-6)
        assert np.isfinite(held)
        assert total <= 3.0


def test_what_was_not_measured() -> None:
    """Where no stability was measured, none is weighed."""
    groups, plain = pool()
    weights = weakened(plain, groups, standing({})).weights(0)
    assert RULES.member(weights, None, None) == RULES.member(weights, 1.0, 1.0)
