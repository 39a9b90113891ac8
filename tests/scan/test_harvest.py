"""Pools: a group's own templates, its harvest apart from cover, and who belongs to it by them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ibis import _
from tests.scan.arrays import Use, bare_groups, hashes
from tests.scan.grouping import groups_of, named
from tests.scan.small_logs import SmallLog, facts_of
from tests.scan.worlds import ordinary, planted

from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Basis
from cautery.scan.harvest import (
    FEWEST_HOLDERS,
    LEAST_LIFT,
    count_where,
    harvest_counts,
    own_templates,
)

COUNT = 60
GROUP = range(10)
NOTHING = np.zeros(0, dtype=np.int64)


def use(accounts: Iterable[int], token: int) -> list[Use]:
    """Have accounts repeat a shingle."""
    return [(account, token, 5) for account in accounts]


def both(count: int) -> tuple[Basis, ...]:
    """Groups that both families formed."""
    return tuple("both" for _group in range(count))


def own(uses: list[Use], members: Sequence[Iterable[int]] = (GROUP,)) -> list[tuple[int, int]]:
    """Choose own templates: group and shingle."""
    group_of = bare_groups(COUNT, members).group_of
    groups, tokens = own_templates(hashes(uses), group_of, both(len(members)))
    return list(zip(groups.tolist(), tokens.tolist(), strict=True))


def test_own_templates() -> None:
    """What several members repeat and hardly anybody else does is the group's own."""
    everybodys = use([*GROUP, *range(20, COUNT)], 5)
    assert own([*use(GROUP, -3), *use(range(FEWEST_HOLDERS), 8), *everybodys]) == [(0, -3), (0, 8)]


@pytest.mark.parametrize("holders", [FEWEST_HOLDERS - 1, FEWEST_HOLDERS])
def test_holders_needed(holders: int) -> None:
    """A shingle of a couple of members is no template of the group."""
    assert bool(own(use(range(holders), 8))) is (holders >= FEWEST_HOLDERS)


def test_lift_needed() -> None:
    """A shingle that strangers repeat almost as often is not the group's own."""
    rate = 1 / LEAST_LIFT
    outside = COUNT - len(GROUP)
    few, many = int(0.5 * rate * outside), int(1.5 * rate * outside) + 1
    assert own([*use(GROUP, 8), *use(range(20, 20 + few), 8)]) == [(0, 8)]
    assert own([*use(GROUP, 8), *use(range(20, 20 + many), 8)]) == []


def test_groups_have_templates_of_their_own() -> None:
    """Each group gets its own shingles, sorted; what two groups share is rarer for neither."""
    members = [range(6), range(10, 16)]
    uses = [*use(members[0], 9), *use(members[0], -9), *use(members[1], 4)]
    assert own(uses, members) == [(0, -9), (0, 9), (1, 4)]


def test_no_templates() -> None:
    """Without text, without groups or without shared shingles there are none."""
    for templates, count in ((None, 2), (hashes(use(GROUP, 1)), 0), (hashes([]), 1)):
        groups, tokens = own_templates(templates, np.full(COUNT, NO_GROUP), both(count))
        assert groups.size == tokens.size == 0


PLANTED = 12
TURNS = 12
COVER = 6


def mixed() -> SmallLog:
    """A planted group with cover traffic, and strangers."""
    return ordinary(40) + planted(
        PLANTED,
        exchanges=TURNS,
        cover=COVER / TURNS,
        columns=lambda _n, turn: {} if turn < TURNS - 1 else {"message_count": None},
    )


@pytest.fixture(scope="module", name="facts")
def _facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    found = facts_of(tmp_path_factory.mktemp("harvest") / "log", mixed())
    yield found
    found.close()


@pytest.fixture(scope="module", name="silent")
def _silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    log = mixed().without("input_text")
    found = facts_of(tmp_path_factory.mktemp("silent") / "log", log)
    yield found
    found.close()


def test_cover_traffic_is_told_apart(facts: Facts) -> None:
    """The harvest is what carries the group's own templates, not the ordinary rest."""
    members = named(facts, "planted")
    counts = harvest_counts(groups_of(facts, members), facts.account_count)
    found = dict(zip(facts.account_ids, counts.tolist(), strict=True))
    assert {found.pop(name) for name in members} == {TURNS - COVER}
    assert set(found.values()) == {0}


def test_without_templates_all_is_harvest(facts: Facts, silent: Facts) -> None:
    """A group without own templates is judged on all of its exchanges, as is one without text."""
    for read, begin, expected in ((facts, "ordinary-00", 8), (silent, "planted", TURNS)):
        groups = groups_of(read, named(read, begin))
        assert groups.template_group.size == 0
        assert set(harvest_counts(groups, read.account_count)) == {0, expected}


def test_one_group_has_templates_and_one_has_none(facts: Facts) -> None:
    """Whether a group has own templates decides for that group only, whichever comes first."""
    harvesters, others = named(facts, "planted"), named(facts, "ordinary-00")
    for members in ((harvesters, others), (others, harvesters)):
        groups = groups_of(facts, *members)
        by_group = groups.sum_by_group(harvest_counts(groups, facts.account_count)).tolist()
        assert by_group[members.index(harvesters)] == PLANTED * (TURNS - COVER)
        assert by_group[members.index(others)] == 10 * 8


def test_no_candidates(facts: Facts) -> None:
    """Without any group the pool is empty and still a table of the same columns."""
    columns = groups_of(facts, named(facts, "ordinary")).exchanges.columns
    none = groups_of(facts)
    assert none.count == 0
    assert none.exchanges.columns == columns
    assert not harvest_counts(none, facts.account_count).any()


def test_counts_where(facts: Facts) -> None:
    """A condition is counted in the harvest only, and an unknown value is neither."""
    groups = groups_of(facts, named(facts, "planted"), named(facts, "ordinary-00"))
    known, held = count_where(groups.exchanges, _.single_turn, groups.count)
    assert known.tolist() == [PLANTED * (TURNS - COVER - 1), 10 * 8]
    assert held.tolist()[0] == known.tolist()[0]
    assert held.tolist()[1] < known.tolist()[1]


USES = st.lists(st.tuples(st.integers(0, 19), st.integers(-9, 9)), unique=True, max_size=80)


@given(USES, st.integers(1, 3), st.permutations(range(20)))
def test_numbers_of_accounts_do_not_matter(
    pairs: list[tuple[int, int]], count: int, order: list[int]
) -> None:
    """Accounts numbered otherwise give every group the same own templates."""
    group_of = np.array([account % (count + 1) - 1 for account in range(20)], dtype=np.int64)
    moved_group = np.empty_like(group_of)
    moved_group[order] = group_of
    plain = own_templates(hashes((a, t, 3) for a, t in pairs), group_of, both(count))
    moved = own_templates(hashes((order[a], t, 3) for a, t in pairs), moved_group, both(count))
    assert [part.tolist() for part in plain] == [part.tolist() for part in moved]
