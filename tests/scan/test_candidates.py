"""Candidates are disjoint, large enough, and numbered by their smallest account."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import same_partition

from cautery.scan.candidates import FEWEST_ACCOUNTS, Candidates, renumbered
from cautery.scan.groups import NO_GROUP, Basis

KINDS: tuple[Basis, ...] = ("both", "infrastructure", "behaviour", "both")
NOTHING = np.zeros(0, dtype=np.int64)


def numbered(labels: list[int]) -> Candidates:
    """Number groups of four kinds."""
    return renumbered(np.array(labels, dtype=np.int64), KINDS, NOTHING)


def test_small_groups_are_dropped() -> None:
    """Fewer accounts than the least are no group, and their kind goes with them."""
    labels = [0] * FEWEST_ACCOUNTS + [1] * (FEWEST_ACCOUNTS - 1) + [2] * FEWEST_ACCOUNTS
    found = numbered(labels)
    assert found.basis == (KINDS[0], KINDS[2])
    assert found.group_of.tolist() == (
        [0] * FEWEST_ACCOUNTS + [NO_GROUP] * (FEWEST_ACCOUNTS - 1) + [1] * FEWEST_ACCOUNTS
    )


def test_numbers_follow_the_smallest_account() -> None:
    """The group of the first account is the first, whatever number a pass gave it."""
    found = numbered([2, NO_GROUP, 0, 2, 0, 2, 0])
    assert found.group_of.tolist() == [0, NO_GROUP, 1, 0, 1, 0, 1]
    assert found.basis == (KINDS[2], KINDS[0])


def test_no_groups() -> None:
    """Without accounts or without groups there are no candidates."""
    for labels in ([], [NO_GROUP] * 5, [0, 1, 2, 3]):
        found = numbered(labels)
        assert found.basis == ()
        assert found.group_of.tolist() == [NO_GROUP] * len(labels)
    assert renumbered(np.full(2, NO_GROUP), (), NOTHING).basis == ()


@given(st.lists(st.integers(NO_GROUP, 3), max_size=30))
def test_renumbering_only_renames(labels: list[int]) -> None:
    """Large groups keep accounts and kind, and doing it a second time changes nothing."""
    found = numbered(labels)
    kept = [label if labels.count(label) >= FEWEST_ACCOUNTS else NO_GROUP for label in labels]
    assert same_partition(found.group_of, np.array(kept, dtype=np.int64))
    for new, old in zip(found.group_of.tolist(), kept, strict=True):
        assert (new == NO_GROUP) == (old == NO_GROUP)
        assert new == NO_GROUP or found.basis[new] == KINDS[old]
    again = renumbered(found.group_of, found.basis, found.speaking)
    assert again.group_of.tolist() == found.group_of.tolist()
    assert again.basis == found.basis


def test_speaking_shingles_are_kept() -> None:
    """What may bring further accounts in does not depend on the groups that are left."""
    speaking = np.array([-5, 7], dtype=np.int64)
    assert renumbered(np.array([0, 0]), ("both",), speaking).speaking.tolist() == [-5, 7]
