"""Each member's strongest links name others of its group, rarest first, in bounded number."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.grouping import things

from cautery.records.campaign import AccountLink
from cautery.scan.communities import rarity_bits
from cautery.scan.incidences import Incidences
from cautery.scan.member_links import INFRASTRUCTURE_NAMES, MOST_LINKS, strongest_links

COUNT = 128


def linked(
    incidences: Mapping[str, Incidences], members: range = range(12)
) -> dict[int, tuple[AccountLink, ...]]:
    """Name the links of one group."""
    return strongest_links(bare_facts(COUNT), bare_groups(COUNT, [members], incidences), 0)


def test_reason_and_bits() -> None:
    """A link says what is shared, with whom, by how many of the group, and how rare it is."""
    pairs = things({"p": (0, 1, 50), "single": (2,)})
    found = linked({"payment": pairs})
    assert set(found) == {0, 1}
    assert found[0] == (
        AccountLink(
            other_account_id="a0001",
            link="payment",
            reason=f"{INFRASTRUCTURE_NAMES['payment']}, held by 2 accounts of the group",
            bits=round(float(rarity_bits(pairs, COUNT)[0]), 1),
        ),
    )


def test_rarest_first() -> None:
    """Two accounts are named once, by the rarest thing they share; rarer links stand first."""
    pairs = {
        "payment": things({"p": range(12)}),
        "address": things({"a": (0, 3)}),
        "device": things({"d": range(6)}),
    }
    found = linked(pairs)[0]
    assert (found[0].other_account_id, found[0].link) == ("a0003", "address")
    assert len({link.other_account_id for link in found}) == len(found)
    assert [link.bits for link in found] == sorted((link.bits for link in found), reverse=True)


def test_everybodys_thing_links_nobody() -> None:
    """What all accounts show is worth no bits and is not named."""
    assert linked({"device": things({"d": range(COUNT)})}) == dict.fromkeys(range(12), ())


def test_behaviour_is_no_member_link() -> None:
    """Templates and parameters are not named as links, and others outside the group never."""
    found = linked({"parameters": things({"s": range(12)}), "payment": things({"p": (0, 90)})})
    assert found == {}


def test_no_pairs() -> None:
    """A link that nobody of the group shows names nobody."""
    assert linked({"payment": things({})}) == {}
    assert linked({"payment": things({"p": (80, 81)})}) == {}


@given(st.dictionaries(st.integers(0, 6), st.sets(st.integers(0, 29), min_size=1), max_size=7))
def test_any_sharing(held: dict[int, set[int]]) -> None:
    """No account links to itself, to strangers, or to more than the most; every sharer to one."""
    cards = {f"t{name}": sorted(accounts) for name, accounts in held.items()}
    found = linked({"payment": things(cards)}, range(20))
    for account, links in found.items():
        others = [int(link.other_account_id[1:]) for link in links]
        assert account < 20
        assert len(others) == len(set(others)) <= MOST_LINKS
        for other in others:
            assert other != account
            assert other < 20
            assert any({account, other} <= set(shared) for shared in cards.values())
    sharing = {n for shared in cards.values() for n in shared if n < 20}
    alone = {n for n in sharing if n not in found}
    assert all(
        len([n for n in shared if n < 20]) < 2 for shared in cards.values() if alone & set(shared)
    )


def test_large_cards_stay_cheap() -> None:
    """A card of the whole group names a few of its holders for each, not all pairs."""
    members = range(100)
    found = linked({"payment": things({"p": members})}, members)
    assert {len(links) for links in found.values()} <= {0, MOST_LINKS}
    assert np.sum([len(links) for links in found.values()]) <= MOST_LINKS * len(members)
