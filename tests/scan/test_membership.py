"""Membership: what an account shares and how it behaves, in rows that add up to its chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.grouping import things
from tests.scan.member_groups import (
    CARDS,
    COUNT,
    GROUP,
    TOKENS,
    Columns,
    bits,
    grouped,
    harvesting,
    measured,
)
from tests.scan.scanning import row_of, total_of

from cautery.scan.evidence import chance
from cautery.scan.living import MOST_UNLINKED, PRIOR_BITS, Prompted
from cautery.scan.membership import (
    HARD_LINKS,
    LEAST_LIVING_STYLE_BITS,
    LEAST_STYLE_BITS,
    LIVING_BITS,
    MOST_INFRASTRUCTURE_BITS,
    MOST_LINK_BITS,
    MOST_SOFT_BITS,
    MOST_STYLE_BITS,
    OPEN_BITS,
    Membership,
    measure_membership,
)
from cautery.scan.settling import LEAST_MEMBERSHIP


def test_a_sharing_member_belongs() -> None:
    """Who shares a rare card and lives on the group's templates is a member, with two reasons."""
    found = measured(grouped({"payment": things(CARDS)}))
    assert found.linked_probability[0] > 0.9
    assert row_of(found.weights(0), "payment").family == "infrastructure"
    assert row_of(found.weights(0), "template").bits > 0
    assert found.harvest[list(GROUP)].tolist() == [8] * len(GROUP)


def test_a_stranger_has_no_membership() -> None:
    """An account in no group belongs to none."""
    found = measured(grouped({"payment": things(CARDS)}))
    assert found.linked_probability[len(GROUP) :].tolist() == [0.0] * (COUNT - len(GROUP))


def test_a_card_of_many_strangers() -> None:
    """A card that many accounts outside share as well gives few bits, one of the group many."""
    popular = {"hub": [*GROUP, *range(100, 350)]}
    own, common = (
        bits(measured(grouped({"payment": things(held)})), 0, "payment")
        for held in ({"hub": GROUP}, popular)
    )
    assert own > 4
    assert 0 <= common < 1


def test_an_address_of_an_account_with_many() -> None:
    """An account that meets everybody through many networks shares less with each of them."""
    many = {f"n{place}": (0, 1, 200 + place) for place in range(32)} | {"few": (2, 3)}
    found = measured(grouped({"network": things(many)}))
    assert bits(found, 0, "network") < bits(found, 2, "network")


def test_the_card_of_one_member() -> None:
    """A card that no other member has gives no bits, whoever else outside has it."""
    found = measured(grouped({"payment": things({"a": (0, 100), "b": (1,)})}))
    assert found.link_bits["payment"].tolist() == [0.0] * COUNT


def test_open_customers_share_no_secret() -> None:
    """A card of several accounts of one declared organisation is no link between them."""
    columns: Columns = {"org_id": ["acme" if n < 4 else None for n in range(COUNT)]}
    found = measured(grouped({"payment": things(CARDS)}), columns)
    assert bits(found, 0, "payment") == 0
    assert bits(found, 4, "payment") > 0


@pytest.mark.parametrize("name", ["device", "email_domain", "referral", "sign_up_cohort"])
def test_soft_links_are_capped(name: str) -> None:
    """What many strangers have in common gives little, however rare it is, and links nobody."""
    found = measured(grouped({name: things({"x": GROUP})}, users=()))
    assert bits(found, 0, name) == MOST_SOFT_BITS
    assert found.linked_probability[0] <= LEAST_MEMBERSHIP


def test_hard_links_are_capped() -> None:
    """One card gives so many bits and no more, all shared things together little more."""
    links = {name: things({"x": GROUP}) for name in ("payment", "address", "device", "referral")}
    found = measured(grouped(links))
    rows = [row for row in found.weights(0) if row.family == "infrastructure"]
    assert max(row.bits for row in rows) <= MOST_LINK_BITS
    assert sum(row.bits for row in rows) == pytest.approx(MOST_INFRASTRUCTURE_BITS)
    assert bits(found, 0, "sharing_limit") < 0


def test_an_address_lies_in_its_network() -> None:
    """Address and network are one piece of evidence, and count once."""
    both = {name: things({"x": GROUP}) for name in ("address", "network")}
    assert set(measured(grouped(both)).link_bits) == {"address"}
    assert set(measured(grouped({"network": both["network"]})).link_bits) == {"network"}


def test_without_templates() -> None:
    """Without own templates only what is shared counts, and nobody is held to be unlike."""
    groups = bare_groups(COUNT, [GROUP], {"payment": things(CARDS)}, basis="infrastructure")
    found = measured(groups)
    assert found.template_bits.tolist() == [0.0] * COUNT
    assert {row.signal for row in found.weights(0)} == {"prior", "payment"}


def test_behaviour_alone() -> None:
    """A group that only behaviour formed keeps its members, if surely by nothing else."""
    found = measured(grouped({}, basis="behaviour"))
    assert LEAST_MEMBERSHIP < found.linked_probability[0] <= MOST_UNLINKED + 0.01


def test_open_customers_are_pushed_out() -> None:
    """A firm that says who it is, among strangers with its program, is no member of a pool."""
    columns: Columns = {"org_id": ["acme" if n in {14, 15} else None for n in range(COUNT)]}
    found = measured(grouped({"payment": things(CARDS)}), columns)
    assert bits(found, 15, "customer") == OPEN_BITS
    assert found.linked_probability[15] < found.linked_probability[0]
    assert bits(found, 0, "customer") == 0


