"""Newcomers: customers are counted, once, and only those who were never seen before."""

from __future__ import annotations

import numpy as np
from tests.scan.weighed import things_of

from cautery.scan.newcomers import _overlap, _unshared, by_customer, sharing_with


def test_sharing_is_between_customers() -> None:
    """A card in common with a member counts, one with an own firm's account not."""
    pairs = things_of(["a", "a", "b", "b", "c"])
    customers = np.array([0, 1, 2, 2, 3])
    found = sharing_with(pairs, np.array([0, 2]), customers)
    assert found.tolist() == [False, True, False, False, False]


def test_a_member_shares_with_other_members() -> None:
    """Two members on one card share it, as far as they are two customers."""
    pairs = things_of(["a", "a", "b"])
    assert sharing_with(pairs, np.array([0, 1]), np.array([0, 1, 2])).tolist() == [
        True,
        True,
        False,
    ]


def test_customers_count_once_and_new() -> None:
    """Of four customers one was seen before and one is a member's: two are left."""
    customers = np.array([0, 0, 1, 2, 3])
    fresh = np.array([True, True, True, False, True])
    carries = np.array([True, True, True, True, False])
    shares = np.array([False, True, False, True, False])
    uses, ties = by_customer(customers, fresh, np.array([2]), carries, shares)
    assert uses.tolist() == [True, False]
    assert ties.tolist() == [True, False]


def test_templates_of_two_groups_tell_of_neither() -> None:
    """A shingle that two groups have is left out."""
    tokens, owner = _unshared([(1, 5), (5, 9)])
    assert tokens.tolist() == [1, 9]
    assert owner.tolist() == [0, 1]


def test_overlap_of_both_is_evidence() -> None:
    """Four of a hundred newcomers on both sides tell a tie; none on one side tells nothing."""
    both = np.arange(100) < 4
    assert _overlap(both, both).e_value > 1_000.0
    assert _overlap(both, np.zeros(100, dtype=np.bool_)).e_value == 1.0
    assert _overlap(np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.bool_)).e_value == 1.0


def test_fair_under_the_null() -> None:
    """Random sets of newcomers have a mean of 1."""
    random = np.random.default_rng(2)
    found = [
        _overlap(random.random(60) < 0.1, random.random(60) < 0.15).e_value for _ in range(3_000)
    ]
    assert np.mean(found) <= 1.0 + 3.0 * np.std(found) / np.sqrt(len(found))
