"""Campaigns that share several rare things have one operator; common things tell nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.grouping import things

from cautery.scan.communities import rarity_bits
from cautery.scan.incidences import Incidences
from cautery.scan.operators import (
    LEAST_BITS,
    LEAST_TOKENS,
    ONE_CAMPAIGN,
    operator_labels,
    operator_reasons,
    operator_ties,
)

COUNT = 512
LARGE = 4_096
MEMBERS = [range(8), range(8, 16), range(16, 24)]


def labels(incidences: Mapping[str, Incidences], listed: list[int] | None = None) -> list[int]:
    """Label three groups, or some of them."""
    groups = bare_groups(COUNT, MEMBERS, incidences)
    return operator_labels(bare_facts(COUNT), groups, [0, 1, 2] if listed is None else listed)


def bridges(left: int, right: int, count: int, *, outside: int = 0) -> dict[str, list[int]]:
    """Make tokens that one account each of two groups has, and so many strangers."""
    strangers = list(range(100, 100 + outside))
    return {
        f"{left}-{right}-{place}": [MEMBERS[left][place], MEMBERS[right][place], *strangers]
        for place in range(count)
    }


def test_enough_rare_tokens() -> None:
    """Three rare cards in common make one operator of two campaigns, two do not."""
    assert labels({"payment": things(bridges(0, 1, LEAST_TOKENS))}) == [0, 0, 1]
    assert labels({"payment": things(bridges(0, 1, LEAST_TOKENS - 1))}) == [0, 1, 2]


def test_two_things_are_never_enough() -> None:
    """Two cards in common make no operator even where chance would not give them in a thousand."""
    pairs = {"payment": things(bridges(0, 1, LEAST_TOKENS - 1))}
    groups, facts = bare_groups(LARGE, MEMBERS, pairs), bare_facts(LARGE)
    assert operator_labels(facts, groups, [0, 1, 2]) == [0, 1, 2]
    pairs = {"payment": things(bridges(0, 1, LEAST_TOKENS))}
    (tie,) = operator_ties(facts, bare_groups(LARGE, MEMBERS, pairs), [0, 1, 2])
    assert tie.log_p < math.log(0.001)


def test_links_count_together() -> None:
    """A card, an address and a device in common are as much as three cards."""
    pairs = {name: things(bridges(0, 2, 1)) for name in ("payment", "address", "device")}
    assert labels(pairs) == [0, 1, 0]


def test_addresses_do_not_tie_who_was_chosen_by_them() -> None:
    """A group that infrastructure alone joins is tied by cards, and not by addresses."""
    for link, tied in (("address", [0, 1, 2]), ("payment", [0, 0, 1])):
        plain = bare_groups(COUNT, MEMBERS, {link: things(bridges(0, 1, 6))})
        groups = replace(plain, basis=("both", "infrastructure", "both"))
        assert operator_labels(bare_facts(COUNT), groups, [0, 1, 2]) == tied


def test_common_tokens_tell_nothing() -> None:
    """What many strangers have as well makes no operator, however often it is shared."""
    outside = math.ceil(COUNT / 2**LEAST_BITS)
    assert labels({"payment": things(bridges(0, 1, 8, outside=outside))}) == [0, 1, 2]


def test_other_links_tell_nothing() -> None:
    """A network, a referral code or a template in common makes no operator."""
    pairs = {
        name: things(bridges(0, 1, 8))
        for name in ("network", "referral", "email_domain", "template")
    }
    assert labels(pairs) == [0, 1, 2]


def test_one_token_of_many_members_counts_once() -> None:
    """A card that all accounts of two campaigns have is one thing in common."""
    assert labels({"payment": things({"p": range(16)})}) == [0, 1, 2]


def test_operators_go_on_through_campaigns() -> None:
    """A campaign between two others makes all three one operator's."""
    pairs = bridges(0, 1, LEAST_TOKENS) | bridges(1, 2, LEAST_TOKENS)
    assert labels({"payment": things(pairs)}) == [0, 0, 0]


def test_labels_follow_the_printed_order() -> None:
    """Labels count up from 0 in the order of the list, and unlisted groups tie nobody together."""
    pairs = {"payment": things(bridges(0, 1, LEAST_TOKENS) | bridges(1, 2, LEAST_TOKENS))}
    assert labels(pairs, [2, 1]) == [0, 0]
    assert labels(pairs, [2, 0]) == [0, 1]
    for link in ("payment", "address"):
        assert labels({link: pairs["payment"]}, []) == []


def test_nothing_shared() -> None:
    """Without links, or without shared things, every campaign has an operator of its own."""
    for pairs in ({}, {"payment": things({})}, {"payment": things({"p": (0,), "q": (100,)})}):
        assert labels(pairs) == [0, 1, 2]


@given(
    st.dictionaries(st.integers(0, 9), st.sets(st.integers(0, 29), min_size=1), max_size=10),
    st.permutations(range(3)),
)
def test_any_sharing(held: dict[int, set[int]], order: list[int]) -> None:
    """Labels start at 0 without gaps, and another order of the list ties the same campaigns."""
    pairs = {"payment": things({f"t{name}": sorted(accounts) for name, accounts in held.items()})}
    plain, turned = labels(pairs), labels(pairs, order)
    for found in (plain, turned):
        assert list(dict.fromkeys(found)) == list(range(len(set(found))))
    for one in range(3):
        for other in range(3):
            same = turned[order.index(one)] == turned[order.index(other)]
            assert same == (plain[one] == plain[other])


def test_random_holders_tie_nobody() -> None:
    """Null: rare addresses with random holders, many of them in common, tie no two campaigns."""
    members = [range(24), range(24, 48), range(48, 72)]
    tied, common = 0, []
    for seed in range(10):
        generator = np.random.default_rng(seed)
        held = {f"a{n}": generator.choice(LARGE, 16, replace=False).tolist() for n in range(3_000)}
        pairs = things(held)
        facts, groups = bare_facts(LARGE), bare_groups(LARGE, members, {"address": pairs})
        tied += len(operator_ties(facts, groups, [0, 1, 2]))
        rare = pairs.token[rarity_bits(pairs, LARGE) >= LEAST_BITS]
        of = [
            set(pairs.token[np.isin(pairs.account, list(each))]) & set(rare.tolist())
            for each in members
        ]
        common.append(len(of[0] & of[1]))
    assert min(common) > LEAST_TOKENS  # else there would be nothing for the test to refuse
    assert tied == 0


def test_the_reason_counts() -> None:
    """The reason of an operator names what its campaigns share and how rarely that is chance."""
    pairs = {"payment": things(bridges(0, 1, 5)), "address": things(bridges(0, 1, 2))}
    facts, groups = bare_facts(COUNT), bare_groups(COUNT, MEMBERS, pairs)
    one, alone = operator_reasons(facts, groups, [0, 1, 2])
    assert "2 client addresses, 5 payment instruments" in one
    assert "10^-" in one
    assert alone == ONE_CAMPAIGN
