"""Watching: products go on with a group, begin anew with another, and count no day twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.cases import example_case

from cautery.records.campaign import Campaign
from cautery.records.case import Case
from cautery.scan.newcomers import Seen
from cautery.scan.watching import NO_WATCH, TESTS, DailyWatch, Watch, mean_bits

EXAMPLE = example_case()
MEMBER = EXAMPLE.campaigns[0].members[0]
DAY = 86_400_000_000


def campaign(name: str, accounts: str) -> Campaign:
    """A campaign of accounts that are one letter each."""
    members = tuple(replace(MEMBER, account_id=letter) for letter in accounts)
    return replace(EXAMPLE.campaigns[0], campaign_id=name, members=members)


def day(
    before: Watch, number: int, groups: dict[str, str], e_values: dict[str, float] | None = None
) -> tuple[Case, Watch]:
    """A scan on some day that saw these e-values of ``newcomers``, by name."""
    watch = DailyWatch(before=before, horizon_us=number * DAY)
    for name, e_value in (e_values or {}).items():
        watch.found[name] = {"newcomers": Seen(e_value=e_value, observed="seen")}
    case = replace(EXAMPLE, campaigns=tuple(campaign(n, a) for n, a in groups.items()))
    return watch.settle(case)


def test_first_scan_has_no_evidence() -> None:
    """A group is fixed by what was seen, which is therefore no evidence of it."""
    case, watch = day(NO_WATCH, 1, {"C-1": "abcd"})
    assert case.campaigns[0].anytime is None
    assert watch.ever == 1
    assert watch.groups["C-1"].scans == 0


def test_products_over_days_and_mean_of_tests() -> None:
    """Eight times four is 5 bits of one test, and 4 bits of the mean of two; the bound follows."""
    _case, watch = day(NO_WATCH, 1, {"C-1": "abcd"})
    _case, watch = day(watch, 2, {"C-1": "abcde"}, {"C-1": 8.0})
    case, watch = day(watch, 3, {"C-1": "abcde"}, {"C-1": 4.0})
    found = case.campaigns[0].anytime
    assert found is not None
    assert {test.name: test.bits for test in found.tests} == {"newcomers": 5.0, "synchrony": 0.0}
    assert found.bits == pytest.approx(4.0, abs=0.1)
    assert found.false_alarm_bound == pytest.approx(1 / 16.5, rel=0.01)
    assert (found.scans, found.groups_watched) == (2, 1)


def test_the_highest_value_is_what_counts() -> None:
    """Later days may take evidence back; the bound of the highest day stays valid, and stays."""
    _case, watch = day(NO_WATCH, 1, {"C-1": "abcd"})
    _case, watch = day(watch, 2, {"C-1": "abcd"}, {"C-1": 64.0})
    case, _watch = day(watch, 3, {"C-1": "abcd"}, {"C-1": 1 / 64})
    found = case.campaigns[0].anytime
    assert found is not None
    assert found.bits == 0.0
    assert found.false_alarm_bound == pytest.approx(1 / 32.5, rel=0.01)


def test_the_same_log_again_changes_nothing() -> None:
    """A scan without later exchanges is no new look."""
    _case, watch = day(NO_WATCH, 1, {"C-1": "abcd"})
    _case, watch = day(watch, 2, {"C-1": "abcd"}, {"C-1": 8.0})
    case, again = day(watch, 2, {"C-1": "abcd"}, {"C-1": 8.0})
    assert again == watch
    assert case.campaigns[0].anytime is not None


def test_another_group_under_the_name_begins_anew() -> None:
    """More than half of the accounts are new: what was earned before is not theirs."""
    _case, watch = day(NO_WATCH, 1, {"C-1": "abcd"})
    case, watch = day(watch, 2, {"C-1": "abcdefghi"}, {"C-1": 512.0})
    assert case.campaigns[0].anytime is None
    assert watch.groups["C-1"].since_us == 2 * DAY
    assert watch.ever == 2


def test_joined_groups_add_nothing() -> None:
    """The name that stays keeps its own product; a piece that is cut off begins at nothing."""
    _case, watch = day(NO_WATCH, 1, {"C-1": "abcd", "C-2": "ef"})
    case, watch = day(watch, 2, {"C-1": "abcdef"}, {"C-1": 8.0, "C-2": 8.0})
    assert watch.groups["C-1"].bits["newcomers"] == 3.0
    case, watch = day(watch, 3, {"C-1": "abcd", "C-3": "ef"}, {"C-1": 1.0})
    assert case.campaigns[1].anytime is None
    assert watch.groups["C-3"].bits == dict.fromkeys(TESTS, 0.0)


def test_a_group_that_is_not_listed_goes_on() -> None:
    """A day under watch takes nothing away, or waiting for a good day would bias the product."""
    _case, watch = day(NO_WATCH, 1, {"C-1": "abcd"})
    _case, watch = day(watch, 2, {}, {"C-1": 0.5})
    case, _watch = day(watch, 3, {"C-1": "abcd"}, {"C-1": 8.0})
    assert case.campaigns[0].anytime is not None
    assert {test.bits for test in case.campaigns[0].anytime.tests} == {2.0, 0.0}


@given(st.lists(st.floats(-900.0, 900.0), min_size=1, max_size=4))
def test_mean_lies_between(bits: list[float]) -> None:
    """The mean of e-values is no more than the highest, and no less than its share of it."""
    found = mean_bits(bits)
    assert max(bits) - 2.0 - 1e-6 <= found <= max(bits) + 1e-6
