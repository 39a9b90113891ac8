"""Living on templates: who shares nothing, and what his use of the prompts says of him."""

from __future__ import annotations

import numpy as np
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.grouping import things
from tests.scan.member_groups import (
    CARDS,
    COUNT,
    GROUP,
    TOKENS,
    bits,
    grouped,
    harvesting,
    joined,
    measured,
)

from cautery.scan.evidence import chance
from cautery.scan.known_templates import known_shingles
from cautery.scan.living import (
    MOST_UNDECIDED,
    MOST_UNLINKED,
    PARTY_BITS,
    UNLIKE_BITS,
    Prompted,
)
from cautery.scan.membership import measure_membership
from cautery.scan.settling import LEAST_MEMBERSHIP


def test_templates_that_no_linked_member_uses() -> None:
    """Who lives on what other strangers brought into the group is no member by that."""
    own = harvesting(range(16))
    brought = harvesting(range(16, 20), range(2_000, 2_012))
    groups = bare_groups(
        COUNT,
        [range(20)],
        {"payment": things(CARDS), "template": joined(own, brought)},
        own=[[*TOKENS, *range(2_000, 2_012)]],
        harvest=dict.fromkeys(range(20), 8),
    )
    found = measured(groups)
    assert bits(found, 17, "template") <= 0.0 < bits(found, 1, "template")


def test_an_account_on_the_card_of_a_campaign() -> None:
    """Who pays with a card of five sure members is not doubted for what it has asked so far."""
    users = [account for account in GROUP if account != 7]
    own, common = (
        measured(grouped({"payment": things({"card": held})}, users=users))
        for held in (range(8), [*range(8), *range(100, 106)])
    )
    assert bits(own, 7, "template") == 0.0
    assert own.linked_probability[7] > 0.9
    assert bits(common, 7, "template") == UNLIKE_BITS
    assert common.linked_probability[7] < own.linked_probability[7]


def test_none_of_the_templates_that_decide() -> None:
    """Few exchanges, none on what only the group asks, are not enough where others have those."""
    groups = bare_groups(
        COUNT,
        [range(20)],
        {"payment": things(CARDS), "template": harvesting(range(20))},
        own=[TOKENS],
        harvest=dict.fromkeys(range(20), 4),
    )
    odds = np.full(COUNT, -np.inf)
    odds[:19] = 20.0
    found = measure_membership(bare_facts(COUNT, exchanges=4), groups, Prompted(odds=odds))
    assert found.linked_probability[18] > MOST_UNDECIDED + 0.05
    assert found.linked_probability[19] <= MOST_UNDECIDED + 0.01


def test_look_alikes_are_bounded() -> None:
    """A few accounts that share nothing are members; a crowd of them is one program's users."""
    cards = things(CARDS)
    few, many = (measured(grouped({"payment": cards}, range(16 + extra))) for extra in (4, 200))
    assert few.linked_probability[17] >= LEAST_MEMBERSHIP > many.linked_probability[17]
    said = sum(row.bits for row in few.weights(17) if row.signal != "member_calibration")
    assert chance(said) <= MOST_UNLINKED + 0.01
    assert many.linked_probability[0] > 0.9


def test_a_small_party_is_no_likelier_a_stranger_than_who_shares_nothing() -> None:
    """Three on a card of their own who live on the templates are members, and bounded."""
    cards = things({"a": range(8), "b": range(8, 14), "firm": (15, 16, 17)})
    found = measured(grouped({"payment": cards}, range(20)))
    assert bits(found, 15, "template") <= PARTY_BITS
    assert found.linked_probability[15] > 0.9
    assert found.linked_probability[15] < found.linked_probability[0]


def test_without_payments_two_at_one_address_are_no_count() -> None:
    """Who shares an address by chance makes no strangers of a group that behaviour joins."""
    address = {"address": things({"cafe": (3, 4)})}
    unknown = measured(grouped(address, range(40), basis="behaviour"))
    paid = measured(grouped({**address, "payment": things({})}, range(40), basis="behaviour"))
    assert unknown.linked_probability[20] > LEAST_MEMBERSHIP > paid.linked_probability[20]


def test_stock_prompts_bring_in_few() -> None:
    """Prompts of a public pipeline say less of accounts that share nothing."""
    stock = known_shingles()[:12].tolist()
    cards, members = things(CARDS), range(20)
    own = measured(grouped({"payment": cards}, members))
    public = measured(grouped({"payment": cards}, members, tokens=stock))
    assert public.linked_probability[17] < own.linked_probability[17]
    assert public.linked_probability[0] == own.linked_probability[0]


def test_who_shares_and_asks_otherwise() -> None:
    """An account on a shared card that uses none of the group's templates is doubted."""
    found = measured(grouped({"payment": things(CARDS)}, users=range(15)))
    assert bits(found, 15, "template") == UNLIKE_BITS
    assert found.linked_probability[15] < found.linked_probability[14]
