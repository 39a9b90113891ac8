"""Customers who each keep to their own networks, and a pool that mixes cards and exits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named, things
from tests.scan.signals.conftest import LogWithout, NullWeights
from tests.scan.small_logs import HOSTILE, Row
from tests.scan.weighed import (
    assert_not_in_this_log,
    at,
    least,
    mean_bits,
    things_of,
    weigh,
    weigh_bare,
    weigh_one,
    with_hostile,
)
from tests.scan.worlds import ordinary

from cautery.scan.signals.separate_customers import CURVE, accounts_apart

NAME = "separate_customers"
Sites = Sequence[Iterable[str]]


def holders(sites: Sites) -> dict[str, list[int]]:
    """Turn the networks of each account into the accounts of each network."""
    names = {name for shown in sites for name in shown}
    return {name: [n for n, shown in enumerate(sites) if name in shown] for name in names}


def apart(payers: Sequence[str | None], sites: Sites) -> list[bool]:
    """Tell which accounts of one group are of a payer that keeps to itself."""
    groups = bare_groups(len(payers), [range(len(payers))])
    found = accounts_apart(things_of(payers), things(holders(sites)), groups)
    return [bool(one) for one in found]


def bits_of(payers: Sequence[str | None], sites: Sites) -> float:
    """Weigh one group of accounts with these payers and networks."""
    count = len(payers)
    pairs = {"payment": things_of(payers), "network": things(holders(sites))}
    (bits,) = weigh_bare(NAME, bare_facts(count), bare_groups(count, [range(count)], pairs))
    return bits


def test_customers_with_offices() -> None:
    """Payers whose accounts share networks among themselves only are customers of their own."""
    payers = [f"card-{number // 4}" for number in range(16)]
    assert apart(payers, [{f"office-{number // 4}"} for number in range(16)]) == [True] * 16
    assert bits_of(payers, [{f"office-{number // 4}"} for number in range(16)]) == least(CURVE)


def test_pool() -> None:
    """Where accounts of several payers meet on each exit nobody is cleared."""
    payers = [f"card-{number // 4}" for number in range(16)]
    exits = [{f"exit-{number % 4}", f"exit-{(number + 1) % 4}"} for number in range(16)]
    assert apart(payers, exits) == [False] * 16
    assert bits_of(payers, exits) == 0.0


def test_one_meeting_is_enough() -> None:
    """A payer that once met another on a network is not apart, and neither is the other."""
    payers = ["a", "a", "b", "b", "c", "c"]
    sites = [{"x"}, {"x", "meet"}, {"y", "meet"}, {"y"}, {"z"}, {"z"}]
    assert apart(payers, sites) == [False] * 4 + [True] * 2
    assert bits_of(payers, sites) == at(CURVE, 2 / 6)


def test_nothing_shared_clears_nobody() -> None:
    """An address for each account is what an owner with home exits has: it clears nobody."""
    payers = [f"card-{number // 4}" for number in range(16)]
    assert apart(payers, [{f"home-{number}"} for number in range(16)]) == [False] * 16


def test_without_payer() -> None:
    """Accounts without a payment are nobody's customers, whatever network they share."""
    assert apart([None, None, "a", "a"], [{"x"}] * 4) == [False, False, True, True]


def test_groups_are_judged_apart() -> None:
    """What accounts of a payer do in one group neither clears nor accuses those in another."""
    payers = ["a", "a", "a", "b"]
    sites: Sites = [{"x"}, {"x"}, {"y"}, {"y"}]
    groups = bare_groups(4, [[0, 1], [2, 3]])
    found = accounts_apart(things_of(payers), things(holders(sites)), groups)
    assert found.tolist() == [True, True, False, False]


@given(
    st.lists(
        st.tuples(st.sampled_from([None, "a", "b", "c"]), st.sets(st.sampled_from("wxyz"))),
        min_size=1,
        max_size=14,
    )
)
def test_as_said_in_words(accounts: list[tuple[str | None, set[str]]]) -> None:
    """Who meets an account of the same payer is apart, unless an account of it meets another's."""
    payers, sites = [payer for payer, _sites in accounts], [shown for _payer, shown in accounts]
    meetings = [
        (left, right)
        for left in range(len(accounts))
        for right in range(len(accounts))
        if left != right and sites[left] & sites[right] and payers[left] and payers[right]
    ]
    within = {left for left, right in meetings if payers[left] == payers[right]}
    across = {payers[left] for left, right in meetings if payers[left] != payers[right]}
    expected = [place in within and payers[place] not in across for place in range(len(accounts))]
    assert apart(payers, sites) == expected


def test_a_chance_meeting_clears_no_card() -> None:
    """Two of sixteen accounts on one card that met once do not make it a customer with offices."""
    payers = ["card"] * 16 + ["other"] * 4
    sites: Sites = [{"cafe"}, {"cafe"}, *({f"home-{number}"} for number in range(18))]
    assert sum(apart(payers, sites)) == 2
    assert bits_of(payers, sites) == 0.0


def test_in_a_log(read_log: ReadLog) -> None:
    """Four firms with one program are cleared; accounts of one owner behind few exits are not."""

    def firm(number: int, _turn: int) -> Row:
        return {"client_address": f"203.0.{number // 6}.{number}"}

    def pool(number: int, turn: int) -> Row:
        return {"client_address": f"192.0.{(number + turn) % 5}.{number}"}

    def firm_card(number: int) -> Row:
        return {"payment_fingerprint": f"firm-{number // 6}"}

    def pool_card(number: int) -> Row:
        return {"payment_fingerprint": f"pool-{number // 6}"}

    firms = ordinary(24, name="firm", block=3, columns=firm, account_columns=firm_card)
    pools = ordinary(24, name="pool", block=4, columns=pool, account_columns=pool_card)
    facts = read_log(ordinary(10) + firms + pools)
    first, second = weigh(facts, NAME, named(facts, "firm"), named(facts, "pool"))
    assert (first.bits, first.observed) == (least(CURVE), "100 % of accounts")
    assert (second.bits, second.observed) == (0.0, "0 % of accounts")


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers are neither cleared nor accused."""
    assert abs(mean_bits(null_weights[NAME])) <= 0.1


def test_never_speaks_for_a_campaign() -> None:
    """This signal only clears."""
    assert max(bits for _place, bits in CURVE) == 0.0


def test_missing_columns(log_without: LogWithout) -> None:
    """Without payments or without addresses nothing is known of separate customers."""
    payment, network = "accounts.payment_fingerprint", "client_network"
    assert_not_in_this_log(log_without(payment), NAME, [payment])
    assert_not_in_this_log(log_without("client_address"), NAME, [network])


def test_hostile_values(read_log: ReadLog) -> None:
    """Any token is a payer and what is no address is no network: nobody is cleared by them."""
    columns = {
        "accounts.payment_fingerprint": (*HOSTILE, "", None),
        "client_address": (*HOSTILE, "192.0.2.7", "198.18.0.1"),
    }
    facts = read_log(with_hostile(ordinary(20), columns))
    assert weigh_one(facts, NAME, facts.account_ids).bits == 0.0
