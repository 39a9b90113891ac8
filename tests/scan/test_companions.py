"""Companions: the other accounts of an instrument that is a campaign's."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.grouping import things

from cautery.scan.companions import FEWEST_SURE, LEAST_SURE_SHARE, companions
from cautery.scan.groups import NO_GROUP, Basis

COUNT = 40
ALONE = np.arange(COUNT)
"""Every account is a customer of its own."""
MEMBERS = np.where(ALONE < 8, 0, NO_GROUP)


def owners(
    cards: dict[str, list[int]], sure: set[int], basis: Basis = "both", customers: object = None
) -> list[int]:
    """Find the owners of every account's card, with one group of the first eight."""
    known = np.isin(ALONE, list(sure))
    own = ALONE if customers is None else np.asarray(customers, dtype=np.int64)
    found: list[int] = companions(MEMBERS, (basis,), known, things(cards), own).tolist()
    return found


def test_a_card_of_sure_members() -> None:
    """An account whose card six of seven sure members pay with is their operator's."""
    found = owners({"card": [0, 1, 2, 3, 4, 5, 20], "own": [21]}, set(range(6)))
    assert [found[account] for account in (0, 20, 21)] == [0, 0, NO_GROUP]


def test_a_small_party_owns_no_card() -> None:
    """Four sure members may be a firm's, and say nothing of the fifth."""
    assert owners({"card": [0, 1, 2, 3, 20]}, {0, 1, 2, 3})[20] == NO_GROUP


def test_an_issuer_of_many_cards() -> None:
    """A fingerprint that ten strangers have as well is nobody's."""
    assert owners({"card": [*range(6), *range(20, 30)]}, set(range(6)))[20] == NO_GROUP


def test_doubtful_members_do_not_count() -> None:
    """Members that are not sure own nothing, and neither does a group of one family of links."""
    card = {"card": [0, 1, 2, 3, 4, 5, 20]}
    assert owners(card, set())[20] == NO_GROUP
    assert owners(card, set(range(6)), basis="behaviour")[20] == NO_GROUP


def test_one_customer_is_one() -> None:
    """Six accounts of one declared organisation are one customer."""
    customers = np.where(ALONE < 6, 0, ALONE)
    assert owners({"card": [*range(6), 20]}, set(range(6)), customers=customers)[20] == NO_GROUP


def test_without_payments() -> None:
    """Where no card is known, nobody is on one."""
    sure = np.ones(COUNT, dtype=np.bool_)
    assert set(companions(MEMBERS, ("both",), sure, None, ALONE).tolist()) == {NO_GROUP}
    assert set(owners({}, set(range(6)))) == {NO_GROUP}


@given(st.dictionaries(st.integers(0, COUNT - 1), st.integers(0, 3)), st.sets(st.integers(0, 7)))
def test_the_rule_said_plainly(card_of: dict[int, int], sure: set[int]) -> None:
    """On an owned card sure members are five and three in five, on any other they are not."""
    cards: dict[str, list[int]] = {}
    for account, card in sorted(card_of.items()):
        cards.setdefault(f"card-{card}", []).append(account)
    found = owners(cards, sure)
    for held in cards.values():
        known = len(sure & set(held))
        owned = known >= FEWEST_SURE and known >= LEAST_SURE_SHARE * len(held)
        assert {found[account] for account in held} == {0 if owned else NO_GROUP}
