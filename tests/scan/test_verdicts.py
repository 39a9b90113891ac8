"""Verdicts become records: three of them apart, strongest first, and permitted is never accused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from tests.scan.conftest import ReadLog
from tests.scan.fake_signals import FakeSignal
from tests.scan.grouping import groups_of, named
from tests.scan.small_logs import SmallLog, facts_of
from tests.scan.worlds import ordinary

from cautery.records.campaign import Campaign, band_of
from cautery.scan.evidence import judge
from cautery.scan.facts import Facts
from cautery.scan.membership import measure_membership
from cautery.scan.verdicts import (
    EXPECTED_FALSE_PER_1000,
    FEWEST_NEAR_MISS,
    MOST_NEAR_MISSES,
    MOST_UNTIED,
    WATCH,
    Findings,
    collect,
)

BEGINS = ("a", "b", "c")
LISTED, STRONGER, UNLISTED = 9.0, 15.0, 1.0


def crowd(*, permitted: str = "", cards: int = 1) -> SmallLog:
    """Make three groups of six accounts each, of which one may be permitted, and strangers."""
    log = ordinary(20, name="stranger")
    for block, name in enumerate(BEGINS, start=2):
        use = {"permitted_use": "research"} if name == permitted else {}
        log += ordinary(
            6,
            name=name,
            block=block,
            account_columns=lambda number, use=use, name=name: (
                use  # type: ignore[misc]
                | {"payment_fingerprint": f"card-{name}-{number % cards}"}
            ),
        )
    return log


def collected(
    facts: Facts, bits: Sequence[float], *, everything: bool = False, sizes: Sequence[int] = ()
) -> Findings:
    """Collect the findings of groups whose evidence weighs so much."""
    members = [
        named(facts, begin)[: size or 6]
        for begin, size in zip(BEGINS, sizes or (0,) * 3, strict=True)
    ]
    groups = groups_of(facts, *members)
    signals = [
        FakeSignal(name="shared_payment", bits=tuple(one / 2 for one in bits), label="one card"),
        FakeSignal(name="even_load", bits=tuple(one / 2 for one in bits), aspect="distillation"),
    ]
    verdicts = judge(facts, groups, signals)
    return collect(
        facts, groups, verdicts, measure_membership(facts, groups), all_near_misses=everything
    )


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """Read the three groups once."""
    found = facts_of(tmp_path_factory.mktemp("verdicts") / "log", crowd())
    yield found
    found.close()


@pytest.fixture(scope="module")
def findings(facts: Facts) -> Findings:
    """Findings of one campaign that is listed, a stronger one, and a group that is not."""
    return collected(facts, (LISTED, STRONGER, UNLISTED))


def begins(group: Campaign) -> set[str]:
    """Tell the groups whose accounts are in a campaign."""
    return {member.account_id[0] for member in group.members}


def test_strongest_first(findings: Findings) -> None:
    """Campaigns stand and are numbered by falling bits; their year is the log's."""
    assert [begins(one) for one in findings.campaigns] == [{"b"}, {"a"}]
    assert [one.campaign_id for one in findings.campaigns] == ["C-2026-0001", "C-2026-0002"]
    assert all(one.probability >= WATCH for one in findings.campaigns)
    assert findings.permitted == ()


def test_numbers_of_a_campaign(findings: Findings) -> None:
    """Accounts, exchanges and tokens are those of the members, and the score is the chance."""
    for one in findings.campaigns:
        assert one.accounts == len(one.members) == 6
        assert one.exchanges == sum(member.exchanges for member in one.members) == 48
        assert one.output_tokens == sum(member.output_tokens for member in one.members)
        assert one.score == round(100 * one.probability)
        assert one.expected_false_per_1000 == EXPECTED_FALSE_PER_1000[one.band] > 0
        assert one.first_seen == min(member.first_seen for member in one.members)
        assert one.last_seen == max(member.last_seen for member in one.members)
        assert sum(count for _day, count in one.daily_exchanges) == one.exchanges


def test_every_account_has_a_row(findings: Findings) -> None:
    """All accounts of the log are told, in the order of their ids, accused or not."""
    names = [row.account_id for row in findings.accounts]
    assert names == sorted(names)
    assert len(names) == 38
    listed = {
        member.account_id: (campaign, member)
        for campaign in findings.campaigns
        for member in campaign.members
    }
    for row in findings.accounts:
        if row.account_id in listed:
            campaign, member = listed[row.account_id]
            assert (row.campaign_id, row.operator_id) == (
                campaign.campaign_id,
                campaign.operator_id,
            )
            assert (row.probability, row.band) == (member.probability, member.band)
            assert row.top_reason == member.top_reason != ""
        else:
            assert (row.campaign_id, row.operator_id, row.band, row.top_reason) == ("", "", "", "")
            assert row.probability < WATCH


