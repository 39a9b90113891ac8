from __future__ import annotations

import numpy as np
import pytest

from cautery.guard.early_evidence import (
    STRENGTHS,
    bounded_share,
    evidence_bits,
    hit_bits,
    mean_bits,
    miss_bits,
    restarted_bits,
)


@pytest.mark.parametrize("q", [0.001, 0.01, 0.05, 0.2])
@pytest.mark.parametrize("true_share", [1.0, 0.5])
def test_each_factor_has_a_mean_of_at_most_one(q: float, true_share: float) -> None:
    """Under any chance up to ``q``: exactly one at ``q``, less below."""
    for hit, miss in zip(hit_bits(q), miss_bits(q), strict=True):
        chance = q * true_share
        assert chance * 2**hit + (1 - chance) * 2**miss <= 1 + 1e-12


@pytest.mark.parametrize("q", [0.002, 0.02])
def test_the_size_holds_at_any_stopping_time(q: float) -> None:
    """4,000 null streams, looked at after each of 1,000 observations: Ville's bound holds."""
    draw = np.random.default_rng(1)
    hits = draw.random((4_000, 1_000)) < q
    bits = np.zeros((len(STRENGTHS), 4_000))
    highest = np.zeros(4_000)
    added = list(zip(hit_bits(q), miss_bits(q), strict=True))
    for step in range(hits.shape[1]):
        for place, (hit, miss) in enumerate(added):
            bits[place] += np.where(hits[:, step], hit, miss)
        most = bits.max(axis=0)
        now = most + np.log2(np.exp2(bits - most).mean(axis=0))
        highest = np.maximum(highest, now)
    for level in (2.0, 4.0, 6.0):
        share = float(np.mean(highest >= level))
        bound = 2.0**-level
        assert share <= bound + 3 * (bound / 4_000) ** 0.5


def test_the_size_holds_with_runs_that_begin_anew() -> None:
    """600 null streams of 3,000, with a run every 250, looked at after each hit."""
    draw = np.random.default_rng(3)
    q, of_run, reached = 0.01, 250, 0
    for hits in draw.random((600, 3_000)) < q:
        counts = np.concatenate([[0], np.cumsum(hits)])
        highest = 0.0
        for trial in np.flatnonzero(hits) + 1:
            last = int(trial - 1) // of_run
            runs = {}
            for run in range(max(0, last - 7), last + 1):
                seen = int(counts[trial] - counts[run * of_run])
                runs[run] = (seen, int(trial) - run * of_run - seen)
            highest = max(highest, restarted_bits(runs, q))
        reached += highest >= 4
    assert reached <= 600 / 16 + 3 * (600 / 16) ** 0.5


def test_evidence_grows_under_the_alternative() -> None:
    """Thirty hits in a hundred where one was to be expected are beyond doubt."""
    assert evidence_bits(30, 70, 0.01) > 60
    assert evidence_bits(1, 99, 0.01) < 2
    assert evidence_bits(10, 0, 0.9) == 0.0


def test_a_mean_does_not_overflow() -> None:
    """Bits far beyond doubles."""
    assert mean_bits([5_000.0, -5_000.0, 0.0, 5_000.0]) == pytest.approx(4_999.0)


def test_the_bound_of_a_share_holds() -> None:
    """In 2,000 samples of 1,000, the true share is above its bound about once in a thousand."""
    draw = np.random.default_rng(2)
    for share in (0.002, 0.02):
        hits = draw.binomial(1_000, share, 2_000)
        above = np.mean([bounded_share(int(n), 1_000) < share for n in hits])
        assert above <= 0.005
