"""What peers named: a small row, sourced, under the limits, and hard to poison."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intel.indicators import KEYS, NOW, epoch_key, indicator
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.scanning import accused, attacked, check_sums, rendered, row_of, scanned
from tests.scan.worlds import ordinary

from cautery.intel.identifiers import identifier
from cautery.intel.keyed_values import keyed_value
from cautery.intel.recogniser import IndicatorBook
from cautery.intel.template_sketches import template_bands
from cautery.records.campaign import BAND_FLOORS
from cautery.records.case import Case
from cautery.records.indicator import Indicator, IndicatorKind
from cautery.scan.evidence import PRIOR_BITS, chance, judge
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.peer_indicators import (
    CUSTOMERS_A_LARGEST,
    MOST_BITS,
    ONE_PEER_BITS,
    SIGNAL,
    peer_evidence,
)
from cautery.scan.run import ScanOptions

COUNT = 400
GROUP = range(100, 140)


def world() -> tuple[Facts, Groups]:
    """Four hundred accounts with a card each; forty of them are a group."""
    facts = bare_facts(COUNT, columns={"payment_fingerprint": [f"pm_{n}" for n in range(COUNT)]})
    # The first four exchange most: as many as may be called the largest of four hundred customers.
    facts.totals["exchanges"][: COUNT // CUSTOMERS_A_LARGEST] = 1_000
    return facts, bare_groups(COUNT, [GROUP])


def named(
    values: Iterable[str],
    kind: IndicatorKind = "payment",
    peer: str = "Lab A",
    confidence: int = 100,
) -> list[Indicator]:
    """Name values, keyed, as a peer does."""
    key = epoch_key()
    return [
        indicator(
            kind,
            keyed_value(kind, value, key),
            form="keyed",
            key_id=key.key_id,
            indicator_id=identifier("indicator", kind, value),
            given_by=peer,
            confidence=confidence,
        )
        for value in values
    ]


def cards(accounts: Iterable[int]) -> list[str]:
    """Name the cards of accounts."""
    return [f"pm_{number}" for number in accounts]


def book(*rows: Indicator) -> IndicatorBook:
    """Make a book of indicators, with the group's keys."""
    return IndicatorBook(rows, [KEYS], NOW)


def test_nothing_named_says_nothing() -> None:
    """A group of which peers named nothing has a row of zero bits."""
    found = peer_evidence(*world(), book(*named(["pm_x"])))
    assert [(row.bits, row.available) for row in found.rows] == [(0.0, True)]
    assert found.notes == ()


@pytest.mark.parametrize(
    ("share", "bits"), [(1.0, 1.0), (0.5, 1.0), (0.25, 0.5), (0.1, 0.2)], ids=str
)
def test_one_peer_weighs_one_bit(share: float, bits: float) -> None:
    """The row grows with the part of the accounts that are named, up to half, and stops there."""
    chosen = list(GROUP)[: round(share * len(GROUP))]
    (row,) = peer_evidence(*world(), book(*named(cards(chosen)))).rows
    assert row.bits == bits <= ONE_PEER_BITS
    assert f"{len(chosen)} of 40 accounts" in row.observed
    assert "Lab A" in row.sentence
    assert "2026-11-20" in row.sentence


def test_two_peers_weigh_two() -> None:
    """A second peer that names the same doubles it; a hundred peers weigh no more than two."""
    for peers in (2, 100):
        rows = [row for n in range(peers) for row in named(cards(GROUP), peer=f"Lab {n}")]
        (row,) = peer_evidence(*world(), book(*rows)).rows
        assert row.bits == MOST_BITS


def test_confidence_counts() -> None:
    """What a peer itself is unsure of weighs less; a network and a template weigh half."""
    (row,) = peer_evidence(*world(), book(*named(cards(GROUP), confidence=25))).rows
    assert row.bits == 0.5


def test_alone_it_is_in_no_band() -> None:
    """With the prior and nothing else, the most that peers can say is far below every band."""
    rows = [row for n in range(9) for row in named(cards(GROUP), peer=f"Lab {n}")]
    facts, groups = world()
    found = peer_evidence(facts, groups, book(*rows))
    (verdict,) = judge(facts, groups, [], peers=found.rows)
    assert verdict.bits == PRIOR_BITS + MOST_BITS
    assert verdict.probability < 0.05 < min(floor for _band, floor in BAND_FLOORS)
    assert chance(PRIOR_BITS + MOST_BITS) == verdict.probability


