"""The distance of pools from their cohorts: its size, its power, and who is weighed down."""

from __future__ import annotations

import numpy as np
import pytest
from tests.scan.signals.conftest import LogWithout, NullWeights, PoolRows
from tests.scan.weighed import assert_not_in_this_log, assert_readable

from cautery.scan.account_permutations import DRAWS
from cautery.scan.signals.pool_distance import MOST_AGAINST, discrepancy

NAME = "pool_distance"


def test_harvest(pool_rows: PoolRows) -> None:
    """A pool that sends other things than its cohort is told apart, which weighs nothing."""
    row = pool_rows[NAME]["harvester"]
    assert_readable(row)
    assert row.p_value == 1 / (DRAWS + 1)
    assert row.bits == 0.0


def test_strangers(pool_rows: PoolRows) -> None:
    """Strangers cannot be told from their cohort, and are weighed down for it."""
    row = pool_rows[NAME]["stranger"]
    assert row.p_value is not None
    assert row.p_value > 0.05
    assert MOST_AGAINST <= row.bits < 0.0


def test_size() -> None:
    """Accounts of one kind, each with habits of its own, get small p-values rarely enough."""
    generator = np.random.default_rng(9)
    chances = []
    for _log in range(400):
        habits = np.concatenate(
            [generator.dirichlet(np.full(4, 0.3), 30), generator.normal(0, 0.2, (30, 8))], axis=1
        )
        chances.append(discrepancy(habits, 10)[1])
    assert np.mean(np.array(chances) <= 0.01) <= 0.025
    assert np.mean(np.array(chances) <= 0.05) <= 0.08


def test_unbiased() -> None:
    """Between accounts of one kind the distance is zero on average, and may be negative."""
    generator = np.random.default_rng(10)
    found = [discrepancy(generator.normal(0, 1, (40, 6)), 15)[0] for _log in range(300)]
    assert abs(float(np.mean(found))) < 3 * float(np.std(found)) / np.sqrt(len(found))
    assert min(found) < 0.0


def test_known_distance() -> None:
    """With accounts that are all alike inside each side it is the squared distance of means."""
    features = np.repeat(np.array([[0.0, 3.0], [4.0, 0.0]]), [6, 9], axis=0)
    assert discrepancy(features, 6)[0] == pytest.approx(25.0)


def test_too_few_accounts() -> None:
    """One account on a side has no pairs."""
    assert discrepancy(np.ones((5, 2)), 1) == (0.0, 1.0)
    assert discrepancy(np.ones((5, 2)), 4) == (0.0, 1.0)


def test_null(null_weights: NullWeights) -> None:
    """Pools of under a thousand exchanges are not looked at, and weigh nothing."""
    assert {(row.bits, row.observed) for row in null_weights[NAME]} == {(0.0, "not looked at")}


def test_missing_column(log_without: LogWithout) -> None:
    """Without prompts there is nothing to compare."""
    assert_not_in_this_log(log_without("input_text"), NAME, ["input_text"])
