"""Stability is 1 where every run has the same groups, and low where they are chance."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cautery.scan.stability import NOT_TO_BE_TRUSTED, measure_stability

GROUPS = np.repeat([0, 1, -1], [6, 4, 2])


def test_the_same_groups() -> None:
    """Runs that only number the groups otherwise make every figure 1."""
    found = measure_stability(GROUPS, np.array([GROUPS, np.where(GROUPS >= 0, 9 - GROUPS, -1)]))
    assert found.of_account[:10].tolist() == found.of_group[:10].tolist() == [1.0] * 10
    assert np.isnan(found.of_account[10:]).all()


def test_joined_groups() -> None:
    """A run that joins two groups lowers both by their part of the whole, and no member leaves."""
    found = measure_stability(GROUPS, np.where(GROUPS >= 0, 0, -1)[None, :])
    assert found.of_group[[0, 6]].tolist() == [0.6, 0.4]
    assert set(found.of_account[:10].tolist()) == {1.0}


def test_a_group_cut_in_two() -> None:
    """Who is in the smaller part of a cut group is not at home in that run."""
    found = measure_stability(GROUPS, np.array([[0, 0, 0, 0, 5, 5, 1, 1, 1, 1, -1, -1], GROUPS]))
    assert found.of_account[:6].tolist() == [1.0] * 4 + [0.5] * 2
    assert found.of_group[0] == round((4 / 6 + 1) / 2, 9)


def test_nothing_measured() -> None:
    """Without runs, or for accounts that no run placed, there is no figure."""
    for runs in (np.zeros((0, 0), dtype=np.int64), np.full((3, 12), -1)):
        found = measure_stability(GROUPS, runs)
        assert np.isnan(found.of_account).all()
        assert np.isnan(found.by_group(GROUPS, 2)[0]).all()


def test_random_groups_are_not_trusted() -> None:
    """Null: where each run groups at random, groups are under the floor of trust."""
    generator = np.random.default_rng(4)
    groups = generator.integers(0, 8, 80)
    found = measure_stability(groups, generator.integers(0, 8, (10, 80)))
    assert float(np.nanmax(found.of_group)) < NOT_TO_BE_TRUSTED / 2


def test_later_groups() -> None:
    """Figures go over to the group that most of the measured members come from, and only there."""
    found = measure_stability(GROUPS, np.array([[0, 0, 0, 0, 5, 5, 1, 1, 1, 1, -1, -1], GROUPS]))
    later = np.array([3, 3, 3, 3, -1, 3, 3, -1, -1, -1, 3, -1])
    of_group, of_account = found.by_group(later, 5)
    assert of_group[3] == found.of_group[0]
    assert np.isnan(of_group[[0, 1, 2, 4]]).all()
    assert of_account[[0, 5]].tolist() == [1.0, 0.5]
    assert np.isnan(of_account[[4, 6, 10]]).all()


@given(
    st.lists(st.integers(-1, 3), min_size=9, max_size=9),
    st.lists(st.lists(st.integers(-1, 4), min_size=9, max_size=9), min_size=1, max_size=4),
)
def test_any_runs(groups: list[int], runs: list[list[int]]) -> None:
    """All figures are shares, and only accounts in groups that a run placed have one."""
    found = measure_stability(np.array(groups), np.array(runs))
    measured = ~np.isnan(found.of_account)
    placed = (np.array(runs) >= 0).any(axis=0) & (np.array(groups) >= 0)
    assert measured.tolist() == placed.tolist()
    for values in (found.of_account, found.of_group):
        assert np.all((values[measured] >= 0.0) & (values[measured] <= 1.0))
