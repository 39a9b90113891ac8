"""Newcomers: customers are counted, once, and only those who were never seen before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from tests.scan.shingle_parts import ACCOUNTS, shingle_facts
from tests.scan.weighed import things_of

from cautery.scan.newcomers import (
    FreshGroup,
    Seen,
    _overlap,
    _unshared,
    by_customer,
    newcomers,
    sharing_with,
)


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


def seen_of(folder: Path, created_us: list[int] | None, *, forgetful: bool) -> Seen | None:
    """Test a group of the first two accounts; the last three are new, and join on both sides."""
    facts = shingle_facts(folder, [(number, [5]) for number in (0, 1, 6, 7, 8)])
    first_us = np.repeat([1, 100], [6, 3])
    columns = {} if created_us is None else {"created_at": pa.array(created_us, pa.int64())}
    known = replace(
        facts,
        totals=facts.totals | {"first_us": first_us},
        account_columns=columns,
        present=frozenset({"input_text", *(f"accounts.{name}" for name in columns)}),
    )
    known.__dict__["customers"] = np.arange(ACCOUNTS)
    cards = things_of(["a", "a", "b", "c", "d", "e", "a", "a", "a"])
    group = FreshGroup(accounts=np.array([0, 1]), templates=(5,))
    (seen,) = newcomers(known, {"payment": cards}, [group], 50, forgetful=forgetful)
    return seen


def test_who_signed_up_before_is_not_new(tmp_path: Path) -> None:
    """Where old exchanges were let go, only who signed up after the scan before counts as new."""
    old, mixed = [1] * ACCOUNTS, [1] * 7 + [60, 60]
    assert seen_of(tmp_path, old, forgetful=False) == seen_of(tmp_path, None, forgetful=False)
    for created, new in ((old, 0), (mixed, 2)):
        seen = seen_of(tmp_path, created, forgetful=True)
        assert seen is not None
        assert str(new) in seen.observed


def test_who_is_new_cannot_be_told(tmp_path: Path) -> None:
    """Where old exchanges were let go and no sign-up is known, nothing is concluded."""
    assert seen_of(tmp_path, None, forgetful=True) is None
