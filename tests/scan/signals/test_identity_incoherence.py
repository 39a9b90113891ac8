"""Requests whose headers belong to another client than they name, and rare honest clients."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import NullWeights
from tests.scan.small_logs import HOSTILE, Row
from tests.scan.weighed import (
    assert_not_in_this_log,
    least,
    mean_bits,
    most,
    weigh_one,
    with_hostile,
)
from tests.scan.worlds import ordinary

from cautery.scan.signals.identity_incoherence import (
    CURVE,
    DOMINANT,
    FEWEST_ACCOUNTS,
    contradicting_exchanges,
)

NAME = "identity_incoherence"
Seen = tuple[int, str, str, int]
"""Account, header order, product and exchanges."""


def odd_exchanges(seen: list[Seen], count: int) -> list[int]:
    """Count contradicting exchanges by account."""
    names = ("account", "header_order", "product", "exchanges")
    columns = zip(names, zip(*seen, strict=True), strict=True)
    table = pa.table({name: list(values) for name, values in columns})
    return [int(one) for one in contradicting_exchanges(table, count)]


def crowd_of(product: str, order: str, count: int) -> list[Seen]:
    """Make accounts that all name one product and send its order, one exchange each."""
    return [(account, order, product, 1) for account in range(count)]


def client(product: str, order: str) -> Row:
    """Make the two columns of one client."""
    return {"user_agent": f"{product}/2.0", "header_order": order}


def honest(number: int, turn: int) -> Row:
    """Name one of two clients, in several versions, with its own order of headers."""
    kind = "curl" if number % 2 else "node"
    return client(kind, f"order-of-{kind}") | {"user_agent": f"{kind}/1.{turn}"}


def test_dominant_client() -> None:
    """Who sends the order of one client and names another contradicts it, exchange by exchange."""
    seen = [*crowd_of("node", "o", 20), (20, "o", "chrome", 7), (20, "own", "chrome", 2)]
    assert odd_exchanges(seen, 22) == [0] * 20 + [7, 0]


def test_no_dominant_client() -> None:
    """An order that two clients share contradicts neither of them."""
    few = int(20 * (1 - DOMINANT)) + 3
    seen = [*crowd_of("node", "o", 20), *((20 + n, "o", "deno", 1) for n in range(few))]
    assert odd_exchanges(seen, 20 + few) == [0] * (20 + few)


def test_too_few_accounts() -> None:
    """An order of fewer accounts than it takes has no dominant client."""
    seen = [*crowd_of("node", "o", FEWEST_ACCOUNTS - 2), (FEWEST_ACCOUNTS - 2, "o", "chrome", 9)]
    assert odd_exchanges(seen, FEWEST_ACCOUNTS) == [0] * FEWEST_ACCOUNTS


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9), st.sampled_from("op"), st.sampled_from("abc"), st.integers(1, 5)
        ),
        min_size=1,
        max_size=40,
        unique_by=lambda row: row[:3],
    )
)
def test_bounded_and_without_order(seen: list[Seen]) -> None:
    """Nobody contradicts more often than it calls, in whatever order the rows come."""
    found = odd_exchanges(seen, 10)
    assert odd_exchanges(seen[::-1], 10) == found
    for account, odd in enumerate(found):
        assert 0 <= odd <= sum(row[3] for row in seen if row[0] == account)


def plain_odd_exchanges(seen: list[Seen], count: int) -> list[int]:
    """Count contradicting exchanges row by row, with sets."""
    holders: dict[str, dict[str, set[int]]] = {}
    for account, order, product, _exchanges in seen:
        holders.setdefault(order, {}).setdefault(product, set()).add(account)
    odd = [0] * count
    for account, order, product, exchanges in seen:
        named = holders[order]
        most = max(named, key=lambda name: (len(named[name]), name))
        accounts = len(set().union(*named.values()))
        dominates = accounts >= FEWEST_ACCOUNTS and len(named[most]) >= DOMINANT * accounts
        odd[account] += exchanges if dominates and product != most else 0
    return odd


@given(
    st.lists(
        st.tuples(
            st.integers(0, 12), st.sampled_from("op"), st.sampled_from("aab"), st.integers(1, 5)
        ),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(["b", "é", ""]),
)
def test_counted_row_by_row(seen: list[Seen], rare: str) -> None:
    """Whole columns give what a loop over the rows gives, rows that come twice included."""
    crowd = [(account, "o", "a", 1) for account in range(13)]
    seen = [*crowd, *seen, (0, "o", rare, 3)]
    assert odd_exchanges(seen, 13) == plain_odd_exchanges(seen, 13)


def test_planted_group(read_log: ReadLog) -> None:
    """Relays that name a browser's client and send a script's headers weigh up."""

    def relay(_number: int, _turn: int) -> Row:
        return client("node", "order-of-curl")

    facts = read_log(ordinary(60, columns=honest) + ordinary(3, name="relay", columns=relay))
    row = weigh_one(facts, NAME, named(facts, "relay"))
    assert row.bits == most(CURVE)
    assert (row.observed, row.usual) == ("100 % of exchanges", "0 %")


def test_rare_honest_client(read_log: ReadLog) -> None:
    """A program that few use, with headers of its own, contradicts nobody."""

    def rare(_number: int, _turn: int) -> Row:
        return client("homemade", "order-of-homemade")

    facts = read_log(ordinary(40, columns=honest) + ordinary(8, name="rare", columns=rare))
    row = weigh_one(facts, NAME, named(facts, "rare"))
    assert (row.bits, row.observed) == (0.0, "0 % of exchanges")


def test_versions_are_one_client(read_log: ReadLog) -> None:
    """Another version of a client, or another spelling of its case, is no other client."""

    def newer(number: int, _turn: int) -> Row:
        return {"user_agent": f"NODE/9.{number} (Linux)", "header_order": "order-of-node"}

    facts = read_log(ordinary(40, columns=honest) + ordinary(4, name="newer", columns=newer))
    assert weigh_one(facts, NAME, named(facts, "newer")).bits == 0.0


def test_usual_contradictions_do_not_count(read_log: ReadLog) -> None:
    """A proxy that rewrites headers of everybody now and then speaks for no group."""

    def rewritten(number: int, turn: int) -> Row:
        # Each order is sent by strangers of the other client in one exchange of eight, as few
        # of the accounts as leave it a dominant client.
        odd = turn == 0 and number % 16 == 0
        return client("node", "order-of-curl") if odd else honest(number, turn)

    facts = read_log(ordinary(64, columns=rewritten))
    assert weigh_one(facts, NAME, facts.account_ids[:12]).bits == 0.0


def test_the_usual_is_taken_off(read_log: ReadLog) -> None:
    """A group that contradicts itself as often weighs less where strangers do too."""

    def doubtful(_number: int, turn: int) -> Row:
        return client("node", "order-of-curl" if turn < 2 else "order-of-node")

    def rewritten(number: int, turn: int) -> Row:
        return client("node", "order-of-curl") if number % 28 == 0 else honest(number, turn)

    bits = []
    for strangers in (honest, rewritten):
        log = ordinary(84, columns=strangers) + ordinary(1, name="relay", columns=doubtful)
        facts = read_log(log)
        bits.append(weigh_one(facts, NAME, named(facts, "relay")).bits)
    assert 0.0 < bits[1] < bits[0] < most(CURVE)


def test_null(null_weights: NullWeights) -> None:
    """Random groups of honest clients contradict nobody."""
    assert abs(mean_bits(null_weights[NAME])) <= 0.1


def test_missing_columns(read_log: ReadLog) -> None:
    """Without user agents or without header orders nothing can contradict."""
    log = ordinary(4, columns=honest)
    for column in ("user_agent", "header_order"):
        assert_not_in_this_log(read_log(log.without(column)), NAME, [column])


def test_hostile_values(read_log: ReadLog) -> None:
    """Any text names a client, nothing of it gets into the row, and the bits stay bounded."""
    columns = {"user_agent": (*HOSTILE, "", None, "/", " / "), "header_order": (*HOSTILE, "", None)}
    facts = read_log(with_hostile(ordinary(12), columns))
    assert least(CURVE) <= weigh_one(facts, NAME, facts.account_ids).bits <= most(CURVE)
