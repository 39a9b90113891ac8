"""Recognising: what peers named is found, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.intel.indicators import (
    KEYS,
    NOW,
    VALUES,
    bulletin,
    epoch_key,
    indicator,
)

from cautery.intel.epoch_keys import GroupKeys
from cautery.intel.recogniser import IndicatorBook
from cautery.records.indicator import INDICATOR_KINDS, IndicatorKind


def book(*keys: GroupKeys) -> IndicatorBook:
    """Make a book of all that the example bulletin names."""
    return IndicatorBook(bulletin().indicators, keys, NOW)


@pytest.mark.parametrize("kind", INDICATOR_KINDS)
def test_every_kind_is_recognised(kind: IndicatorKind) -> None:
    """A value that a peer named is found again, by the kind that it has."""
    found = book(KEYS).recognise(kind, ["no such thing", VALUES[kind]])
    assert not found[0]
    assert {one.kind for one in found[1]} == {kind}


def test_without_the_key_keyed_values_say_nothing() -> None:
    """Who lacks the epoch's key recognises what stands in clear, and is told of the rest."""
    made = book()
    assert made.kinds == {"autonomous_system", "tls_fingerprint"}
    assert made.without_key == sum(one.form == "keyed" for one in bulletin().indicators)
    assert not made.recognise("payment", [VALUES["payment"]])[0]
    assert made.kinds == book(GroupKeys(group="labs", keys=(epoch_key(1),))).kinds


def test_alike_templates_are_recognised() -> None:
    """A template with other words in two places is recognised by its bands."""
    text = VALUES["template"].replace("following", "present")
    assert {one.kind for one in book(KEYS).recognise("template", [text])[0]} == {"template"}
    assert not book(KEYS).recognise(
        "template", ["Write a poem about the sea and the wind at night"]
    )[0]


def test_values_in_clear_are_given() -> None:
    """What is only compared by a hash of one's own can be asked for in clear."""
    assert list(book(KEYS).in_clear("tls_fingerprint")) == [VALUES["tls_fingerprint"]]
    assert book(KEYS).in_clear("payment") == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"revoked": True},
        {"valid_until": "2026-10-31T00:00:00.000Z"},
        {"valid_from": "2026-11-02T00:00:00.000Z"},
    ],
    ids=["revoked", "expired", "not-yet"],
)
def test_what_does_not_hold_names_nothing(changes: dict[str, object]) -> None:
    """Neither what was taken back nor what is over, nor what has not begun."""
    made = IndicatorBook([indicator(**changes)], [], NOW)  # type: ignore[arg-type]
    assert made.count == 0
    assert not made.recognise("address", [VALUES["address"]])[0]


def test_it_holds_until_its_end() -> None:
    """At the last moment it holds, and at its end not any more."""
    end = NOW.replace(month=11, day=20, hour=0)
    assert IndicatorBook([indicator()], [], end - timedelta(milliseconds=1)).count == 1
    assert IndicatorBook([indicator()], [], end).count == 0
