"""How fast pools meet new phrases: exact rarefaction, size under the null, and no weight."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from tests.scan.signals.conftest import LogWithout, NullWeights, PoolRows
from tests.scan.weighed import assert_not_in_this_log, assert_readable

from cautery.scan.pool_samples import PoolSamples
from cautery.scan.signals.coverage_growth import exponents, growth

NAME = "coverage_growth"


def samples(seed: int, narrow: bool = False) -> PoolSamples:
    """Make accounts that show phrases; the group's may be from a narrow stock."""
    generator = np.random.default_rng([3, seed])
    stock = np.where(np.arange(24)[:, None] < 8, 60 if narrow else 400, 400)
    shown = (generator.zipf(1.5, (24, 50)) % stock).ravel()
    rows = np.repeat(np.arange(24), 50)
    counts = sparse.csr_matrix((np.ones(shown.size, dtype=np.int64), (rows, shown)), (24, 400))
    counts.sum_duplicates()
    return PoolSamples(
        members={0: np.arange(8)},
        cohort={0: np.arange(8, 24)},
        share=1.0,
        rows=np.full(24, 50),
        shingles=counts,
        shingle_names=np.arange(400),
        prompts=counts,
    )


def test_size() -> None:
    """Accounts with one stock of phrases get small p-values as rarely as they say."""
    chances = np.array([exponents(samples(seed), 0)[2] for seed in range(120)])
    assert np.sum(chances <= 0.01) <= 4
    assert np.sum(chances <= 0.05) <= 13


def test_narrow_pool() -> None:
    """A pool with a narrow stock of phrases grows more slowly than its cohort, and is told."""
    own, other, p_value = exponents(samples(1, narrow=True), 0)
    assert own < other
    assert p_value <= 0.05


def test_rarefaction() -> None:
    """The expected number of phrases of half of the accounts is that of a count over all halves."""
    holders = np.array([0, 3, 2, 0, 1])
    # Of six pairs of four accounts: one holder 1/2, two holders 5/6, four holders always.
    half = 3 * 0.5 + 2 * 5 / 6 + 1
    assert growth(holders, 4) == pytest.approx(np.log2(6 / half), abs=1e-8)
    assert growth(np.array([0]), 4) == growth(np.array([0, 5]), 1) == 0.0


def test_pools(pool_rows: PoolRows) -> None:
    """Figures and p-value are told of every large pool, and none is weighed."""
    for row in pool_rows[NAME].values():
        assert_readable(row)
        assert row.p_value is not None
        assert row.bits == 0.0


def test_null(null_weights: NullWeights) -> None:
    """Pools of under a thousand exchanges are not looked at."""
    assert {(row.bits, row.observed) for row in null_weights[NAME]} == {(0.0, "not looked at")}


def test_missing_column(log_without: LogWithout) -> None:
    """Without prompts nothing is known of phrases."""
    assert_not_in_this_log(log_without("input_text"), NAME, ["input_text"])
