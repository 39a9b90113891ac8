"""Accounts that call from one address, and an address that most strangers share."""

from __future__ import annotations

from typing import Any

from tests.scan.conftest import ReadLog
from tests.scan.grouping import (
    APP_ACCOUNTS,
    HUB_ACCOUNTS,
    crowd,
    joined,
    joining_tokens,
    named,
    pairs_of,
)
from tests.scan.small_logs import HOSTILE, exchanges_of

from cautery.scan.links.address import MEMBER


def test_pairs(read_log: ReadLog) -> None:
    """Each account goes with each address it called from, and with the number of its calls."""
    shown = {"a": ["203.0.113.7", "203.0.113.7", "2001:db8::7"], "b": ["203.0.113.7"]}
    assert pairs_of(read_log(exchanges_of("client_address", shown)), "address") == [
        ("a", "2001:db8::7", 1),
        ("a", "203.0.113.7", 2),
        ("b", "203.0.113.7", 1),
    ]


def test_spellings_of_one_address(read_log: ReadLog) -> None:
    """Ports, brackets and IPv4 inside IPv6 do not make another address."""
    shown = {"a": ["203.0.113.7:443", "::ffff:203.0.113.7"], "b": ["[2001:DB8::7]:443"]}
    assert pairs_of(read_log(exchanges_of("client_address", shown)), "address") == [
        ("b", "2001:db8::7", 1),
        ("a", "203.0.113.7", 2),
    ]


def test_missing_column(read_log: ReadLog) -> None:
    """A log without addresses does not feed the link, and neither does one with empty ones."""
    for values in ([None], [""], ["unknown"]):
        facts = read_log(exchanges_of("client_address", {"a": values, "b": values}))
        assert facts.missing(MEMBER.needs) == ("client_address",)


def test_load_balancer(read_log: ReadLog) -> None:
    """One address on all exchanges of many accounts is the provider's own: nothing to link by."""
    facts = read_log(exchanges_of("client_address", {f"a{i}": ["203.0.113.7"] for i in range(9)}))
    assert facts.missing(MEMBER.needs) == ("client_address",)


def test_hostile_values(read_log: ReadLog) -> None:
    """What is no address links nobody, whatever a client writes into a forwarded header."""
    values: list[Any] = [*HOSTILE, "", None, "203.0.113.7"]
    facts = read_log(exchanges_of("client_address", {"a": values, "b": values}))
    assert pairs_of(facts, "address") == [("a", "203.0.113.7", 1), ("b", "203.0.113.7", 1)]


def test_hub_joins_nobody(read_log: ReadLog) -> None:
    """An address that most strangers call from, as a carrier's, joins no accounts at all."""
    shared = {"client_address": "203.0.113.7"}
    facts = read_log(crowd(columns=lambda number, _turn: shared if number < HUB_ACCOUNTS else {}))
    assert joining_tokens(facts, "template", "address") == 0
    assert joined(facts, "template", "address") == []


def test_rare_address_joins(read_log: ReadLog) -> None:
    """The same accounts are joined if they alone call from the address."""
    shared = {"client_address": "203.0.113.7"}
    facts = read_log(crowd(columns=lambda number, _turn: shared if number < APP_ACCOUNTS else {}))
    assert joining_tokens(facts, "template", "address") > 0
    assert joined(facts, "template", "address") == [named(facts, "ordinary")[:APP_ACCOUNTS]]