def test_a_group_of_one_customer() -> None:
    """Where most of the group is one customer, the customer is the group and not pushed out."""
    columns: Columns = {"org_id": ["acme" if n < 10 else None for n in range(COUNT)]}
    found = measured(grouped({"payment": things(CARDS)}), columns)
    assert found.open_bits.tolist() == [0.0] * COUNT


def test_client_and_parameters() -> None:
    """The client of the linked members speaks for a member, another one against, within bounds."""
    styles = things({"pipeline": range(15), "common": [15, *range(16, COUNT)]})
    found = measured(grouped({"payment": things(CARDS), "parameters": styles}))
    assert bits(found, 0, "parameters") == MOST_STYLE_BITS
    assert LEAST_STYLE_BITS <= bits(found, 15, "parameters") < 0
    assert row_of(found.weights(15), "parameters").label == "other client and parameters"


def test_no_client_speaks_for_itself() -> None:
    """A client that one member alone uses is no client of the group's."""
    styles = things({f"own-{n}": (n,) for n in GROUP} | {"common": range(20, COUNT)})
    found = measured(grouped({"payment": things(CARDS), "parameters": styles}))
    assert bits(found, 0, "parameters") <= 0


def test_everybodys_client_says_little() -> None:
    """A client that strangers use as often as the group says nothing of its members."""
    styles = things({"common": range(COUNT)})
    found = measured(grouped({"payment": things(CARDS), "parameters": styles}))
    assert abs(bits(found, 0, "parameters")) <= 0.1


LINKS = st.dictionaries(
    st.sampled_from(["payment", "address", "network", "device", "referral", "parameters"]),
    st.lists(st.sets(st.integers(0, 39), min_size=1), max_size=6),
)


def drawn(links: Mapping[str, Sequence[set[int]]], order: Sequence[int]) -> Membership:
    """Measure two groups of a log of forty accounts, numbered in some order."""
    members = [[order[n] for n in range(9)], [order[n] for n in range(9, 20)]]
    incidences = {
        name: things({f"t{place}": [order[n] for n in held] for place, held in enumerate(tokens)})
        for name, tokens in links.items()
    }
    using = [order[n] for n in (*range(7), *range(9, 12), 30)]
    incidences["template"] = harvesting(using)
    groups = bare_groups(
        40, members, incidences, own=[TOKENS, ()], harvest=dict.fromkeys(using[:7], 6)
    )
    return measure_membership(bare_facts(40), groups)


@given(LINKS, st.permutations(range(40)))
@settings(max_examples=30)
def test_rows_add_up_whatever_is_shared(links: dict[str, list[set[int]]], order: list[int]) -> None:
    """Prior and rows add up to the printed chance, and numbers of accounts do not matter."""
    plain, moved = drawn(links, range(40)), drawn(links, order)
    for account in range(20):
        rows = plain.weights(account)
        assert rows[0].bits == PRIOR_BITS
        assert plain.linked_probability[account] == chance(total_of(rows))
        assert rows == moved.weights(order[account])
        capped = [row for row in rows if row.signal in {*links} - {*HARD_LINKS, "parameters"}]
        assert all(row.bits <= MOST_SOFT_BITS for row in capped)
    assert plain.linked_probability.tolist() == moved.linked_probability[list(order)].tolist()
    assert np.all(plain.linked_probability[20:] == 0)


def test_pools_that_rotate_clients_forgive_another_one() -> None:
    """Where linked members have clients of their own, one more says less than in a uniform pool."""
    rotating = things({f"client-{n}": [n] for n in range(16)} | {"common": [*range(16, COUNT)]})
    uniform = things({"pipeline": range(15), "client-15": [15], "common": [*range(16, COUNT)]})
    against = [
        measured(grouped({"payment": things(CARDS), "parameters": styles})).style_bits[15]
        for styles in (rotating, uniform)
    ]
    assert LEAST_STYLE_BITS <= against[1] < against[0] <= 0.0


@pytest.mark.parametrize(
    ("harvest", "least"), [(60, LEAST_LIVING_STYLE_BITS), (20, LEAST_STYLE_BITS)]
)
def test_another_client_of_who_repeats_the_templates(harvest: int, least: float) -> None:
    """It says less against an account that shares nothing but repeats them often enough."""
    styles = things({"pipeline": range(16), "common": [*range(16, COUNT)]})
    groups = bare_groups(
        COUNT,
        [range(17)],
        {"template": harvesting(range(17)), "payment": things(CARDS), "parameters": styles},
        own=[list(TOKENS)],
        harvest=dict.fromkeys(range(17), harvest),
    )
    private = Prompted(odds=np.full(COUNT, 20.0), private_tokens=np.array(TOKENS))
    found = measure_membership(bare_facts(COUNT, exchanges=harvest), groups, private)
    assert bits(found, 16, "template") >= LIVING_BITS
    assert bits(found, 16, "parameters") == least


def test_strangers_around_an_account() -> None:
    """Among strangers, one's own card and templates say little, also once the others are gone."""
    groups = grouped({"payment": things(CARDS)}, range(18))
    alone = measured(groups)
    nearby = np.full(COUNT, np.inf)
    nearby[[0, 17]] = 0.1
    among = measure_membership(
        bare_facts(COUNT), groups, Prompted(odds=np.full(COUNT, -np.inf), nearby=nearby)
    )
    assert bits(among, 17, "template") <= bits(alone, 17, "template") - 3.0
    assert bits(among, 0, "template") <= bits(alone, 0, "template") - 3.0
    assert bits(among, 1, "template") == bits(alone, 1, "template")
    assert np.isinf(among.nearby[1:17]).all()
