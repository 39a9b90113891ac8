"""Pools that ask one prompt again and again: at a temperature above zero, and at zero."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from tests.scan.signals.conftest import LogWithout, NullWeights, PoolRows
from tests.scan.weighed import assert_not_in_this_log, assert_readable

from cautery.scan.pool_samples import PoolSamples
from cautery.scan.signals.n_best_sampling import FEWEST_COPIES, resampling

NAME = "n_best_sampling"


def test_samplers(pool_rows: PoolRows) -> None:
    """A pool that samples seven answers to each prompt is told apart, and weighs nothing."""
    row = pool_rows[NAME]["sampler"]
    assert_readable(row)
    assert (row.observed, row.bits) == ("100 %", 0.0)
    assert row.p_value is not None
    assert row.p_value <= 0.01


@pytest.mark.parametrize("pool", ["greedy", "stranger", "harvester"])
def test_nothing_sampled(pool_rows: PoolRows, pool: str) -> None:
    """Repeats at temperature 0 are retries of a harness, and other pools repeat nothing."""
    row = pool_rows[NAME][pool]
    assert row.observed == "0 %"
    assert row.p_value is not None
    assert row.p_value > 0.05


@pytest.mark.parametrize(("copies", "share"), [(FEWEST_COPIES - 1, 0.0), (FEWEST_COPIES, 1.0)])
def test_a_retry_or_two_is_no_sampling(copies: int, share: float) -> None:
    """Each side must have sent a prompt often itself: what both together did does not count."""
    prompts = sparse.csr_matrix(np.array([[copies], [0], [FEWEST_COPIES - 1], [0]]))
    samples = PoolSamples(
        members={0: np.arange(2)},
        cohort={0: np.arange(2, 4)},
        share=1.0,
        rows=np.full(4, copies),
        shingles=prompts,
        shingle_names=np.arange(1),
        prompts=prompts,
    )
    assert resampling(samples, 0)[:2] == (share, 0.0)


def test_size() -> None:
    """Accounts that repeat prompts alike get small p-values as rarely as they say."""
    chances = []
    for seed in range(200):
        generator = np.random.default_rng([11, seed])
        copies = generator.geometric(0.45, (24, 30))
        prompts = sparse.csr_matrix(sparse.block_diag(list(copies[:, None, :])))
        samples = PoolSamples(
            members={0: np.arange(8)},
            cohort={0: np.arange(8, 24)},
            share=1.0,
            rows=np.full(24, 30),
            shingles=prompts,
            shingle_names=np.arange(prompts.shape[1]),
            prompts=prompts,
        )
        chances.append(resampling(samples, 0)[2])
    assert np.mean(np.array(chances) <= 0.01) <= 0.035
    assert np.mean(np.array(chances) <= 0.05) <= 0.09


def test_null(null_weights: NullWeights) -> None:
    """Pools of under a thousand exchanges are not looked at."""
    assert {(row.bits, row.observed) for row in null_weights[NAME]} == {(0.0, "not looked at")}


def test_missing_column(log_without: LogWithout) -> None:
    """Without prompts nothing is known of repeats."""
    assert_not_in_this_log(log_without("input_text"), NAME, ["input_text"])
