"""Young groups: a small size speaks against them only as far as it had time to be otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.weighed import things_of, weigh_bare

from cautery.scan.facts import MICROSECONDS_A_DAY, Facts
from cautery.scan.young_groups import FULL_SIZE, SETTLED_DAYS, settled, tied, young


def facts_of(count: int, days: float) -> Facts:
    """Accounts that all appeared so many days before the end of the log."""
    facts = bare_facts(count)
    end = 40 * MICROSECONDS_A_DAY
    first = np.full(count, end - int(days * MICROSECONDS_A_DAY))
    return replace(
        facts, totals={**facts.totals, "first_us": first, "last_us": np.full(count, end)}
    )


def bits_of(signal: str, cards: list[str], days: float) -> float:
    """Weigh one group that pays with these cards and appeared so many days ago."""
    groups = bare_groups(len(cards), [range(len(cards))], {"payment": things_of(cards)})
    return weigh_bare(signal, facts_of(len(cards), days), groups)[0]


def test_settled_by_the_median_account() -> None:
    """Half of the accounts decide, so one old account makes no group old."""
    facts = facts_of(4, 1.0)
    facts.totals["first_us"][0] = 0
    assert settled(facts, bare_groups(4, [range(4)])) == pytest.approx(1 / SETTLED_DAYS)
    assert settled(facts_of(4, 30.0), bare_groups(4, [range(4)])) == 1.0


def test_tied_from_half_on() -> None:
    """Half of the accounts on shared cards excuse nothing, six of ten excuse in full."""
    for sharing, wanted in ((5, 0.0), (6, 1.0), (10, 1.0)):
        cards = ["one"] * sharing + [f"own-{number}" for number in range(10 - sharing)]
        groups = bare_groups(10, [range(10)], {"payment": things_of(cards)})
        assert tied(bare_facts(10), groups) == pytest.approx(wanted)
    assert tied(bare_facts(3), bare_groups(3, [range(3)])) == 0.0


def test_size_of_a_young_group_on_shared_cards() -> None:
    """On its first day twelve accounts say next to nothing against a pool, after a week all."""
    cards = ["a"] * 6 + ["b"] * 6
    found = [bits_of("group_size", cards, days) for days in (0.0, 3.5, 7.0, 30.0)]
    assert found == [0.0, -1.3, -2.6, -2.6]


def test_size_of_strangers_and_firms() -> None:
    """Without shared cards youth excuses nothing, and it never adds bits for a pool."""
    assert bits_of("group_size", [f"own-{number}" for number in range(12)], 0.0) == -2.6
    assert bits_of("group_size", ["a"] * 50 + ["b"] * 50, 0.0) == 0.7


def test_payers_of_few_accounts() -> None:
    """Six accounts on two cards are as many as twenty on four; one card stays one customer."""
    assert bits_of("payer_spread", ["a"] * 3 + ["b"] * 3, 30.0) == 0.0
    assert bits_of("payer_spread", ["a"] * 6, 0.0) == -5.0
    large = ["a"] * 30 + ["b"] * 30
    assert bits_of("payer_spread", large, 0.0) == -1.5


def test_young_is_small_and_new() -> None:
    """A large group is not held, nor one of which an account is a week old."""
    size = FULL_SIZE
    assert young(facts_of(5, 1.0), bare_groups(5, [range(5)])).tolist() == [True]
    assert young(facts_of(5, 8.0), bare_groups(5, [range(5)])).tolist() == [False]
    assert young(facts_of(size, 1.0), bare_groups(size, [range(size)])).tolist() == [False]
