"""Sharing counts between customers, against a random group, and rare things more than common."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.grouping import things

from cautery.records.evidence import Weight
from cautery.scan.incidences import Incidences
from cautery.scan.sharing import (
    NOT_SHARED,
    ONE_COINCIDENCE,
    Sharing,
    SharingRule,
    _degrees,
    customers_of,
    measure_sharing,
    sharing_of,
    sharing_weights,
)

COUNT = 1_024
GROUP = range(12)
MOST = 4.0
CARDS = {f"card-{place}": range(4 * place, 4 * place + 4) for place in range(3)}


def measured(pairs: Incidences, customers: NDArray[np.int64] | None = None) -> Sharing:
    """Measure the sharing of one group."""
    numbers = np.arange(COUNT) if customers is None else customers
    return measure_sharing(bare_groups(COUNT, [GROUP]), pairs, numbers)


def weighed(pairs: Incidences, firm_accounts: int = 0) -> Weight:
    """Weigh the sharing of one group."""
    (row,) = sharing_weights(
        bare_facts(COUNT),
        bare_groups(COUNT, [GROUP], {"payment": pairs}),
        SharingRule(
            link="payment",
            signal="shared_payment",
            label="shared payment instruments",
            most_bits=MOST,
            noun="payment instruments",
            firm_accounts=firm_accounts,
        ),
    )
    return row


def test_counts() -> None:
    """Sharing, different and largest tokens are those of the group; a single card is not shared."""
    found = measured(things({"a": (0, 1, 2, 500), "b": (3, 4), "c": (5,), "d": (600, 601)}))
    assert found.sharing.tolist() == [5]
    assert found.distinct.tolist() == [3]
    assert found.shared.tolist() == [2]
    assert found.largest.tolist() == [3]


def test_sharing_with_strangers_only() -> None:
    """A card that a member shares with accounts outside says nothing of the group."""
    found = measured(things({"a": (0, 500, 501), "b": (1, 502)}))
    assert found.sharing.tolist() == [0]
    assert weighed(things({"a": (0, 500, 501)})).bits == -NOT_SHARED * MOST


def test_one_customer_shares_with_nobody() -> None:
    """That accounts of one declared customer have one card is no news."""
    customers = np.arange(COUNT)
    customers[list(GROUP)] = 0
    numbers = np.unique(customers, return_inverse=True)[1].astype(np.int64)
    assert measured(things({"a": GROUP}), numbers).sharing.tolist() == [0]
    assert measured(things({"a": GROUP})).sharing.tolist() == [len(GROUP)]


def test_rare_things_weigh_more() -> None:
    """A card of the group alone weighs fully; one of a quarter of all accounts weighs nothing."""
    popular = {name: [*accounts, *range(100, 400)] for name, accounts in CARDS.items()}
    rare, common = weighed(things(CARDS)), weighed(things(popular))
    assert rare.bits == MOST
    assert 0 <= common.bits < MOST / 4
    assert (rare.aspect, rare.family, rare.signal) == (
        "linkage",
        "infrastructure",
        "shared_payment",
    )


def test_broad_accounts_share_by_chance() -> None:
    """What an account with many networks shares with others is worth less for each of them."""
    many = things({f"n{place}": (0, 1, 2, 100 + place) for place in range(64)})
    few = things({"n": (0, 1, 2)})
    assert measured(many).rarity[0] < measured(few).rarity[0] - 5


def test_rows_say_what_was_seen() -> None:
    """The row names accounts and things, and its chance is small for what chance does not do."""
    row = weighed(things(CARDS))
    assert row.observed == "12 of 12 accounts on 3 payment instruments"
    assert row.p_value is not None
    assert row.p_value < 1e-6
    assert row.sample_size == len(GROUP)
    nothing = weighed(things({}))
    assert (nothing.p_value, nothing.bits) == (1.0, -NOT_SHARED * MOST)


def test_random_groups_are_no_surprise() -> None:
    """Under the null, groups drawn at random, small chances come about as seldom as they say."""
    generator = np.random.default_rng(21)
    cards = generator.permutation(COUNT).reshape(-1, 4)
    pairs = things({f"c{place}": row for place, row in enumerate(cards.tolist())})
    surprises = 0
    for _draw in range(300):
        members = generator.choice(COUNT, 24, replace=False).tolist()
        found = measure_sharing(bare_groups(COUNT, [members]), pairs, np.arange(COUNT))
        surprises += bool(found.log_p[0] <= np.log(0.05))
    assert surprises <= 30


def test_more_sharing_never_weighs_less() -> None:
    """With every further card that is shared, the weight rises."""
    found = [
        weighed(things({f"card-{place}": (2 * place, 2 * place + 1) for place in range(shared)}))
        for shared in range(7)
    ]
    bits = [row.bits for row in found]
    assert bits == sorted(bits)
    assert bits[0] < 0 < bits[-1]


def test_no_groups() -> None:
    """Without groups nothing is weighed."""
    found = measure_sharing(bare_groups(COUNT, []), things(CARDS), np.arange(COUNT))
    assert found.sharing.size == found.log_p.size == found.rarity.size == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=40))
def test_customers_of(pairs: list[tuple[int, int]]) -> None:
    """Every token counts each customer once."""
    token, customer = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    found = customers_of(token, customer, 6).tolist()
    assert found == [len({c for t, c in pairs if t == place}) for place in range(6)]


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 19)), unique=True, max_size=60),
    st.permutations(range(20)),
)
def test_numbers_of_accounts_do_not_matter(uses: list[tuple[int, int]], order: list[int]) -> None:
    """Accounts numbered otherwise share the same."""
    members = [range(5), range(5, 12)]
    customers = np.arange(20) // 2
    moved_customers = np.empty_like(customers)
    moved_customers[order] = customers
    plain = measure_sharing(
        bare_groups(20, members),
        things({f"{token}": [a for t, a in uses if t == token] for token in range(6)}),
        customers,
    )
    moved = measure_sharing(
        bare_groups(20, [[order[account] for account in inside] for inside in members]),
        things({f"{token}": [order[a] for t, a in uses if t == token] for token in range(6)}),
        moved_customers,
    )
    for column in ("sharing", "distinct", "largest"):
        assert getattr(plain, column).tolist() == getattr(moved, column).tolist()
    for column in ("rarity", "log_p"):
        assert getattr(plain, column).tolist() == pytest.approx(getattr(moved, column).tolist())


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 11)), unique=True, max_size=60),
    st.lists(st.integers(0, 4), min_size=12, max_size=12),
)
def test_degrees_are_the_customers_of_all_pairs(
    uses: list[tuple[int, int]], customer: list[int]
) -> None:
    """Tokens of one account count one customer, and the rest as if every pair were looked at."""
    pairs = things({f"{token}": [a for t, a in uses if t == token] for token in range(8)})
    customers = np.array(customer, dtype=np.int64)
    everything = customers_of(pairs.token, customers[pairs.account], pairs.token_count)
    assert _degrees(pairs, customers).tolist() == everything.tolist()


def test_degrees_of_nothing() -> None:
    """A link without tokens has no degrees."""
    assert _degrees(things({}), np.arange(COUNT)).tolist() == []


def test_measured_once() -> None:
    """A link is measured once for all that ask, each link and each set of groups by itself."""
    facts = bare_facts(COUNT)
    links = {"payment": things(CARDS), "address": things({"a": (0, 1), "b": (2, 900)})}
    groups, others = (bare_groups(COUNT, [GROUP], links) for _turn in range(2))
    first = sharing_of(facts, groups, "payment")
    assert first.sharing.tolist() == [len(GROUP)]
    assert sharing_of(facts, groups, "address").sharing.tolist() == [2]
    assert groups.measured.keys() == {"sharing of payment", "sharing of address"}
    groups.incidences.clear()  # Nobody looks at the pairs again.
    assert sharing_of(facts, groups, "payment") is first
    assert others.measured == {}
    again = sharing_of(facts, others, "payment")
    assert again is not first
    assert again.log_p.tolist() == first.log_p.tolist()


def test_measured_between_customers() -> None:
    """What is measured of a link counts customers, as the facts declare them."""
    declared = ["acme" if number in GROUP else "" for number in range(COUNT)]
    facts = bare_facts(COUNT, columns={"org_id": declared})
    groups = bare_groups(COUNT, [GROUP], {"payment": things(CARDS)})
    assert sharing_of(facts, groups, "payment").sharing.tolist() == [0]


def test_one_card_of_some_counts_for_half() -> None:
    """A single card of half a group makes one customer; the same accounts on two cards, a pool."""
    one = weighed(things({"a": range(8)}), firm_accounts=4)
    two = weighed(things({"a": range(4), "b": range(4, 8)}), firm_accounts=4)
    everybody = weighed(things({"a": GROUP}), firm_accounts=4)
    assert one.bits < two.bits < everybody.bits
    assert one.bits <= ONE_COINCIDENCE * MOST
    assert everybody.bits == pytest.approx(MOST * 0.74, abs=0.1)
