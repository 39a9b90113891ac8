"""Accounts with one TLS fingerprint, and a client library that most strangers use."""

from __future__ import annotations

from typing import Any

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
from tests.scan.small_logs import HOSTILE, exchanges_of

from cautery.ingest.rows import LONGEST_NAME_CHARACTERS
from cautery.scan.links.device import MEMBER

PYTHON = "t13d1516h2_8daaf6152771_02713d6af862"
GO = "t13d190900_9dc949149365_97f8aa674fd9"


def test_pairs(read_log: ReadLog) -> None:
    """Each account goes with each fingerprint of its connections; null is no fingerprint."""
    shown: dict[str, list[Any]] = {"a": [PYTHON, PYTHON, GO, None], "b": [GO]}
    assert pairs_of(read_log(exchanges_of("tls_ja4", shown)), "device") == [
        ("a", PYTHON, 2),
        ("a", GO, 1),
        ("b", GO, 1),
    ]


def test_missing_column(read_log: ReadLog) -> None:
    """A log without fingerprints does not feed the link."""
    facts = read_log(exchanges_of("tls_ja4", {"a": [None], "b": [None]}))
    assert facts.missing(MEMBER.needs) == ("tls_ja4",)


def test_hostile_values(read_log: ReadLog) -> None:
    """Any text is an opaque thing: it links who shows it, whole, and nobody else."""
    shown = {f"{side}{place}": [text] for place, text in enumerate(HOSTILE) for side in "ab"}
    found = sharers(read_log(exchanges_of("tls_ja4", shown)), "device")
    assert found == {text: [f"a{place}", f"b{place}"] for place, text in enumerate(HOSTILE)}


def test_very_long_values(read_log: ReadLog) -> None:
    """A fingerprint of a million characters is cut where every short text is cut."""
    facts = read_log(exchanges_of("tls_ja4", {"a": ["x" * 1_000_000]}))
    ((_account, token, _exchanges),) = pairs_of(facts, "device")
    assert token == "x" * LONGEST_NAME_CHARACTERS


def test_empty_values(read_log: ReadLog) -> None:
    """An empty fingerprint is none, so it links nobody."""
    facts = read_log(exchanges_of("tls_ja4", {"a": ["", GO], "b": [""], "c": [PYTHON]}))
    assert sharers(facts, "device") == {}


def test_hub_joins_nobody(read_log: ReadLog) -> None:
    """A fingerprint of most strangers, as a popular library's, joins no accounts at all."""
    shared = {"tls_ja4": PYTHON}
    facts = read_log(crowd(columns=lambda number, _turn: shared if number < HUB_ACCOUNTS else {}))
    assert joining_tokens(facts, "template", "device") == 0
    assert joined(facts, "template", "device") == []


def test_rare_fingerprint_speaks(read_log: ReadLog) -> None:
    """The null model sees it if the accounts of one prompt alone have the fingerprint."""
    shared = {"tls_ja4": GO}
    facts = read_log(crowd(columns=lambda number, _turn: shared if number < APP_ACCOUNTS else {}))
    assert joining_tokens(facts, "template", "device") > 0
