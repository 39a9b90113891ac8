"""One owner behind many cards, one customer with one card, and strangers with a card each."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import LogWithout, NullWeights
from tests.scan.small_logs import HOSTILE
from tests.scan.weighed import (
    assert_not_in_this_log,
    least,
    mean_bits,
    most,
    things_of,
    weigh,
    weigh_bare,
    weigh_one,
    with_hostile,
)
from tests.scan.worlds import ordinary, planted

from cautery.scan.facts import MICROSECONDS_A_DAY, Facts
from cautery.scan.signals.payer_spread import CURVE, LEAST_SHARING

NAME = "payer_spread"
MISSING = ["accounts.payment_fingerprint"]


def bits_of(cards: Sequence[str | None], facts: Facts | None = None) -> float:
    """Weigh a group of accounts that pay with these cards."""
    count = len(cards)
    groups = bare_groups(count, [range(count)], {"payment": things_of(cards)})
    (bits,) = weigh_bare(NAME, facts or bare_facts(count), groups)
    return bits


def cards_of(accounts: int, on_each: int) -> list[str]:
    """Put so many accounts on each card."""
    return [f"card-{number // on_each}" for number in range(accounts)]


def test_planted_group() -> None:
    """A hundred accounts on cards of four weigh as much as the curve gives."""
    assert bits_of(cards_of(100, 4)) == most(CURVE)


def test_one_payer() -> None:
    """One card that pays for all is one customer, as openly as can be."""
    assert bits_of(cards_of(100, 100)) == least(CURVE)


def test_a_small_group_needs_two_shared_cards() -> None:
    """Few accounts are excused for their few cards only if two of them are shared."""
    one = bits_of(["a", "a", "a", "a", "b", None])
    two = bits_of(["a", "a", "b", "b", "c", None])
    assert one < 0.0
    assert two == 0.0


def test_a_young_group_may_show_one_card() -> None:
    """Accounts of this week may be a pool of which one card has been seen."""
    cards = ["a", "a", "a", "a", "b", None]
    facts = bare_facts(len(cards))
    facts.totals["first_us"][:] = facts.totals["last_us"] - MICROSECONDS_A_DAY
    assert bits_of(cards) < bits_of(cards, facts) <= 0.0


def test_a_card_that_no_place_explains() -> None:
    """Half of a pool on one card, each at a place of its own, is no customer's payment."""
    cards = ["a"] * 14 + [f"own-{number}" for number in range(12)]
    count = len(cards)
    facts = bare_facts(count)
    paid = {"payment": things_of(cards)}
    apart = {**paid, "address": things_of([f"home-{number}" for number in range(count)])}
    office = {**paid, "address": things_of(["office"] * 14 + [None] * 12)}
    hidden, explained, unknown = (
        weigh_bare(NAME, facts, bare_groups(count, [range(count)], links))[0]
        for links in (apart, office, paid)
    )
    assert hidden == 0.0
    assert explained == unknown < 0.0


def test_a_card_each() -> None:
    """Strangers with a card each share no payer, so their many cards say nothing."""
    assert bits_of(cards_of(100, 1)) == 0.0
    assert bits_of([None] * 9 + ["x"]) == 0.0


def test_few_sharers() -> None:
    """A pair on one card among many who pay alone is no owner with many cards."""
    cards = ["pair", "pair", *cards_of(int(2 / LEAST_SHARING), 1)]
    assert bits_of(cards) == 0.0


def test_partly_shared_counts_less() -> None:
    """Where only half of the accounts share a card the many cards weigh less."""
    half = [*cards_of(50, 5), *(f"own-{number}" for number in range(50))]
    assert 0.0 < bits_of(half) < bits_of(cards_of(100, 5))


@pytest.mark.parametrize("on_each", [2, 5, 10, 20])
def test_more_payers_weigh_more(on_each: int) -> None:
    """Twice as many cards for the same accounts never weigh less."""
    assert bits_of(cards_of(80, on_each)) >= bits_of(cards_of(80, 2 * on_each))


def test_main_payer_counts() -> None:
    """One card for nearly all and a few odd ones is still one customer with exceptions."""
    assert bits_of(["main"] * 90 + cards_of(10, 2)) < 0.0


@given(st.lists(st.sampled_from([None, "a", "b", "c", "d", "e"]), min_size=1, max_size=60))
def test_bounded_and_without_order(cards: list[str | None]) -> None:
    """The bits never leave the curve, and which account has which card does not matter."""
    bits = bits_of(cards)
    assert min(least(CURVE), 0.0) <= bits <= most(CURVE)
    assert bits_of(cards[::-1]) == bits


def test_in_a_log(read_log: ReadLog) -> None:
    """Cards of two in a real log weigh more than one card, and the row names them."""
    log = planted(24, accounts_per_card=2) + planted(24, name="one", block=3, accounts_per_card=24)
    facts = read_log(ordinary(30) + log)
    many, one = weigh(facts, NAME, named(facts, "planted"), named(facts, "one"))
    assert many.bits > 0.0 > one.bits
    assert many.observed == "12 instruments, largest pays for 2"
    assert one.observed == "1 instruments, largest pays for 24"


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers, some of whom share cards by twos, weigh about nothing."""
    rows = null_weights[NAME]
    assert abs(mean_bits(rows)) <= 0.3
    assert max(row.bits for row in rows) <= 1.0


def test_missing_column(log_without: LogWithout) -> None:
    """Without payments in the account table nothing is known of payers."""
    assert_not_in_this_log(log_without(*MISSING), NAME, MISSING)


def test_hostile_values(read_log: ReadLog) -> None:
    """Any token is a payer, and an empty one is none."""
    log = with_hostile(ordinary(20), {MISSING[0]: (*HOSTILE, "", None)})
    facts = read_log(log)
    row = weigh_one(facts, NAME, facts.account_ids)
    assert row.observed == f"{len(HOSTILE)} instruments, largest pays for 2"
