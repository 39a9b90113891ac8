"""Accounts of one client and its parameters, and a library's defaults that strangers share."""

from __future__ import annotations

import pytest
from tests.scan.conftest import ReadLog
from tests.scan.grouping import (
    STRANGERS,
    cards_of_two,
    crowd,
    joined,
    joining_tokens,
    named,
    pairs_of,
    sharers,
)
from tests.scan.small_logs import HOSTILE, Row, SmallLog, exchange, exchanges_of
from tests.scan.worlds import PIPELINE, planted

from cautery.scan.links.parameters import MEMBER

CLIENT: Row = {
    "user_agent": "x/1",
    "header_order": "host,accept",
    "max_tokens": 512,
    "temperature": 0.5,
}
"""One client as the log shows it."""


def test_pairs(read_log: ReadLog) -> None:
    """Each account goes with each combination of client and parameters, and with how often."""
    rows = [
        exchange("a", 0, **CLIENT),
        exchange("a", 1, **CLIENT),
        exchange("a", 2, **CLIENT | {"temperature": 1}),
        exchange("b", 3, **CLIENT),
    ]
    pairs = pairs_of(read_log(SmallLog(exchanges=tuple(rows))), "parameters")
    assert [(account, exchanges) for account, _token, exchanges in pairs] == [
        ("a", 2),
        ("b", 1),
        ("a", 1),
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("user_agent", "x/2"),
        ("header_order", "accept,host"),
        ("max_tokens", 513),
        ("temperature", 0.6),
        ("top_p", 0.9),
        ("n", 2),
        ("stream", True),
        ("logprobs", True),
    ],
)
def test_every_parameter_counts(read_log: ReadLog, column: str, value: object) -> None:
    """One other parameter is another combination, and an absent one is not a default."""
    rows = (exchange("a", **CLIENT), exchange("b", **CLIENT | {column: value}))
    assert sharers(read_log(SmallLog(exchanges=rows)), "parameters") == {}


def test_people_do_not_count(read_log: ReadLog) -> None:
    """What is asked and from where has no part in the combination."""
    other: Row = {"input_text": "hello", "client_address": "203.0.113.7", "request_model": "m"}
    rows = (exchange("a", **CLIENT), exchange("b", **CLIENT, **other))
    assert list(sharers(read_log(SmallLog(exchanges=rows)), "parameters").values()) == [["a", "b"]]


def test_missing_column(read_log: ReadLog) -> None:
    """A log that keeps no parameters does not feed the link, though it knows the client."""
    facts = read_log(exchanges_of("user_agent", {"a": ["x/1"], "b": ["x/1"]}))
    assert facts.missing(MEMBER.needs) == ("max_tokens",)


def test_hostile_values(read_log: ReadLog) -> None:
    """A client's name is an opaque thing, and no number that cannot be read becomes one."""
    shown = {f"{side}{place}": text for place, text in enumerate(HOSTILE) for side in "ab"}
    rows = [
        exchange(name, user_agent=text, max_tokens=64, temperature=text)
        for name, text in shown.items()
    ]
    found = sharers(read_log(SmallLog(exchanges=tuple(rows))), "parameters")
    assert sorted(found.values()) == [[f"a{place}", f"b{place}"] for place in range(len(HOSTILE))]
    assert all("nan" not in str(token) for token in found)


def test_empty_values(read_log: ReadLog) -> None:
    """Who sends nothing at all shares that with everybody who does, and with nobody else."""
    rows = (exchange("a"), exchange("b"), exchange("c", max_tokens=64))
    assert list(sharers(read_log(SmallLog(exchanges=rows)), "parameters").values()) == [["a", "b"]]


@pytest.mark.parametrize("share", [0.4, 0.9])
def test_hub_joins_nobody(read_log: ReadLog, share: float) -> None:
    """A library's defaults join none of its strangers, though some of them share cards."""
    users = share * STRANGERS
    facts = read_log(
        crowd(
            columns=lambda number, _turn: CLIENT if number < users else {},
            account_columns=cards_of_two,
        )
    )
    assert joining_tokens(facts, "parameters", "payment") == 0
    assert joined(facts, "parameters", "payment") == []


def test_group_is_joined(read_log: ReadLog) -> None:
    """A planted group's own client joins it if its accounts share cards as well."""
    facts = read_log(crowd() + planted(12, columns=lambda _number, _turn: PIPELINE))
    assert named(facts, "planted") in joined(facts, "parameters", "payment")
