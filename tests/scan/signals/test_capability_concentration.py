"""Pools that ask for other capabilities than their kind, and pools that ask for the same."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import entropy
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import LogWithout, NullWeights, PoolRows
from tests.scan.small_logs import HOSTILE
from tests.scan.weighed import assert_not_in_this_log, assert_readable, weigh_one, with_hostile
from tests.scan.worlds import ordinary

from cautery.scan.account_permutations import compare
from cautery.scan.signals.capability_concentration import MOST_AGAINST, SMOOTHING, divergence

NAME = "capability_concentration"


def test_harvest(pool_rows: PoolRows) -> None:
    """A pool that asks for reasoning where its kind does not is told, and weighs nothing."""
    row = pool_rows[NAME]["harvester"]
    assert_readable(row)
    assert row.p_value is not None
    assert row.p_value <= 0.005
    assert row.bits == 0.0
    assert "reasoning traces" in row.observed


def test_strangers(pool_rows: PoolRows) -> None:
    """Strangers who ask for what their kind asks for are weighed down a little."""
    row = pool_rows[NAME]["stranger"]
    assert row.p_value is not None
    assert row.p_value > 0.05
    assert MOST_AGAINST <= row.bits < 0.0


def test_it_is_far_from_its_own_cohort(pool_rows: PoolRows) -> None:
    """The distance is that from like accounts: strangers are near them, a harvest is far."""
    harvest, stranger = (
        float(pool_rows[NAME][name].observed.split()[0]) for name in ("harvester", "stranger")
    )
    assert stranger < 0.2
    assert harvest > 1.0


def test_size() -> None:
    """Accounts with habits of the same kind get small p-values as rarely as they say."""
    generator = np.random.default_rng(3)
    chances = []
    for _log in range(400):
        shares = generator.dirichlet(np.full(5, 0.4), 36)
        chances.append(compare(shares[:12], shares[12:], divergence)[1])
    assert np.mean(np.array(chances) <= 0.01) <= 0.025
    assert np.mean(np.array(chances) <= 0.05) <= 0.08


def test_divergence() -> None:
    """Shares far apart are further than shares close by, and equal ones are nowhere."""
    base = np.array([[0.5, 0.5, 0.0]])
    near, far = np.array([[0.6, 0.4, 0.0]]), np.array([[0.0, 0.0, 1.0]])
    assert divergence(base, base)[0] == 0.0
    assert 0.0 < divergence(near, base)[0] < divergence(far, base)[0]


def test_divergence_in_bits() -> None:
    """It is Kullback and Leibler's, with the smoothing, by another implementation."""
    first, second = np.array([[0.7, 0.2, 0.1]]), np.array([[0.2, 0.3, 0.5]])
    wanted = entropy(first[0] + SMOOTHING, second[0] + SMOOTHING, base=2)
    assert divergence(first, second)[0] == pytest.approx(wanted)


def test_null(null_weights: NullWeights) -> None:
    """Pools of under a thousand exchanges are not tested, and weigh nothing."""
    assert {(row.bits, row.p_value) for row in null_weights[NAME]} == {(0.0, None)}


def test_missing_column(log_without: LogWithout) -> None:
    """Without prompts nothing is known of capabilities."""
    assert_not_in_this_log(log_without("input_text"), NAME, ["input_text"])


def test_hostile_values(read_log: ReadLog) -> None:
    """Any prompt asks for something or for nothing, and the row can be read."""
    facts = read_log(with_hostile(ordinary(24), {"input_text": (*HOSTILE, "", None)}))
    assert weigh_one(facts, NAME, named(facts, "ordinary")[:12]).bits == 0.0
