"""One office behind one network, and an owner who spreads accounts over many."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import LogWithout, NullWeights
from tests.scan.small_logs import HOSTILE, Row
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

from cautery.scan.signals.site_spread import CURVE, LEAST_SHARING, MOST_EXCUSED

NAME = "site_spread"


def bits_of(networks: Sequence[str | None]) -> float:
    """Weigh a group of accounts that work from these networks."""
    count = len(networks)
    groups = bare_groups(count, [range(count)], {"network": things_of(networks)})
    (bits,) = weigh_bare(NAME, bare_facts(count), groups)
    return bits


def sites_of(accounts: int, on_each: int) -> list[str]:
    """Put so many accounts on each network."""
    return [f"net-{number // on_each}" for number in range(accounts)]


def test_one_office() -> None:
    """All accounts behind one network are an office, a school or a household."""
    assert bits_of(sites_of(100, 100)) == least(CURVE)


def paid_by(payers: Sequence[str | None], networks: Sequence[str]) -> float:
    """Weigh a group with these payers and networks."""
    count = len(networks)
    links = {"network": things_of(networks), "payment": things_of(payers)}
    (bits,) = weigh_bare(NAME, bare_facts(count), bare_groups(count, [range(count)], links))
    return bits


def test_one_site_with_many_shared_cards_is_no_office() -> None:
    """Ten cards that ten accounts each share leave a quarter of what one site says."""
    cards = [f"card-{number // 10}" for number in range(100)]
    assert paid_by(cards, sites_of(100, 100)) == pytest.approx(
        (1.0 - MOST_EXCUSED) * least(CURVE), abs=0.05
    )


def test_payers_of_offices_and_schools_excuse_nothing() -> None:
    """One card for all, a card each, or no card known: one site weighs in full."""
    alone = [f"card-{number}" for number in range(100)]
    for cards in (["card"] * 100, alone, [None] * 100):
        assert paid_by(cards, sites_of(100, 100)) == least(CURVE)


def test_payers_never_weigh_many_sites_up() -> None:
    """What speaks for a pool stays as it is."""
    cards = [f"card-{number // 10}" for number in range(120)]
    assert paid_by(cards, sites_of(120, 4)) == most(CURVE)


def test_many_sites() -> None:
    """An owner with many shared networks is not cleared, and hardly weighed up for them."""
    assert bits_of(sites_of(120, 4)) == most(CURVE) > 0.0


def test_a_network_each() -> None:
    """Accounts that share no network say nothing about sites."""
    assert bits_of(sites_of(100, 1)) == 0.0
    assert bits_of([None] * 8 + ["x"]) == 0.0


def test_few_sharers() -> None:
    """A pair behind one network among accounts that are elsewhere is no office."""
    assert bits_of(["pair", "pair", *sites_of(int(2 / LEAST_SHARING), 1)]) == 0.0


@pytest.mark.parametrize("on_each", [2, 5, 10, 20, 40])
def test_more_sites_never_clear(on_each: int) -> None:
    """Twice as many networks for the same accounts never weigh less."""
    assert bits_of(sites_of(80, on_each)) >= bits_of(sites_of(80, 2 * on_each))


def test_home_workers() -> None:
    """An office whose people sometimes work elsewhere is still one office."""
    assert bits_of(["office"] * 90 + sites_of(10, 1)) < 0.0


@given(st.lists(st.sampled_from([None, "a", "b", "c", "d", "e"]), min_size=1, max_size=60))
def test_bounded_and_without_order(networks: list[str | None]) -> None:
    """The bits never leave the curve, and which account sits where does not matter."""
    bits = bits_of(networks)
    assert min(least(CURVE), 0.0) <= bits <= most(CURVE)
    assert bits_of(networks[::-1]) == bits


def test_in_a_log(read_log: ReadLog) -> None:
    """A class behind one address is weighed down, accounts of a pool of exits are not."""

    def school(_number: int, _turn: int) -> Row:
        return {"client_address": "203.0.113.7"}

    pupils = ordinary(24, name="pupil", block=3, columns=school)
    facts = read_log(ordinary(30) + planted(24, accounts_per_address=3) + pupils)
    pool, office = weigh(facts, NAME, named(facts, "planted"), named(facts, "pupil"))
    assert office.bits == least(CURVE)
    assert pool.bits >= 0.0
    assert office.observed == "about 1 networks for 24 accounts"
    assert pool.observed == "about 8 networks for 24 accounts"


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers, each with a network of its own, weigh nothing."""
    rows = null_weights[NAME]
    assert abs(mean_bits(rows)) <= 0.1
    assert max(row.bits for row in rows) <= most(CURVE)


def test_missing_column(log_without: LogWithout) -> None:
    """Without addresses nothing is known of sites."""
    facts = log_without("client_address")
    assert_not_in_this_log(facts, NAME, ["client_network"])


def test_hostile_values(read_log: ReadLog) -> None:
    """What is no address is no site, however many accounts send it."""
    values = (*HOSTILE, "", "192.0.2.7", "198.18.0.1")
    facts = read_log(with_hostile(ordinary(20), {"client_address": values}))
    row = weigh_one(facts, NAME, facts.account_ids)
    assert row.bits < 0.0
    assert row.observed in {f"about {sites} networks for 20 accounts" for sites in (1, 2)}
