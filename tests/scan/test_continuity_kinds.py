"""Continuity across kinds and years: campaigns, permitted groups and operators never mix names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.campaigns import campaign, member
from tests.report.cases import account, example_case

from cautery.records.campaign import Operator
from cautery.records.case import Case
from cautery.scan.continuity import NO_NAMES, Names, continued

EXAMPLE = example_case()
MEMBER = member("a")


def case_of(groups: Mapping[str, Collection[str]], owners: Mapping[str, str] | None = None) -> Case:
    """A case with groups by name; an operator for each campaign that ``owners`` names."""
    owners = owners or {}
    made = [
        replace(
            campaign(),
            campaign_id=name,
            operator_id=owners.get(name, ""),
            permitted=name.startswith("P"),
            members=tuple(replace(MEMBER, account_id=one) for one in accounts),
        )
        for name, accounts in groups.items()
    ]
    rows = [
        replace(account(one.account_id), campaign_id=group.campaign_id)
        for group in made
        for one in group.members
    ]
    return replace(
        EXAMPLE,
        campaigns=tuple(group for group in made if not group.permitted),
        permitted_groups=tuple(group for group in made if group.permitted),
        operators=tuple(
            Operator(
                operator_id=owner,
                campaign_ids=tuple(name for name in owners if owners[name] == owner),
                reason="one card",
            )
            for owner in sorted(set(owners.values()))
        ),
        accounts=(*(replace(row, operator_id="") for row in rows), account("nobody")),
        notes=(),
    )


def groups_of(case: Case) -> dict[str, str]:
    """Accounts by name, as one text."""
    return {
        group.campaign_id: "".join(one.account_id for one in group.members)
        for group in (*case.campaigns, *case.permitted_groups)
    }


def after(*scans: Mapping[str, str]) -> tuple[Case, Names]:
    """Scan after scan; the last case and the names after it."""
    names = NO_NAMES
    for groups in scans:
        case, names = continued(case_of(groups), names)
    return case, names


def test_a_contract_that_ends_makes_a_campaign() -> None:
    """A group that was permitted and is not any more gets a campaign's name, and is told."""
    case, _names = after({"P-2026-0001": "abc"}, {"C-2026-0001": "abc"})
    assert groups_of(case) == {"C-2026-0001": "abc"}
    assert case.notes == ("note: P-2026-0001 is part of C-2026-0001 now.",)


def test_kinds_are_numbered_apart() -> None:
    """Ranks change within campaigns and within permitted groups, and numbers go on in each."""
    case, _names = after(
        {"C-2026-0001": "abc", "P-2026-0001": "klm", "P-2026-0002": "xyz"},
        {"C-2026-0001": "def", "C-2026-0002": "abc", "P-2026-0001": "xyz", "P-2026-0002": "uvw"},
    )
    assert groups_of(case) == {
        "C-2026-0002": "def",
        "C-2026-0001": "abc",
        "P-2026-0002": "xyz",
        "P-2026-0003": "uvw",
    }


def test_numbers_go_on_in_the_next_year() -> None:
    """A campaign keeps the year it was named in, and a new one does not begin at one again."""
    case, _names = after({"C-2026-0001": "abc"}, {"C-2027-0001": "def", "C-2027-0002": "abc"})
    assert groups_of(case) == {"C-2027-0002": "def", "C-2026-0001": "abc"}


def test_more_than_four_digits() -> None:
    """Numbers may grow beyond the digits that they are written with."""
    names = Names(campaigns={"C-2026-9999": frozenset("abc")}, listed=frozenset(), operators={})
    case, names = continued(case_of({"C-2026-0001": "xyz"}), names)
    assert groups_of(case) == {"C-2026-10000": "xyz"}
    assert groups_of(continued(case_of({"C-2026-0001": "uvw"}), names)[0]) == {
        "C-2026-10001": "uvw"
    }


def test_names_of_long_ago_are_kept() -> None:
    """A number that was given once is never given to others, and its owner gets it back."""
    gone: list[dict[str, str]]
    gone = [{"C-2026-0001": "abc", "C-2026-0002": "def"}, {"C-2026-0001": "abc"}, {}]
    case, _names = after(*gone, {"C-2026-0001": "xyz"})
    assert groups_of(case) == {"C-2026-0003": "xyz"}
    case, _names = after(*gone, {"C-2026-0001": "xyz", "C-2026-0002": "defg"})
    assert groups_of(case) == {"C-2026-0003": "xyz", "C-2026-0002": "defg"}
    assert case.notes == ()


