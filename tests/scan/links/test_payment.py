"""Accounts that pay with one instrument, and an instrument of most strangers."""

from __future__ import annotations

from tests.scan.conftest import ReadLog
from tests.scan.grouping import (
    APP_ACCOUNTS,
    HUB_ACCOUNTS,
    crowd,
    joined,
    joining_tokens,
    named,
    pairs_of,
    sharers,
)
from tests.scan.small_logs import HOSTILE, SmallLog, accounts_of, exchange

from cautery.scan.links.payment import MEMBER


def test_pairs(read_log: ReadLog) -> None:
    """Each account of the table goes with its instrument, as one exchange; null is none."""
    facts = read_log(
        accounts_of("payment_fingerprint", {"a": "card-2", "b": "card-1", "c": "card-2", "d": None})
    )
    assert pairs_of(facts, "payment") == [
        ("b", "card-1", 1),
        ("a", "card-2", 1),
        ("c", "card-2", 1),
    ]


def test_accounts_outside_the_log(read_log: ReadLog) -> None:
    """An account of the table without exchanges has no part in the scan."""
    log = accounts_of("payment_fingerprint", {"a": "card-9", "b": "card-9"})
    facts = read_log(SmallLog(exchanges=(exchange("a"),), accounts=log.accounts))
    assert pairs_of(facts, "payment") == [("a", "card-9", 1)]


def test_missing_column(read_log: ReadLog) -> None:
    """Without an account table, or without the column in it, the link is not fed."""
    log = accounts_of("payment_fingerprint", {"a": None, "b": None})
    for without in (log, SmallLog(exchanges=log.exchanges)):
        assert read_log(without).missing(MEMBER.needs) == ("accounts.payment_fingerprint",)


def test_hostile_values(read_log: ReadLog) -> None:
    """Any text is an opaque thing: it links who shows it, whole, and nobody else."""
    shown = {f"{side}{place}": text for place, text in enumerate(HOSTILE) for side in "ab"}
    found = sharers(read_log(accounts_of("payment_fingerprint", shown)), "payment")
    assert found == {text: [f"a{place}", f"b{place}"] for place, text in enumerate(HOSTILE)}


def test_empty_values(read_log: ReadLog) -> None:
    """An empty cell is no instrument, so it links nobody."""
    facts = read_log(accounts_of("payment_fingerprint", {"a": "", "b": "", "c": "card-9"}))
    assert pairs_of(facts, "payment") == [("c", "card-9", 1)]


def test_hub_joins_nobody(read_log: ReadLog) -> None:
    """An instrument of most strangers, as a reseller's card range, joins no accounts at all."""
    shared = {"payment_fingerprint": "card-9"}
    facts = read_log(crowd(account_columns=lambda number: shared if number < HUB_ACCOUNTS else {}))
    assert joining_tokens(facts, "template", "payment") == 0
    assert joined(facts, "template", "payment") == []


def test_rare_card_joins(read_log: ReadLog) -> None:
    """The same accounts are joined if they alone pay with the card."""
    shared = {"payment_fingerprint": "card-9"}
    facts = read_log(crowd(account_columns=lambda number: shared if number < APP_ACCOUNTS else {}))
    assert joining_tokens(facts, "template", "payment") > 0
    assert joined(facts, "template", "payment") == [named(facts, "ordinary")[:APP_ACCOUNTS]]
