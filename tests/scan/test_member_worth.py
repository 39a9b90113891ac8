"""Things are worth what strangers do not have, and a firm's card ties nobody but the firm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.scan.arrays import bare_groups
from tests.scan.grouping import things

from cautery.scan.incidences import Incidences
from cautery.scan.member_worth import (
    PARTY_ACCOUNTS,
    best_bits,
    doubted_parties,
    held_things,
)

COUNT = 600
POOL = range(30)
CARDS = {"a": range(10), "b": range(10, 20)}


def doubted(
    links: Mapping[str, Incidences], groups: Iterable[Iterable[int]] = (POOL,)
) -> list[int]:
    """Name the accounts of doubted parties."""
    made = bare_groups(COUNT, [list(members) for members in groups], links)
    held = [held_things(made, name, np.arange(COUNT)) for name in links]
    return [int(account) for account in np.flatnonzero(doubted_parties(made, held))]


def test_a_firm_in_a_pool() -> None:
    """Three on a card of their own, among cards of ten, are a party that may be a firm."""
    assert doubted({"payment": things(CARDS | {"firm": (20, 21, 22)})}) == [20, 21, 22]


def test_a_card_of_many() -> None:
    """A card of more than a firm has is a pool's own."""
    larger = range(20, 20 + PARTY_ACCOUNTS + 1)
    assert doubted({"payment": things(CARDS | {"own": larger})}) == []


def test_card_and_address_do_not_double() -> None:
    """A firm has one address and one card; both together tie it no more to the rest."""
    both = {
        "address": things({"desk": (20, 21)}),
        "payment": things(CARDS | {"firm": (20, 21)}),
    }
    assert doubted(both) == [20, 21]


def test_an_address_leads_to_the_rest() -> None:
    """A card of two is the pool's if one of them shares an address with a known member."""
    links = {
        "address": things({"exit": (5, 20)}),
        "payment": things(CARDS | {"small": (20, 21)}),
    }
    assert doubted(links) == []


def test_a_pool_of_small_cards() -> None:
    """A young pool has only cards of few accounts; nobody is doubted there."""
    small = {f"card-{number}": (2 * number, 2 * number + 1) for number in range(10)}
    assert doubted({"payment": things(small)}) == []


def test_each_group_for_itself() -> None:
    """Large parties of one group say nothing of another."""
    other = {"c": (100, 101), "d": (102, 103)}
    assert doubted({"payment": things(CARDS | other)}, [POOL, range(100, 110)]) == []


def test_nothing_is_shared() -> None:
    """Without links, without shared things and without groups nobody is doubted."""
    assert doubted({}) == []
    assert doubted({"payment": things({"a": (0,), "b": (1,)})}) == []
    assert doubted({"payment": things(CARDS)}, []) == []


def test_worth() -> None:
    """A card that no stranger has is worth more than one that hundreds have."""
    groups = bare_groups(
        COUNT,
        [POOL],
        {"payment": things({"own": range(10), "hub": [*range(10, 20), *range(100, 500)]})},
    )
    held = held_things(groups, "payment", np.arange(COUNT))
    bits = best_bits(held, COUNT, 6.0)
    assert bits[0] == 6.0
    assert bits[10] == 0.0
    assert bits[30:].tolist() == [0.0] * (COUNT - 30)


@given(
    cards=st.lists(st.sets(st.integers(0, 29), min_size=1), max_size=8),
    order=st.permutations(range(30)),
)
def test_numbers_of_accounts_do_not_matter(cards: list[set[int]], order: list[int]) -> None:
    """Other numbers for the same accounts doubt the same accounts."""
    held = {str(number): sorted(card) for number, card in enumerate(cards)}
    moved = {name: [order[account] for account in card] for name, card in held.items()}
    links = ({"payment": things(one)} for one in (held, moved) if one)
    found = [set(doubted(link)) for link in links]
    if found:
        assert {order[account] for account in found[0]} == found[-1]


def test_types() -> None:
    """The answer is a truth an account."""
    groups = bare_groups(COUNT, [POOL], {"payment": things(CARDS)})
    found: NDArray[np.bool_] = doubted_parties(
        groups, [held_things(groups, "payment", np.arange(COUNT))]
    )
    assert (found.shape, found.dtype) == ((COUNT,), np.dtype(np.bool_))
