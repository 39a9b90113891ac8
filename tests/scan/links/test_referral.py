"""Accounts that came by one code, and a promotion that most strangers came by."""

from __future__ import annotations

from tests.scan.conftest import ReadLog
from tests.scan.grouping import (
    APP_ACCOUNTS,
    HUB_ACCOUNTS,
    crowd,
    joined,
    joining_tokens,
    pairs_of,
    sharers,
)
from tests.scan.small_logs import HOSTILE, Row, SmallLog, accounts_of, exchange

from cautery.scan.links.referral import MEMBER


def test_pairs(read_log: ReadLog) -> None:
    """Each account of the table goes with its code, as one exchange; null is none."""
    facts = read_log(
        accounts_of("referral", {"a": "SPRING", "b": "FALL", "c": "SPRING", "d": None})
    )
    assert pairs_of(facts, "referral") == [("b", "FALL", 1), ("a", "SPRING", 1), ("c", "SPRING", 1)]


def test_accounts_outside_the_log(read_log: ReadLog) -> None:
    """An account of the table without exchanges has no part in the scan."""
    log = accounts_of("referral", {"a": "HACK26", "b": "HACK26"})
    facts = read_log(SmallLog(exchanges=(exchange("a"),), accounts=log.accounts))
    assert pairs_of(facts, "referral") == [("a", "HACK26", 1)]


def test_missing_column(read_log: ReadLog) -> None:
    """Without an account table, or without the column in it, the link is not fed."""
    log = accounts_of("referral", {"a": None, "b": None})
    for without in (log, SmallLog(exchanges=log.exchanges)):
        assert read_log(without).missing(MEMBER.needs) == ("accounts.referral",)


def test_hostile_values(read_log: ReadLog) -> None:
    """Any text is an opaque thing: it links who shows it, whole, and nobody else."""
    shown = {f"{side}{place}": text for place, text in enumerate(HOSTILE) for side in "ab"}
    found = sharers(read_log(accounts_of("referral", shown)), "referral")
    assert found == {text: [f"a{place}", f"b{place}"] for place, text in enumerate(HOSTILE)}


def test_empty_values(read_log: ReadLog) -> None:
    """An empty cell is no code, so it links nobody."""
    facts = read_log(accounts_of("referral", {"a": "", "b": "", "c": "HACK26"}))
    assert pairs_of(facts, "referral") == [("c", "HACK26", 1)]


def test_hub_joins_nobody(read_log: ReadLog) -> None:
    """A code that most strangers came by, as a large promotion's, joins no accounts at all."""
    shared = {"referral": "HACK26"}
    facts = read_log(crowd(account_columns=lambda number: shared if number < HUB_ACCOUNTS else {}))
    assert joining_tokens(facts, "template", "referral") == 0
    assert joined(facts, "template", "referral") == []


def test_rare_code_speaks(read_log: ReadLog) -> None:
    """The null model sees it if the accounts of one prompt alone came by the code."""

    def code(number: int) -> Row:
        return {"referral": "HACK26" if number < APP_ACCOUNTS else f"friend-{number}"}

    facts = read_log(crowd(account_columns=code))
    assert joining_tokens(facts, "template", "referral") > 0
