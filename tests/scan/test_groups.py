"""Groups count and sum their own accounts and nobody else's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_groups


def test_groups() -> None:
    """Members are ascending, sizes and sums are by group, and an account in none counts nowhere."""
    groups = bare_groups(7, [(5, 0), (2, 3, 6)])
    assert groups.count == 2
    assert groups.sizes.tolist() == [2, 3]
    assert [groups.members(group).tolist() for group in range(2)] == [[0, 5], [2, 3, 6]]
    assert groups.sum_by_group([1, 10, 100, 1_000, 10_000, 2, 3]).tolist() == [3.0, 1_103.0]


def test_no_groups() -> None:
    """Without groups there is nothing to sum."""
    groups = bare_groups(3, [])
    assert (groups.count, groups.sizes.tolist()) == (0, [])
    assert groups.sum_by_group([1, 2, 3]).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=20))
def test_sums_are_those_of_members(accounts: list[tuple[int, bool]]) -> None:
    """Every group's sum is the sum over its members, and truths count as one."""
    members = [[i for i, (label, _held) in enumerate(accounts) if label == g] for g in range(4)]
    groups = bare_groups(len(accounts), members)
    held = [held for _label, held in accounts]
    expected = [sum(held[account] for account in inside) for inside in members]
    assert groups.sum_by_group(held).tolist() == expected
    assert groups.sizes.tolist() == [len(inside) for inside in members]