def test_members_by_falling_chance(findings: Findings) -> None:
    """Members stand by their own chance, which is no higher than the campaign's."""
    for campaign in findings.campaigns:
        keys = [(-member.probability, member.account_id) for member in campaign.members]
        assert keys == sorted(keys)
        assert all(member.probability <= campaign.probability for member in campaign.members)


def test_near_miss(findings: Findings) -> None:
    """A group that is not listed is told with its number of accounts and why."""
    (miss,) = findings.near_misses
    assert (miss.accounts, miss.exchanges) == (6, 48)
    assert miss.score < 100 * WATCH
    assert miss.reason


def test_a_permitted_group(read_log: ReadLog) -> None:
    """A permitted group is listed apart, in no band, without an operator, and nobody is accused."""
    facts = read_log(crowd(permitted="b"))
    found = collected(facts, (LISTED, STRONGER, UNLISTED))
    assert [begins(one) for one in found.campaigns] == [{"a"}]
    (permitted,) = found.permitted
    assert begins(permitted) == {"b"}
    assert (permitted.campaign_id, permitted.operator_id) == ("P-2026-0001", "")
    assert (permitted.band, permitted.permitted) == ("", True)
    assert permitted.probability >= WATCH
    assert {(row.probability, row.band, row.permitted_use) for row in permitted.members} == {
        (0.0, "", "research")
    }
    rows = [row for row in found.accounts if row.account_id[0] == "b"]
    assert {(row.campaign_id, row.probability, row.band) for row in rows} == {
        ("P-2026-0001", 0.0, "")
    }


def test_a_permitted_near_miss(read_log: ReadLog) -> None:
    """An account whose contract permits it has no chance of unpermitted use, listed or not."""
    found = collected(read_log(crowd(permitted="c")), (LISTED, STRONGER, 6.0))
    rows = [row for row in found.accounts if row.account_id[0] == "c"]
    assert {(row.permitted_use, row.probability) for row in rows} == {("research", 0.0)}


def test_young_members_without_a_tie_stay_at_watch(facts: Facts) -> None:
    """In a young group of few, who shares nothing with it is not `likely`, whatever they asked."""
    groups = groups_of(facts, named(facts, "b"))
    signals = [
        FakeSignal(name="shared_payment", bits=(STRONGER,), label="one card"),
        FakeSignal(name="even_load", bits=(STRONGER,), aspect="distillation"),
    ]
    verdicts = judge(facts, groups, signals)
    measured = measure_membership(facts, groups)
    untied = replace(measured, link_bits={})
    for membership, expected in ((measured, ["very likely"] * 6), (untied, ["watch"] * 6)):
        findings = collect(facts, groups, verdicts, membership)
        rows = [row for row in findings.accounts if row.account_id.startswith("b")]
        assert [band_of(row.probability) for row in rows] == expected
        (campaign,) = findings.campaigns
        ceilings = {member.most_probability for member in campaign.members}
        assert ceilings == {None if expected[0] == "very likely" else MOST_UNTIED}
    assert max(row.probability for row in rows) == MOST_UNTIED


def test_small_near_misses(facts: Facts) -> None:
    """Groups of very few accounts are told only on request."""
    sizes = (FEWEST_NEAR_MISS - 1, FEWEST_NEAR_MISS, FEWEST_NEAR_MISS)
    few = collected(facts, (UNLISTED,) * 3, sizes=sizes)
    every = collected(facts, (UNLISTED,) * 3, sizes=sizes, everything=True)
    assert len(few.near_misses) == 2 <= MOST_NEAR_MISSES
    assert len(every.near_misses) == 3
    assert few.campaigns == every.campaigns == ()
    assert few.operators == ()


def test_operators(findings: Findings) -> None:
    """Campaigns that share nothing have operators of their own, numbered in their order."""
    assert [(one.operator_id, one.campaign_ids) for one in findings.operators] == [
        ("O-0001", ("C-2026-0001",)),
        ("O-0002", ("C-2026-0002",)),
    ]


def test_what_a_finding_cannot_tell(findings: Findings, read_log: ReadLog) -> None:
    """Each finding says what it rests on, and a log without prompts says that too."""
    with_text = findings.campaigns[0].limits
    without = collected(
        read_log(crowd().without("input_text")), (LISTED, STRONGER, UNLISTED)
    ).campaigns[0]
    assert not any("prompts" in limit for limit in with_text)
    assert any("prompts" in limit for limit in without.limits)
    assert without.capabilities[0][0] == without.what == "not told by this log"


def test_no_groups(facts: Facts) -> None:
    """A log without groups has findings all the same: every account, and no one accused."""
    groups = groups_of(facts)
    found = collect(facts, groups, [], measure_membership(facts, groups))
    assert (found.campaigns, found.permitted, found.operators, found.near_misses) == ((),) * 4
    assert [row.probability for row in found.accounts] == [0.0] * 38
