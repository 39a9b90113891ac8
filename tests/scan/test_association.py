"""Behaviour is found to be concentrated in shared infrastructure, and only where it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.scan.grouping import things, with_own

from cautery.scan.association import (
    FEWEST_HOLDERS,
    MOST_COMMON,
    Concentration,
    concentrate,
    overlaps,
)
from cautery.scan.degree_null import customer_matrix, shared_things
from cautery.scan.incidences import Incidences
from cautery.scan.null_models import accepted, poisson_log_p

Integers = NDArray[np.int64]
ACCOUNTS = 400


def everybody(count: int = ACCOUNTS) -> Integers:
    """Every account is a customer of its own."""
    return np.arange(count, dtype=np.int64)


def linked_accounts(found: Concentration, token: int) -> list[int]:
    """Name the customers of a token that infrastructure links."""
    row: list[int] = found.linked_pairs[[token]].toarray()[0].nonzero()[0].tolist()
    return row


def concentrated(
    behaviour: Incidences, infrastructure: list[Incidences], customers: Integers
) -> Concentration:
    """Test the tokens of behaviour against some infrastructure."""
    return concentrate(behaviour, shared_things(infrastructure, customers), customers)


def test_one_large_card() -> None:
    """A template whose accounts pay with one card of their own joins exactly these."""
    found = concentrated(
        things({"template": range(12)}),
        [things(with_own({"card": range(10)}, ACCOUNTS))],
        everybody(),
    )
    assert found.joins.tolist() == [True]
    assert (found.holders[0], found.linked[0], found.observed[0]) == (12, 10, 1)
    assert linked_accounts(found, 0) == list(range(10))


def test_many_small_cards() -> None:
    """Cards of two each, none of them striking alone, say as much together."""
    cards = {f"card-{pair}": (2 * pair, 2 * pair + 1) for pair in range(ACCOUNTS // 2)}
    found = concentrated(things({"template": range(20)}), [things(cards)], everybody())
    assert found.observed[0] == 10
    assert found.expected[0] < 1.0
    assert linked_accounts(found, 0) == list(range(20))


def test_several_kinds_of_infrastructure() -> None:
    """Cards and addresses count together, each account once."""
    shared = [
        things(with_own({"card": range(6)}, ACCOUNTS)),
        things(with_own({"address": range(4, 10)}, ACCOUNTS)),
    ]
    found = concentrated(things({"template": range(10)}), shared, everybody())
    assert (found.linked[0], found.observed[0].tolist()) == (10, [1, 1])


@pytest.mark.parametrize("hub", [40, 200, 390])
def test_hub_of_infrastructure(hub: int) -> None:
    """An address of so many accounts links none of a template's that are there by chance."""
    generator = np.random.default_rng(8)
    templates = {f"t{i}": generator.choice(ACCOUNTS, 20, replace=False) for i in range(60)}
    found = concentrated(things(templates), [things({"address": range(hub)})], everybody())
    assert not found.joins.any()
    assert found.linked.sum() == 0


