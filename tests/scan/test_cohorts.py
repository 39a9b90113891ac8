"""Matched cohorts: who is in them, how they fall back, and what they may prove."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cautery.scan.cohorts import FULL_MEMBERS, Cohorts, match

Integers = NDArray[np.int64]
STRANGERS = 200


def matched(kind: Integers, detail: Integers, members: Integers) -> Cohorts:
    """Match one group on a kind and then on a detail."""
    group_of = np.full(kind.size, -1, dtype=np.int64)
    group_of[members] = 0
    return match([kind, detail], group_of, 1, np.arange(kind.size))


def halves(count: int = STRANGERS) -> Integers:
    """Two kinds, in turn."""
    return np.arange(count) % 2


def test_like_accounts() -> None:
    """A group of one kind and detail is compared with the outside accounts of both."""
    kind, detail = halves(), np.arange(STRANGERS) // 2 % 2
    members = np.flatnonzero((kind == 1) & (detail == 1))[:10]
    found = matched(kind, detail, members)
    assert found.level.tolist() == [2]
    assert found.size.tolist() == [STRANGERS // 4 - 10]
    cohort = found.sample(0, STRANGERS)
    assert set(kind[cohort].tolist()) == set(detail[cohort].tolist()) == {1}
    assert not set(cohort.tolist()) & set(members.tolist())


def test_falls_back_step_by_step() -> None:
    """Where too few match in the last column it is given up, then the one before."""
    kind, members = halves(), np.arange(1, 41, 2)
    rare = np.where(np.isin(np.arange(STRANGERS), members), 1, 0)
    found = matched(kind, rare, members)
    assert (found.level.tolist(), found.size.tolist()) == ([1], [80])
    everybody = matched(rare, kind, members)
    assert (everybody.level.tolist(), everybody.size.tolist()) == ([0], [180])
    assert everybody.words(0) == "180 accounts of any kind"


def test_weighs_as_the_group() -> None:
    """The usual value is that of a crowd with the group's mixture, not of the crowd outside."""
    kind = (np.arange(400) >= 100).astype(np.int64)
    members = np.concatenate([np.arange(30), np.arange(100, 110)])
    found = matched(kind, np.zeros(400, dtype=np.int64), members)
    assert found.usual((kind == 0).astype(float)).tolist() == [0.75]
    cohort = found.sample(0, 40)
    assert (kind[cohort] == 0).sum() == 30
    # Without anybody of one kind that is known, the other tells.
    assert found.usual((kind == 0).astype(float), kind == 1).tolist() == [0.0]


def test_effective_size() -> None:
    """Few accounts that stand for many members count as few."""
    kind = (np.arange(400) >= 35).astype(np.int64)
    found = matched(kind, np.zeros(400, dtype=np.int64), np.arange(30))
    assert found.level.tolist() == [0]
    assert found.effective.tolist() == [370.0]


def test_nobody_outside() -> None:
    """Where all accounts are in the group there is no cohort, and it proves nothing."""
    found = matched(halves(20), halves(20), np.arange(20))
    assert found.size.tolist() == [0]
    assert found.usual(np.ones(20)).tolist() == [0.0]
    assert found.sample(0, 10).size == 0
    assert found.alike(0, 1.0, 20, -1.5) == 0.0


def test_order_of_groups() -> None:
    """Groups in another order have the same cohorts."""
    kind, place = halves(), np.arange(STRANGERS)[::-1]
    group_of = np.full(STRANGERS, -1, dtype=np.int64)
    group_of[0:20:2], group_of[1:21:2] = 0, 1
    forward = match([kind], group_of, 2, place)
    backward = match([kind], np.where(group_of >= 0, 1 - group_of, -1), 2, place)
    assert forward.sample(0, 12).tolist() == backward.sample(1, 12).tolist()
    assert forward.size.tolist() == backward.size.tolist()[::-1]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_what_is_left_of_a_campaign_proves_little(share: float) -> None:
    """The more of a log is in groups, the less being like the rest speaks against one."""
    found = matched(
        np.zeros(1_000, dtype=np.int64), halves(1_000), np.arange(int((1 - share) * 1_000))
    )
    assert found.alike(0, 1.0, FULL_MEMBERS, -1.0) == pytest.approx(-min(2 * share, 1.0))


def test_alike() -> None:
    """To differ weighs nothing, to be alike speaks against, and few members speak less."""
    found = matched(halves(), halves(), np.arange(0, 40, 2))
    assert found.alike(0, 0.005, FULL_MEMBERS, -1.5) == 0.0
    assert found.alike(0, 0.9, FULL_MEMBERS, -1.5) == -1.5
    assert -1.5 < found.alike(0, 0.2, FULL_MEMBERS, -1.5) < 0.0
    assert -0.5 < found.alike(0, 0.9, 5, -1.5) < 0.0


def test_names_do_not_choose() -> None:
    """Accounts with other numbers and the same deeds are chosen alike."""
    turned = np.random.default_rng(2).permutation(STRANGERS)
    kind, members = halves(), np.arange(0, 40, 2)
    group_of = np.full(STRANGERS, -1, dtype=np.int64)
    group_of[members] = 0
    deeds = np.arange(STRANGERS)
    plain = match([kind], group_of, 1, deeds)
    other = match([kind[turned]], group_of[turned], 1, deeds[turned])
    assert plain.sample(0, 15).tolist() == turned[other.sample(0, 15)].tolist()
    assert plain.thinned(members, 7).tolist() == members[np.arange(7) * 20 // 7].tolist()
