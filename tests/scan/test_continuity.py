"""Continuity: campaigns keep their names, and merges, splits and ends are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.report.cases import example_case

from cautery.records.campaign import Campaign, CampaignShare, Operator
from cautery.records.case import Case
from cautery.scan.continuity import NO_NAMES, Names, continued

EXAMPLE = example_case()
MEMBER = EXAMPLE.campaigns[0].members[0]
ROW = EXAMPLE.accounts[0]


def group(name: str, accounts: Sequence[str], operator: str) -> Campaign:
    """A campaign of some accounts."""
    members = tuple(replace(MEMBER, account_id=account) for account in accounts)
    return replace(EXAMPLE.campaigns[0], campaign_id=name, operator_id=operator, members=members)


def case_of(
    *campaigns: Sequence[str], permitted: Sequence[str] = (), one_operator: bool = False
) -> Case:
    """A case with campaigns in order of rank, named as a scan names them."""
    owners = ["O-0001" if one_operator else f"O-{n + 1:04d}" for n in range(len(campaigns))]
    groups = tuple(
        group(f"C-2026-{n + 1:04d}", accounts, owners[n]) for n, accounts in enumerate(campaigns)
    )
    allowed = (group("P-2026-0001", permitted, ""),) if permitted else ()
    rows = tuple(
        replace(
            ROW,
            account_id=member.account_id,
            campaign_id=found.campaign_id,
            operator_id=found.operator_id,
        )
        for found in (*groups, *allowed)
        for member in found.members
    )
    operators = tuple(
        Operator(
            operator_id=owner,
            campaign_ids=tuple(g.campaign_id for g in groups if g.operator_id == owner),
            reason="",
        )
        for owner in sorted(set(owners))
    )
    return replace(
        EXAMPLE,
        campaigns=groups,
        permitted_groups=allowed,
        operators=operators,
        accounts=rows,
        notes=(),
    )


def names_of(case: Case) -> dict[str, set[str]]:
    """Accounts by name of campaign or permitted group."""
    return {
        found.campaign_id: {member.account_id for member in found.members}
        for found in (*case.campaigns, *case.permitted_groups)
    }


def days(*cases: Case) -> tuple[Case, Names]:
    """Scan after scan; the last case and the names after it."""
    names = NO_NAMES
    for case in cases:
        found, names = continued(case, names)
    return found, names


def test_the_first_scan_keeps_its_own_names() -> None:
    """Without earlier names, nothing changes."""
    case = case_of("abc", "def", permitted="xyz")
    assert continued(case, NO_NAMES)[0] == case


def test_names_stay_when_ranks_change() -> None:
    """A campaign that overtakes another keeps its name; a new one takes the next number."""
    found, _names = days(case_of("abc", "def"), case_of("defg", "abc", "klm"))
    assert names_of(found) == {
        "C-2026-0002": set("defg"),
        "C-2026-0001": set("abc"),
        "C-2026-0003": set("klm"),
    }
    assert found.notes == ()
    assert {row.account_id: row.campaign_id for row in found.accounts}["g"] == "C-2026-0002"


def test_shares_name_the_campaigns_as_they_are_called() -> None:
    """What an account has to do with other campaigns is told by the names that stay."""
    case = case_of("defg", "abc")
    share = CampaignShare(campaign_id="C-2026-0001", exchanges=3, share=0.5)
    rest = replace(share, campaign_id="")
    first, second = case.campaigns
    members = (replace(second.members[0], shares=(share, rest)), *second.members[1:])
    told = replace(case, campaigns=(first, replace(second, members=members)))
    found, _names = days(case_of("abc", "def"), told)
    shares = next(m.shares for c in found.campaigns for m in c.members if m.account_id == "a")
    assert [one.campaign_id for one in shares] == ["C-2026-0002", ""]


def test_operators_keep_their_names_too() -> None:
    """An operator is known by its accounts; its list of campaigns follows the names."""
    found, _names = days(case_of("abc", "def"), case_of("defg", "abc"))
    assert {found.campaigns[0].operator_id, found.campaigns[1].operator_id} == {"O-0001", "O-0002"}
    assert [(o.operator_id, o.campaign_ids) for o in found.operators] == [
        ("O-0001", ("C-2026-0001",)),
        ("O-0002", ("C-2026-0002",)),
    ]


def test_a_number_is_never_given_twice() -> None:
    """A campaign that was gone for a day comes back under its name; nobody else got it."""
    gone = case_of("abc")
    found, _names = days(case_of("abc", "def"), gone, case_of("abc", "klm"), case_of("abc", "def"))
    assert names_of(found)["C-2026-0002"] == set("def")
    again, _names = days(case_of("abc", "def"), gone, case_of("abc", "klm"))
    assert names_of(again)["C-2026-0003"] == set("klm")


def test_a_merge_is_told() -> None:
    """The larger one's name stays, and the note says where the smaller one went."""
    found, _names = days(case_of("abcd", "ef"), case_of("abcdef"))
    assert names_of(found) == {"C-2026-0001": set("abcdef")}
    assert found.notes == ("note: C-2026-0002 is part of C-2026-0001 now.",)


def test_a_split_is_told() -> None:
    """The larger piece keeps the name, and the note says where the other one came from."""
    found, _names = days(case_of("abcdef"), case_of("ef", "abcd"))
    assert names_of(found) == {"C-2026-0001": set("abcd"), "C-2026-0002": set("ef")}
    assert found.notes == ("note: C-2026-0002 was part of C-2026-0001 in the scan before.",)


def test_an_end_is_told_once() -> None:
    """A campaign that falls under watch is named in that scan, and in no later one."""
    found, names = days(case_of("abc", "def"), case_of("abc"))
    assert found.notes[0].startswith("note: C-2026-0002 is no longer listed")
    assert continued(case_of("abc"), names)[0].notes == ()


def test_a_permitted_group_takes_no_campaigns_name() -> None:
    """Accounts that a contract was found for get a name of the other kind."""
    found, _names = days(case_of("abc"), case_of(permitted="abc"))
    assert names_of(found) == {"P-2026-0001": set("abc")}
    assert found.notes == ("note: C-2026-0001 is part of P-2026-0001 now.",)


ACCOUNTS = st.lists(st.integers(0, 30).map("a{}".format), unique=True, max_size=24)


def parted(accounts: Sequence[str], cuts: Sequence[int]) -> list[list[str]]:
    """Cut accounts into groups of at least one."""
    bounds = sorted({0, len(accounts), *(cut % (len(accounts) + 1) for cut in cuts)})
    return [list(accounts[a:b]) for a, b in pairwise(bounds)]


CASES = st.builds(parted, ACCOUNTS, st.lists(st.integers(0, 99), max_size=4)).map(
    lambda groups: case_of(*groups)
)


@given(st.lists(CASES, min_size=1, max_size=4))
def test_groups_stay_what_they_are(cases: list[Case]) -> None:
    """Whatever came before, names differ, and the accounts of each group are those of the scan."""
    found, names = days(*cases)
    wanted: Mapping[str, set[str]] = names_of(cases[-1])
    assert len(names_of(found)) == len(wanted)
    assert sorted(map(sorted, names_of(found).values())) == sorted(map(sorted, wanted.values()))
    by_account = {row.account_id: row.campaign_id for row in found.accounts}
    for name, accounts in names_of(found).items():
        assert {by_account[account] for account in accounts} == {name}
    assert names.listed == set(names_of(found))
    again, _same = continued(cases[-1], names)
    assert names_of(again) == names_of(found)
    assert again.notes == ()
