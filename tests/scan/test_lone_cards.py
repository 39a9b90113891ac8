"""Lone cards: a shared instrument that no place explains says as much as several would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_groups
from tests.scan.grouping import things

from cautery.scan.incidences import Incidences
from cautery.scan.lone_cards import FEWEST_HOLDERS, together_with, unexplained

COUNT = 200
GROUP = range(40)
HOLDERS = range(12)
CUSTOMERS = np.arange(COUNT)


def marked(
    cards: Mapping[str, Iterable[int]], places: Mapping[str, Incidences], members: range = GROUP
) -> bool:
    """Tell whether a group's card is unexplained."""
    groups = bare_groups(COUNT, [members], {"payment": things(dict(cards)), **places})
    return bool(unexplained(groups, "payment", CUSTOMERS)[0])


def at(**addresses: Iterable[int]) -> Mapping[str, Incidences]:
    """Have accounts at addresses, all others at one of their own."""
    shared = {account for accounts in addresses.values() for account in accounts}
    own = {f"own-{account}": [account] for account in range(COUNT) if account not in shared}
    return {"address": things({**own, **addresses})}


def test_a_card_in_hiding() -> None:
    """Twelve of forty on one card, at twelve places: nothing explains who they are."""
    assert marked({"card": HOLDERS}, at())


@pytest.mark.parametrize(
    ("cards", "members"),
    [
        ({"card": range(FEWEST_HOLDERS - 1)}, GROUP),
        ({"card": HOLDERS}, range(18)),
        ({"card": [*HOLDERS, *range(60, 80)]}, GROUP),
    ],
    ids=["few", "most of the group", "an issuer's"],
)
def test_cards_that_say_little(cards: Mapping[str, Iterable[int]], members: range) -> None:
    """A small party, a team on its card as a whole and an issuer's fingerprint are nothing odd."""
    assert not marked(cards, at(), members)


def test_an_office_explains_its_card() -> None:
    """Holders at one address, or in one network, are people who work together."""
    assert not marked({"card": HOLDERS}, at(office=HOLDERS))
    assert not marked({"card": HOLDERS}, {**at(), "network": things({"office": HOLDERS})})
    assert marked({"card": HOLDERS}, at(cafe=[0, 1]))


def test_without_places() -> None:
    """Where no place is known, nothing is held against a card."""
    assert not marked({"card": HOLDERS}, {})


def test_accounts_of_one_customer() -> None:
    """Twelve accounts of one declared organisation are one customer."""
    groups = bare_groups(COUNT, [GROUP], {"payment": things({"card": HOLDERS}), **at()})
    customers = np.where(CUSTOMERS < 12, 0, CUSTOMERS)
    assert not unexplained(groups, "payment", customers).any()


@given(
    st.dictionaries(st.sampled_from("abc"), st.sets(st.integers(0, 9), max_size=6)),
    st.dictionaries(st.sampled_from("uvwxyz"), st.sets(st.integers(0, 9), max_size=5)),
)
def test_all_cards_at_once(cards: dict[str, set[int]], places: dict[str, set[int]]) -> None:
    """Who shares a place with another holder is told of all cards as of each by itself."""
    pairs = [(number, one) for number, name in enumerate(cards) for one in sorted(cards[name])]
    holders = list(cards.values())
    expected = [
        any(account in here and len(here & holders[number]) > 1 for here in places.values())
        for number, account in pairs
    ]
    thing, holder = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    assert together_with(things(places), thing, holder, 10).tolist() == expected