@pytest.mark.parametrize(
    ("now", "name"),
    [("abxy", "C-2026-0001"), ("abxyz", "C-2026-0001"), ("axyz", "C-2026-0002")],
)
def test_half_of_the_smaller_is_enough(now: str, name: str) -> None:
    """Two of four accounts make one campaign of two, one of four does not."""
    case, _names = after({"C-2026-0001": "abcd"}, {"C-2026-0001": now})
    assert groups_of(case) == {name: now}


def test_the_larger_overlap_takes_the_name() -> None:
    """Where two pieces could take a name the one with more of its accounts has it."""
    case, _names = after(
        {"C-2026-0001": "abcdefgh"}, {"C-2026-0001": "abc", "C-2026-0002": "defgh"}
    )
    assert groups_of(case) == {"C-2026-0002": "abc", "C-2026-0001": "defgh"}


def test_campaigns_of_nobody() -> None:
    """A campaign without an operator stays without one, and accounts in no group as they are."""
    case, names = after({"C-2026-0001": "abc"}, {"C-2026-0001": "abc"})
    assert [group.operator_id for group in case.campaigns] == [""]
    assert names.operators == {}
    rows = {row.account_id: (row.campaign_id, row.operator_id) for row in case.accounts}
    assert rows == {**dict.fromkeys("abc", ("C-2026-0001", "")), "nobody": ("", "")}


def test_an_operator_is_known_by_all_its_campaigns() -> None:
    """An operator keeps its name while its campaigns change ranks, and lists them as renamed."""
    owners = {"C-2026-0001": "O-0001", "C-2026-0002": "O-0002", "C-2026-0003": "O-0002"}
    groups = {"C-2026-0001": "abc", "C-2026-0002": "def", "C-2026-0003": "ghi"}
    _case, names = continued(case_of(groups, owners), NO_NAMES)
    owners = {"C-2026-0001": "O-0001", "C-2026-0002": "O-0001", "C-2026-0003": "O-0002"}
    groups = {"C-2026-0001": "ghi", "C-2026-0002": "def", "C-2026-0003": "xyz"}
    case, _names = continued(case_of(groups, owners), names)
    assert {group.campaign_id: group.operator_id for group in case.campaigns} == {
        "C-2026-0003": "O-0002",
        "C-2026-0002": "O-0002",
        "C-2026-0004": "O-0003",
    }
    assert [(one.operator_id, one.campaign_ids) for one in case.operators] == [
        ("O-0002", ("C-2026-0003", "C-2026-0002")),
        ("O-0003", ("C-2026-0004",)),
    ]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a case: every account in one group or in none, some groups permitted."""
    places = draw(st.lists(st.integers(0, 5), max_size=20))
    kinds = draw(st.lists(st.sampled_from("CCP"), min_size=6, max_size=6))
    groups: dict[int, str] = {}
    for letter, place in zip("abcdefghijklmnopqrst", places, strict=False):
        if place:
            groups[place] = groups.get(place, "") + letter
    ranks = dict.fromkeys("CP", 0)
    named = {}
    for place, accounts in groups.items():
        ranks[kinds[place]] += 1
        named[f"{kinds[place]}-2026-{ranks[kinds[place]]:04d}"] = accounts
    accused = [name for name in named if name[0] == "C"]
    labels = draw(st.lists(st.integers(1, 3), min_size=len(accused), max_size=len(accused)))
    return case_of(named, {name: f"O-{n:04d}" for name, n in zip(accused, labels, strict=True)})


@given(scans=st.lists(cases(), min_size=1, max_size=4))
def test_names_hold_whatever_happens(scans: list[Case]) -> None:
    """Names are unique and of their kind, and the same scan once more changes nothing."""
    names = NO_NAMES
    for scan in scans:
        case, names = continued(scan, names)
        found = [group.campaign_id for group in (*case.campaigns, *case.permitted_groups)]
        assert len(set(found)) == len(found)
        assert {group.campaign_id[0] for group in case.campaigns} <= {"C"}
        assert {group.campaign_id[0] for group in case.permitted_groups} <= {"P"}
        assert list(groups_of(case).values()) == list(groups_of(scan).values())
        owners = {group.operator_id for group in case.campaigns}
        assert len(owners) == len({group.operator_id for group in scan.campaigns})
        assert owners == {one.operator_id for one in case.operators}
    again, same = continued(scan, names)
    assert again == replace(case, notes=())
    assert same == names
    renamed, same = continued(again, names)
    assert renamed == again
    assert same == names
