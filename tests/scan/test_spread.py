"""The effective number of payers or networks is between one and the number of accounts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_groups, hashes
from tests.scan.grouping import things

from cautery.scan.spread import effective_number


def test_examples() -> None:
    """Ten accounts on one card give 1, ten on five cards of two give 5, each its own 10."""
    members = [range(10), range(10, 20), range(20, 30)]
    pairs = things(
        {"hub": range(10)}
        | {f"two-{n}": (10 + 2 * n, 11 + 2 * n) for n in range(5)}
        | {f"own-{n}": (20 + n,) for n in range(10)}
    )
    groups = bare_groups(40, members)
    assert effective_number(groups, pairs).tolist() == pytest.approx([1.0, 5.0, 10.0])


def test_the_most_used_token_counts() -> None:
    """An account with several addresses counts for the one it uses most; a tie for the first."""
    pairs = hashes([(0, 1, 9), (0, 2, 1), (1, 1, 9), (1, 2, 1), (2, 1, 4), (2, 2, 4)])
    assert effective_number(bare_groups(3, [range(3)]), pairs).tolist() == pytest.approx([1.0])


def test_nothing_known() -> None:
    """A group whose accounts show nothing has a spread of one, and strangers do not count."""
    groups = bare_groups(6, [range(3)])
    for pairs in (things({}), things({"card": (4, 5)})):
        assert effective_number(groups, pairs).tolist() == [1.0]


@given(
    st.lists(
        st.tuples(st.integers(0, 11), st.integers(0, 5), st.integers(1, 9)),
        unique_by=lambda use: use[:2],
        max_size=40,
    ),
    st.permutations(range(12)),
)
def test_bounds_and_numbers(uses: list[tuple[int, int, int]], order: list[int]) -> None:
    """It lies between 1 and the number of accounts and tokens, however accounts are numbered."""
    plain = effective_number(bare_groups(12, [range(5), range(5, 9)]), hashes(uses))
    members = [[order[account] for account in inside] for inside in (range(5), range(5, 9))]
    moved = effective_number(
        bare_groups(12, members), hashes((order[a], token, n) for a, token, n in uses)
    )
    assert plain.tolist() == pytest.approx(moved.tolist())
    assert np.all(plain >= 1.0 - 1e-9)
    assert np.all(plain <= np.array([5, 4]) + 1e-9)
