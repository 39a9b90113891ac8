"""Accounts that signed up in one hour, and an hour in which most strangers did."""

from __future__ import annotations

from typing import Any

import pytest
from tests.scan.conftest import ReadLog
from tests.scan.grouping import (
    APP_ACCOUNTS,
    HUB_ACCOUNTS,
    crowd,
    joined,
    joining_tokens,
    pairs_of,
)
from tests.scan.small_logs import HOSTILE, SmallLog, accounts_of, moment

from cautery.errors import MalformedFileError
from cautery.scan.links.sign_up_cohort import COHORT_MICROSECONDS, MEMBER

COHORT_SECONDS = COHORT_MICROSECONDS // 1_000_000


def test_pairs(read_log: ReadLog) -> None:
    """Accounts of one clock hour share a token, however near the next hour is."""
    created = {
        "a": "2026-09-01T08:00:00Z",
        "b": "2026-09-01T10:59:59+02:00",
        "c": "2026-09-01T09:00:00Z",
        "d": None,
    }
    pairs = pairs_of(read_log(accounts_of("created_at", created)), "sign_up_cohort")
    first, second = "496736", "496737"
    assert pairs == [("a", first, 1), ("b", first, 1), ("c", second, 1)]


def test_times_before_1970_would_not_mix(read_log: ReadLog) -> None:
    """The oldest accounts that a table may hold keep hours of their own."""
    created = {
        "a": "1990-01-01T00:59:59Z",
        "b": "1990-01-01T01:00:00Z",
        "c": "2026-01-01T00:00:00Z",
    }
    pairs = pairs_of(read_log(accounts_of("created_at", created)), "sign_up_cohort")
    assert len({token for _account, token, _exchanges in pairs}) == 3


def test_missing_column(read_log: ReadLog) -> None:
    """Without an account table, or without times in it, the link is not fed."""
    log = accounts_of("created_at", {"a": None, "b": ""})
    for without in (log, SmallLog(exchanges=log.exchanges)):
        assert read_log(without).missing(MEMBER.needs) == ("accounts.created_at",)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values(read_log: ReadLog, text: str) -> None:
    """What is no time is refused with its line, and never becomes an hour."""
    with pytest.raises(MalformedFileError, match="created_at"):
        read_log(accounts_of("created_at", {"a": "2026-09-01T08:00:00Z", "b": text}))


def _in_one_hour(accounts: int) -> Any:
    """Have the first accounts sign up one after another in one hour, a year ago."""
    begin = -365 * 24 * COHORT_SECONDS
    step = COHORT_SECONDS // (accounts + 1)
    return lambda number: {"created_at": moment(begin + number * step)} if number < accounts else {}


def test_hub_joins_nobody(read_log: ReadLog) -> None:
    """An hour in which most strangers signed up, as a launch's, joins no accounts at all."""
    facts = read_log(crowd(account_columns=_in_one_hour(HUB_ACCOUNTS)))
    assert joining_tokens(facts, "template", "sign_up_cohort") == 0
    assert joined(facts, "template", "sign_up_cohort") == []


def test_rare_hour_speaks(read_log: ReadLog) -> None:
    """The null model sees it if the accounts of one prompt alone signed up in the hour."""
    facts = read_log(crowd(account_columns=_in_one_hour(APP_ACCOUNTS)))
    assert joining_tokens(facts, "template", "sign_up_cohort") > 0