def test_largest_customers_are_not_named() -> None:
    """An indicator that names one of the largest customers is dropped and said so."""
    poison = named(["shared.example"], "email_domain")
    facts, groups = world()
    columns = dict(facts.account_columns)
    domains = ["shared.example" if n in {0, *GROUP} else f"d{n}.example" for n in range(COUNT)]
    columns["email_domain"] = bare_facts(COUNT, columns={"d": domains}).account_columns["d"]
    found = peer_evidence(replace(facts, account_columns=columns), groups, book(*poison))
    assert [row.bits for row in found.rows] == [0.0]
    (note,) = found.notes
    assert "largest customers" in note
    assert "Lab A" in note


def test_ten_indicators_for_the_ten_largest() -> None:
    """A feed that names the largest customers one by one is dropped one by one."""
    found = peer_evidence(*world(), book(*named(cards(range(4)))))
    assert [row.bits for row in found.rows] == [0.0]
    assert found.notes[0].startswith("note: 4 indicators")


def test_strangers_are_not_named() -> None:
    """An indicator most of whose accounts are linked to nobody says nothing of a group."""
    facts, groups = world()
    domains = ["crowd.example" if n >= 120 else "" for n in range(COUNT)]
    columns = {**facts.account_columns}
    columns["email_domain"] = bare_facts(COUNT, columns={"d": domains}).account_columns["d"]
    crowd = book(*named(["crowd.example"], "email_domain"))
    found = peer_evidence(replace(facts, account_columns=columns), groups, crowd)
    assert [row.bits for row in found.rows] == [0.0]
    assert "linked to nobody" in found.notes[0]


@given(
    confidence=st.integers(0, 100),
    peers=st.lists(st.sampled_from(["Lab A", "Lab B", "\x1b[31m"]), min_size=1, max_size=3),
    accounts=st.sets(st.integers(0, COUNT - 1), max_size=60),
)
def test_never_more_than_two_bits(confidence: int, peers: list[str], accounts: set[int]) -> None:
    """Whatever a feed names, the row stays between nothing and two bits."""
    rows = [
        row
        for peer in peers
        for row in named(cards(sorted(accounts)), peer=peer, confidence=confidence)
    ]
    for row in peer_evidence(*world(), book(*rows)).rows:
        assert 0.0 <= row.bits <= MOST_BITS


def test_a_scan_weighs_what_peers_named(attacked_case: Case, tmp_path: Path) -> None:
    """The campaign's row is there, its sums hold, and nobody else is listed."""
    templates = attacked_case.campaigns[0].templates
    key = epoch_key()
    rows = [
        indicator(
            "template",
            "0" * 64,
            form="keyed",
            key_id=key.key_id,
            bands=template_bands(template.text, key),
            indicator_id=f"indicator--{number:036}",
        )
        for number, template in enumerate(templates)
    ]
    assert any(row.bands for row in rows)
    case = scanned(tmp_path / "log", attacked(), options=ScanOptions(peers=book(*rows)))
    check_sums(case)
    row = row_of(case.campaigns[0].weights, SIGNAL)
    assert 0 < row.bits <= ONE_PEER_BITS
    assert SIGNAL in case.signals.used
    assert accused(case) == accused(attacked_case)


def test_an_empty_book_changes_no_verdict(attacked_case: Case, tmp_path: Path) -> None:
    """With indicators that name nothing, bits and bands are what they are without."""
    case = scanned(tmp_path / "log", attacked(), options=ScanOptions(peers=book()))
    assert [one.bits for one in case.campaigns] == [one.bits for one in attacked_case.campaigns]
    assert rendered(case) != rendered(attacked_case)


def test_a_feed_that_names_everybody_accuses_nobody(tmp_path: Path) -> None:
    """Every mail domain, card and account of an honest log, named by three peers: no campaign."""
    log = ordinary(80)
    rows = [
        row
        for peer in ("Lab A", "Lab B", "Lab C")
        for kind, column in (
            ("account", "account_id"),
            ("payment", "payment_fingerprint"),
            ("email_domain", "email_domain"),
        )
        for row in named(
            sorted({str(each[column]) for each in log.accounts if each.get(column)}),
            kind,  # type: ignore[arg-type]
            peer,
        )
    ]
    case = scanned(tmp_path / "log", log, options=ScanOptions(peers=book(*rows)))
    assert case.campaigns == ()
    assert np.max([one.score for one in case.near_misses], initial=0) < 50