@pytest.mark.parametrize("holders", [20, 100, 200])
def test_hub_of_behaviour(holders: int) -> None:
    """An app's prompt, however popular, is not concentrated in cards that strangers share."""
    generator = np.random.default_rng(9)
    order = generator.permutation(ACCOUNTS)
    cards = {f"card-{pair}": order[2 * pair : 2 * pair + 2] for pair in range(ACCOUNTS // 2)}
    found = concentrated(things({"app": range(holders)}), [things(cards)], everybody())
    assert not found.joins.any()


def test_campaign_larger_than_any_limit() -> None:
    """A template of a fifth of all accounts is found if cards hold its accounts together."""
    cards = {f"card-{part}": range(10 * part, 10 * part + 10) for part in range(8)}
    shared = things(with_own(cards, ACCOUNTS))
    found = concentrated(things({"template": range(80)}), [shared], everybody())
    assert found.linked.tolist() == [80]
    assert found.joins.tolist() == [True]


def test_hubs_of_addresses_do_not_hide_cards() -> None:
    """A campaign that calls from no common address, while everybody else does, is found by cards.

    A hundred accounts of a hub's callers would share the hub by chance; taken together with them
    the campaign's cards would be fewer than chance gives.
    """
    generator = np.random.default_rng(13)
    count = 4_000
    campaign = np.arange(count - 240, count)
    cards = {f"card-{place}": campaign[place : place + 12] for place in range(0, 240, 12)}
    hubs = {
        f"hub-{place}": generator.choice(count - 240, 400, replace=False) for place in range(200)
    }
    shared = [things(with_own(hubs, count)), things(with_own(cards, count))]
    template = generator.choice(campaign, 60, replace=False)
    crowd = {"template": template, "app": generator.choice(count, 60, replace=False)}
    # So many tokens that no single card of the campaign could be significant among all pairs.
    others = {f"z{i}": generator.choice(count, 4, replace=False) for i in range(3_000)}
    found = concentrated(things(crowd | others), shared, everybody(count))
    assert found.joins[:2].tolist() == [False, True]
    assert not found.joins[2:].any()


def test_everybodys_behaviour() -> None:
    """What more than a set part of all accounts show can be concentrated in nothing."""
    common = int(MOST_COMMON * ACCOUNTS) + 1
    found = concentrated(
        things({"hello": range(common)}), [things({"card": range(10)})], everybody()
    )
    assert found.joins.tolist() == [False]


def test_too_few_holders() -> None:
    """Fewer accounts than a token needs are never joined, whatever they share."""
    few = range(FEWEST_HOLDERS - 1)
    found = concentrated(things({"t": few}), [things({"card": few})], everybody())
    assert found.joins.tolist() == [False]


def test_one_customer_shares_with_nobody() -> None:
    """Accounts of one organisation count once: what they share with each other is no news."""
    customers = np.maximum(everybody() - 9, 0)
    found = concentrated(things({"t": range(10)}), [things({"card": range(10)})], customers)
    assert found.holders.tolist() == [1]
    assert found.joins.tolist() == [False]


def test_nothing_to_share() -> None:
    """Without infrastructure, without behaviour and without accounts nothing is joined."""
    nothing = things({})
    for behaviour, shared in (
        (things({"t": range(9)}), []),
        (things({"t": range(9)}), [nothing]),
        (nothing, [things({"card": range(9)})]),
    ):
        found = concentrated(behaviour, shared, everybody())
        assert not found.joins.any()
    assert concentrated(nothing, [nothing], everybody(0)).joins.size == 0


def test_false_joins_under_the_null() -> None:
    """Templates and cards that have nothing to do with each other hardly ever join accounts."""
    joined = 0
    for seed in range(30):
        generator = np.random.default_rng([10, seed])
        templates = {
            f"t{i}": generator.choice(ACCOUNTS, int(generator.integers(3, 60)), replace=False)
            for i in range(40)
        }
        order = generator.permutation(ACCOUNTS)
        cards = {f"c{i}": order[4 * i : 4 * i + 4] for i in range(ACCOUNTS // 4)}
        joined += int(concentrated(things(templates), [things(cards)], everybody()).joins.sum())
    assert joined <= 2


def _uneven(generator: np.random.Generator) -> tuple[Incidences, Incidences]:
    """Draw templates and addresses that have nothing in common but the busy accounts."""
    busy = np.exp(generator.normal(0.0, 1.2, ACCOUNTS))
    odds = busy / busy.sum()
    draw = {
        kind: {
            f"{kind}{i}": generator.choice(ACCOUNTS, int(size), replace=False, p=odds)
            for i, size in enumerate(generator.integers(least, most, count))
        }
        for kind, count, least, most in (("t", 150, 3, 40), ("a", 300, 1, 12))
    }
    return things(draw["t"]), things(draw["a"])


def test_busy_accounts_meet_by_chance() -> None:
    """Size under the null where accounts are not alike: few shows, many addresses, no reason.

    A null that takes accounts for equally busy joined 1,562 of these 3,000 templates: busy
    accounts repeat more of them and call from more addresses.
    """
    joined = pairs = tokens = 0
    for seed in range(20):
        templates, addresses = _uneven(np.random.default_rng([11, seed]))
        shares = shared_things([addresses], everybody())
        found = concentrate(templates, shares, everybody())
        joined += int(found.joins.sum())
        shows = customer_matrix(templates, everybody())
        tested, expected = overlaps(shows, shares)
        pairs += int(accepted(tested.log_p, shows.shape[0] * shares.degrees.size).sum())
        log_p = poisson_log_p(found.observed.ravel(), expected.ravel())
        tokens += int(accepted(log_p, shows.shape[0]).sum())
    assert (joined, pairs) == (0, 0)
    assert tokens <= 1


def test_cards_of_few_accounts() -> None:
    """Who pays at all is no link: a template of paying accounts shares cards by chance."""
    generator = np.random.default_rng(12)
    payers = generator.permutation(ACCOUNTS)[:80]
    cards = {f"card-{place}": payers[place : place + 4] for place in range(0, 80, 4)}
    templates = {f"t{i}": generator.choice(payers, 25, replace=False) for i in range(30)}
    found = concentrated(things(templates), [things(cards)], everybody())
    assert not found.joins.any()


@given(st.permutations(range(30)))
def test_numbers_of_accounts_mean_nothing(order: list[int]) -> None:
    """Renumbered accounts give the same result, renumbered."""
    place = np.array(order)
    template, card = np.arange(12), np.arange(3, 15)
    plain = concentrated(things({"t": template}), [things({"c": card})], everybody(30))
    moved = concentrated(
        things({"t": place[template]}), [things({"c": place[card]})], everybody(30)
    )
    assert moved.joins.tolist() == plain.joins.tolist()
    assert linked_accounts(moved, 0) == sorted(place[linked_accounts(plain, 0)].tolist())


def test_customer_matrix() -> None:
    """A token is shown by a customer once, however many of its accounts show it."""
    matrix = customer_matrix(things({"a": (0, 1, 2), "b": (2,)}), np.array([0, 0, 1]))
    assert matrix.toarray().tolist() == [[1.0, 1.0], [0.0, 1.0]]
