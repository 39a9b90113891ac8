"""Nobody is accused because of a tie: unsettled members are weighed down, row by row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from tests.scan.arrays import bare_facts, bare_groups, hashes
from tests.scan.grouping import things
from tests.scan.scanning import total_of

from cautery.records.campaign import band_of
from cautery.scan.evidence import chance
from cautery.scan.groups import Groups
from cautery.scan.membership import Membership, measure_membership
from cautery.scan.settling import AT_HOME, LEAST_MEMBERSHIP, weakened
from cautery.scan.stability import NOT_TO_BE_TRUSTED, STABLE, Stability

COUNT = 400
MEMBERS = 16


def pool() -> tuple[Groups, Membership]:
    """A pool of sixteen accounts on four cards, all of whose exchanges are harvest."""
    cards = {f"card-{place}": range(4 * place, 4 * place + 4) for place in range(4)}
    tokens = range(1_000, 1_012)
    uses = [(account, token, 4) for account in range(MEMBERS) for token in tokens]
    groups = bare_groups(
        COUNT,
        [range(MEMBERS)],
        {"template": hashes(uses), "payment": things(cards)},
        own=[tokens],
        harvest=dict.fromkeys(range(MEMBERS), 8),
    )
    return groups, measure_membership(bare_facts(COUNT), groups)


def standing(shares: dict[int, float], group: float = 1.0) -> Stability:
    """Say which share of the runs has an account in the pool; all of them if nothing is said."""
    inside = np.arange(COUNT) < MEMBERS
    of_account: NDArray[np.float64] = np.where(inside, 1.0, np.nan)
    for account, share in shares.items():
        of_account[account] = share
    return Stability(
        origin=np.where(inside, 0, -1),
        of_account=of_account,
        of_group=np.where(inside, group, np.nan),
    )


def test_settled_members_stay_as_they_are() -> None:
    """Who is in the group in half of the runs or more keeps the chance, without a further row."""
    groups, plain = pool()
    found = weakened(plain, groups, standing({0: AT_HOME, 1: STABLE}))
    assert found.linked_probability.tolist() == plain.linked_probability.tolist()
    assert not any(row.signal == "stability" for row in found.weights(0))


def test_a_member_that_is_elsewhere_in_most_runs() -> None:
    """However well its own links fit, it is no member; the row says by how much."""
    groups, plain = pool()
    found = weakened(plain, groups, standing({3: 0.3}))
    assert plain.linked_probability[3] > 0.9
    assert found.linked_probability[3] <= 0.3 < LEAST_MEMBERSHIP
    assert total_of(found.weights(3)) < 0 < total_of(plain.weights(3))
    assert found.linked_probability[4] == plain.linked_probability[4]


def test_a_group_that_does_not_come_back() -> None:
    """In a group that should not be trusted nobody is at likely; a stable one accuses."""
    groups, plain = pool()
    shaky = weakened(plain, groups, standing({}, NOT_TO_BE_TRUSTED - 0.01))
    firm = weakened(plain, groups, standing({}, NOT_TO_BE_TRUSTED))
    assert {band_of(value) for value in shaky.linked_probability[:MEMBERS]} == {"watch"}
    assert band_of(float(firm.linked_probability[0])) in ("likely", "very likely")


def test_rows_add_up() -> None:
    """Prior and rows of a weakened member add up to its chance as printed."""
    groups, plain = pool()
    for share in (0.0, 0.1, 0.45):
        for group in (0.2, 1.0):
            found = weakened(plain, groups, standing({5: share}, group))
            assert found.linked_probability[5] == chance(total_of(found.weights(5)))


def test_nothing_measured() -> None:
    """Where no run placed anybody, nothing changes, and strangers have no chance."""
    groups, plain = pool()
    unknown = replace(standing({}), origin=np.full(COUNT, -1), of_account=np.full(COUNT, np.nan))
    found = weakened(plain, groups, unknown)
    assert found.linked_probability.tolist() == plain.linked_probability.tolist()
    assert found.linked_probability[MEMBERS:].tolist() == [0.0] * (COUNT - MEMBERS)
