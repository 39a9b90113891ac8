"""Accounts of one mail domain, and a mail provider that most strangers use."""

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
from tests.scan.small_logs import HOSTILE, SmallLog, accounts_of, exchange

from cautery.scan.links.email_domain import MEMBER


def test_pairs(read_log: ReadLog) -> None:
    """Each account of the table goes with its domain, as one exchange; null is none."""
    facts = read_log(
        accounts_of(
            "email_domain", {"a": "b.example", "b": "a.example", "c": "b.example", "d": None}
        )
    )
    assert pairs_of(facts, "email_domain") == [
        ("b", "a.example", 1),
        ("a", "b.example", 1),
        ("c", "b.example", 1),
    ]


def test_accounts_outside_the_log(read_log: ReadLog) -> None:
    """An account of the table without exchanges has no part in the scan."""
    log = accounts_of("email_domain", {"a": "mail.example", "b": "mail.example"})
    facts = read_log(SmallLog(exchanges=(exchange("a"),), accounts=log.accounts))
    assert pairs_of(facts, "email_domain") == [("a", "mail.example", 1)]


def test_missing_column(read_log: ReadLog) -> None:
    """Without an account table, or without the column in it, the link is not fed."""
    log = accounts_of("email_domain", {"a": None, "b": None})
    for without in (log, SmallLog(exchanges=log.exchanges)):
        assert read_log(without).missing(MEMBER.needs) == ("accounts.email_domain",)


def test_hostile_values(read_log: ReadLog) -> None:
    """Any text is an opaque thing: it links who shows it, whole, and nobody else."""
    shown = {f"{side}{place}": text for place, text in enumerate(HOSTILE) for side in "ab"}
    found = sharers(read_log(accounts_of("email_domain", shown)), "email_domain")
    assert found == {text: [f"a{place}", f"b{place}"] for place, text in enumerate(HOSTILE)}


def test_empty_values(read_log: ReadLog) -> None:
    """An empty cell is no domain, so it links nobody."""
    facts = read_log(accounts_of("email_domain", {"a": "", "b": "", "c": "mail.example"}))
    assert pairs_of(facts, "email_domain") == [("c", "mail.example", 1)]


def test_company_is_one_customer(read_log: ReadLog) -> None:
    """Accounts of one private domain and one card are one customer, who shares with nobody."""
    log = accounts_of("email_domain", {"a": "corp.example", "b": "corp.example", "c": "x.example"})
    rows = tuple(row | {"payment_fingerprint": "card"} for row in log.accounts)
    facts = read_log(SmallLog(exchanges=log.exchanges, accounts=rows))
    assert facts.customers.tolist() == [0, 0, 1]


def test_hub_joins_nobody(read_log: ReadLog) -> None:
    """A domain of most strangers, as a public mail provider's, joins no accounts at all."""
    shared = {"email_domain": "mail.example"}
    facts = read_log(crowd(account_columns=lambda number: shared if number < HUB_ACCOUNTS else {}))
    assert joining_tokens(facts, "template", "email_domain") == 0
    assert joined(facts, "template", "email_domain") == []


def test_rare_domain_speaks(read_log: ReadLog) -> None:
    """The null model sees it if the accounts of one prompt alone have the domain."""
    shared = {"email_domain": "mail.example"}
    facts = read_log(crowd(account_columns=lambda number: shared if number < APP_ACCOUNTS else {}))
    assert joining_tokens(facts, "template", "email_domain") > 0
