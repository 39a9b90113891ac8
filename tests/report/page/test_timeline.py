"""The timeline counts every exchange once, and marks the releases that fall into it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.cases import crowded_case, empty_case
from tests.report.page.pages import page_case

from cautery.records.case import Release
from cautery.report.page.timeline import (
    MOST_DAYS,
    NAMED_SERIES,
    nice_ceiling,
    timeline_of,
)


def test_every_exchange_once() -> None:
    """The series add up to the campaigns, day by day to the totals."""
    case = page_case()
    timeline = timeline_of(case)
    assert timeline is not None
    assert [one.total for one in timeline.series] == [c.exchanges for c in case.campaigns]
    assert timeline.days == ("2026-10-03", "2026-10-04", "2026-10-05")
    assert sum(timeline.totals) == sum(campaign.exchanges for campaign in case.campaigns)
    assert timeline.left_out == 0


def test_small_campaigns_share_a_series() -> None:
    """Nobody tells forty colours apart: the largest have their own, the others one together."""
    case = crowded_case(47)
    timeline = timeline_of(case)
    assert timeline is not None
    assert [one.number for one in timeline.series] == [*range(1, NAMED_SERIES + 1), 0]
    assert timeline.series[-1].name == "41 smaller"
    counted = sum(number for one in case.campaigns for _, number in one.daily_exchanges)
    assert sum(one.total for one in timeline.series) == counted


def test_no_campaign_no_timeline() -> None:
    """Without days there is nothing to draw."""
    assert timeline_of(empty_case()) is None


def test_only_releases_of_its_days() -> None:
    """A release outside the days, or at no time at all, is not marked."""
    case = page_case()
    strange = Release(model="aurora-6", released_at="next week")
    timeline = timeline_of(replace(case, releases=(*case.releases, strange)))
    assert timeline is not None
    assert [mark.model for mark in timeline.marks] == ["aurora-5"]
    assert 56 + 936 / 3 < timeline.marks[0].x < 56 + 2 * 936 / 3


def test_a_day_that_is_none_is_left_out_and_counted() -> None:
    """A forged case with days a lifetime apart is drawn from its end; what is left out is said."""
    case = page_case()
    forged = replace(
        case.campaigns[0],
        daily_exchanges=(("0001-01-01", 5), ("not a day", 7), ("2026-10-05", 11)),
    )
    timeline = timeline_of(replace(case, campaigns=(forged,)))
    assert timeline is not None
    assert len(timeline.days) == MOST_DAYS
    assert (sum(timeline.totals), timeline.left_out) == (11, 12)


@given(st.integers(min_value=0, max_value=10**12))
def test_axis_ends_at_a_round_number(highest: int) -> None:
    """The axis holds the highest bar, and its four steps are whole."""
    top = nice_ceiling(highest)
    assert top >= highest
    assert top % 4 == 0
    assert highest < 4 or top <= 2 * highest + 4


@pytest.mark.parametrize("offset", ["2026-10-04T09:12:00+02:00", "2026-10-04T07:12:00"])
def test_times_with_and_without_zone(offset: str) -> None:
    """A release time with another offset, or with none, is read as the same moment in UTC."""
    timeline = timeline_of(replace(page_case(), releases=(Release(model="m", released_at=offset),)))
    assert timeline is not None
    assert timeline.marks[0].second == 1791097920
