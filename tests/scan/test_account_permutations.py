"""Permutation tests over accounts: their size under the null, their power, and no luck of seeds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cautery.scan.account_permutations import DRAWS, compare, permutation_p, relabellings

Floats = NDArray[np.float64]
LOGS = 600


def gap(first: Floats, second: Floats) -> Floats:
    """Difference of the first values."""
    return np.asarray((first - second)[:, 0], dtype=np.float64)


def drawn(seed: int, members: int, others: int, shift: float = 0.0) -> tuple[Floats, Floats]:
    """Draw values of accounts with heavy tails; the group's may be shifted."""
    generator = np.random.default_rng([5, seed])
    return (
        generator.lognormal(shift, 1.0, (members, 2)),
        generator.lognormal(0.0, 1.0, (others, 2)),
    )


def test_size() -> None:
    """Groups of accounts like all others get a small p-value as rarely as it says."""
    chances = [compare(*drawn(seed, 12, 30), gap)[1] for seed in range(LOGS)]
    assert np.mean(np.array(chances) <= 0.01) <= 0.022
    assert np.mean(np.array(chances) <= 0.05) <= 0.075
    assert 0.4 <= np.mean(np.array(chances) <= 0.5) <= 0.6


def test_power() -> None:
    """A clear difference gets the smallest p-value that so many relabellings can give."""
    assert compare(*drawn(1, 20, 40, shift=3.0), gap)[1] == 1 / (DRAWS + 1)


def test_nobody_to_compare_with() -> None:
    """Without members or others nothing is tested."""
    some, nobody = np.ones((3, 2)), np.zeros((0, 2))
    assert compare(some, nobody, gap) == (0.0, 1.0)
    assert compare(nobody, some, gap) == (0.0, 1.0)


@given(st.integers(1, 20), st.integers(1, 20))
def test_relabellings_keep_sizes(members: int, others: int) -> None:
    """Every relabelling has as many members as the group, and the same come every time."""
    sets = relabellings(members, others, 20)
    assert sets.shape == (20, members + others)
    assert set(sets.sum(axis=1).tolist()) == {members}
    assert (sets == relabellings(members, others, 20)).all()


def test_ties_count() -> None:
    """What differs only in digits that an order of summation may change is as large."""
    assert permutation_p(1.0, np.array([1.0 - 1e-14, 0.5, 0.5])) == 0.5
