"""Accounts that call from one network, and a network that most strangers share."""

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

from cautery.scan.links.network import MEMBER


def test_pairs(read_log: ReadLog) -> None:
    """Each account goes with the /24 or /48 of its addresses, its calls from there added up."""
    shown = {"a": ["203.0.113.7", "203.0.113.9", "2001:db8:1:2::5"], "b": ["2001:db8:1:3::6"]}
    assert pairs_of(read_log(exchanges_of("client_address", shown)), "network") == [
        ("a", "2001:db8:1::/48", 1),
        ("b", "2001:db8:1::/48", 1),
        ("a", "203.0.113.0/24", 2),
    ]


def test_missing_column(read_log: ReadLog) -> None:
    """A log without addresses has no networks, so the link is not fed."""
    for values in ([None], [""], ["unix:"]):
        facts = read_log(exchanges_of("client_address", {"a": values, "b": values}))
        assert facts.missing(MEMBER.needs) == ("client_network",)


def test_hostile_values(read_log: ReadLog) -> None:
    """What is no address lies in no network."""
    values: list[Any] = [*HOSTILE, "", None, "999.1.1.1", "203.0.113.7"]
    facts = read_log(exchanges_of("client_address", {"a": values, "b": values}))
    assert pairs_of(facts, "network") == [("a", "203.0.113.0/24", 1), ("b", "203.0.113.0/24", 1)]


def _in_one_network(accounts: int) -> Any:
    """Give the first accounts addresses of their own in one network."""
    return lambda number, _turn: (
        {"client_address": f"203.0.113.{number + 1}"} if number < accounts else {}
    )


def test_hub_joins_nobody(read_log: ReadLog) -> None:
    """A network that most strangers call from, as a VPN's exit, joins no accounts at all."""
    facts = read_log(crowd(columns=_in_one_network(HUB_ACCOUNTS)))
    assert joining_tokens(facts, "template", "network") == 0
    assert joined(facts, "template", "network") == []


def test_rare_network_joins(read_log: ReadLog) -> None:
    """The same accounts are joined if they alone sit in the network."""
    facts = read_log(crowd(columns=_in_one_network(APP_ACCOUNTS)))
    assert joining_tokens(facts, "template", "network") > 0
    assert joined(facts, "template", "network") == [named(facts, "ordinary")[:APP_ACCOUNTS]]
