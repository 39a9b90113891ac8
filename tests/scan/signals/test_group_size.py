"""A household of three, and a pool of hundreds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import GROUP_ACCOUNTS, NullWeights
from tests.scan.small_logs import HOSTILE, SmallLog, exchange
from tests.scan.weighed import least, most, weigh_bare, weigh_one
from tests.scan.worlds import ordinary

from cautery.registry import SIGNALS
from cautery.scan.signals.group_size import CURVE

NAME = "group_size"


def bits_of(*sizes: int) -> list[float]:
    """Weigh groups of so many accounts."""
    total, members = 0, []
    for size in sizes:
        members.append(range(total, total + size))
        total += size
    return weigh_bare(NAME, bare_facts(total), bare_groups(total, members))


def test_pool() -> None:
    """Hundreds of linked accounts weigh as much as the curve gives, thousands no more."""
    assert bits_of(300, 3_000) == [most(CURVE)] * 2


def test_household() -> None:
    """A few linked accounts are mostly a household or a team, and weigh against a pool."""
    assert bits_of(2, 3) == [least(CURVE)] * 2


@pytest.mark.parametrize(("size", "bits"), CURVE)
def test_named_points(size: float, bits: float) -> None:
    """At the named sizes the bits are the named ones."""
    assert bits_of(int(size)) == [bits]


@given(st.lists(st.integers(1, 320), min_size=1, max_size=3))
def test_more_accounts_never_weigh_less(sizes: list[int]) -> None:
    """The bits rise with the size of a group, whatever the other groups are."""
    bits = bits_of(*sorted(sizes))
    assert bits == sorted(bits)
    assert bits_of(*sizes) == [bits_of(size)[0] for size in sizes]


def test_null(null_weights: NullWeights) -> None:
    """It is a base rate: random groups of one size all weigh the same, and that is not up."""
    bits = {row.bits for row in null_weights[NAME]}
    assert len(bits) == 1
    assert bits.pop() <= 0.0
    assert {row.sample_size for row in null_weights[NAME]} == {GROUP_ACCOUNTS}


def test_needs_no_column(read_log: ReadLog) -> None:
    """A log of account ids and times is enough, so the signal is never missing."""
    facts = read_log(SmallLog(exchanges=tuple(exchange(f"a{number}") for number in range(9))))
    assert SIGNALS.load(NAME).needs == ()
    row = weigh_one(facts, NAME, facts.account_ids)
    assert least(CURVE) < row.bits < most(CURVE)
    assert row.observed == "9 of 9 accounts"


def test_strangers_do_not_matter(read_log: ReadLog) -> None:
    """The same group in a larger log weighs the same."""
    small, large = ordinary(8), ordinary(40, name="other", block=3)
    first, second = read_log(small), read_log(small + large)
    rows = [weigh_one(facts, NAME, named(facts, "ordinary")) for facts in (first, second)]
    assert rows[0].bits == rows[1].bits


def test_hostile_ids(read_log: ReadLog) -> None:
    """Accounts whose ids are hostile are counted, and their ids do not get into the row."""
    rows = tuple(exchange(f"{text}{place}") for place, text in enumerate(HOSTILE))
    facts = read_log(SmallLog(exchanges=rows))
    assert weigh_one(facts, NAME, facts.account_ids).sample_size == len(HOSTILE)
