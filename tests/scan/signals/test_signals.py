"""What every signal keeps to: one weight a group in order, no order of rows, no guesses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import NullWeights, stranger_log
from tests.scan.small_logs import HOSTILE, SmallLog, exchange, facts_of
from tests.scan.weighed import assert_readable, groups_on_demand, mean_bits, with_hostile
from tests.scan.worlds import planted

from cautery.ports import Signal
from cautery.records.account import ACCOUNT_COLUMNS
from cautery.records.evidence import Weight
from cautery.records.exchange import EXCHANGE_COLUMNS, SKETCH_COLUMNS
from cautery.registry import SIGNALS
from cautery.scan.evidence import judge
from cautery.scan.facts import Facts
from cautery.scan.weighing import rounded

NAMES = SIGNALS.names()
EXCHANGES = tuple(column.name for column in EXCHANGE_COLUMNS if not column.required)
ACCOUNTS = tuple(f"accounts.{column.name}" for column in ACCOUNT_COLUMNS if not column.required)
COLUMNS = {column.name for column in (*EXCHANGE_COLUMNS, *SKETCH_COLUMNS)} | {
    *ACCOUNTS,
    "organisation",
    "releases",
}
NEEDED = sorted({need for name in NAMES for need in SIGNALS.load(name).needs} - {"time_start"})
"""Columns that a log may lack and some signal needs."""
ABSENT = (
    ("client_address", "tls_ja4", "user_agent", "header_order"),
    ("input_text", "message_count", "output_tokens"),
    ("max_tokens", "request_model"),
    ACCOUNTS,
)
"""Columns that logs lack together."""
WORLD = stranger_log(30) + planted(12, accounts_per_address=3)
MOST_NULL_BITS = 0.5
"""Mean bits that random groups of strangers may get from one signal."""


def weights_of(facts: Facts, *members: list[str]) -> dict[str, list[Weight]]:
    """Weigh groups by every signal that the log can feed."""
    groups = groups_on_demand(facts, *members)
    signals = [SIGNALS.load(name) for name in NAMES]
    return {
        signal.name: list(signal.measure(facts, groups))
        for signal in signals
        if not facts.missing(signal.needs)
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """Read the world once."""
    facts = facts_of(tmp_path_factory.mktemp("world") / "log", WORLD)
    yield facts
    facts.close()


@pytest.mark.parametrize("name", NAMES)
def test_port(name: str) -> None:
    """A signal is told by known columns, one of two aspects and one of four families."""
    signal = SIGNALS.load(name)
    assert isinstance(signal, Signal)
    assert signal.name == name
    assert signal.label
    assert signal.label == signal.label.strip()
    assert signal.aspect in {"linkage", "distillation"}
    assert signal.family in {"behaviour", "infrastructure", "content", "context"}
    assert set(signal.needs) <= COLUMNS


def test_labels_are_distinct() -> None:
    """No two rows of a waterfall bear the same words."""
    assert len({SIGNALS.load(name).label for name in NAMES}) == len(NAMES)


def test_rows(world: Facts) -> None:
    """Every signal gives one readable row a group, with its own names and rounded bits."""
    found = weights_of(world, named(world, "planted"), named(world, "ordinary")[:9])
    assert tuple(found) == NAMES
    for name, rows in found.items():
        signal = SIGNALS.load(name)
        assert len(rows) == 2
        for row in rows:
            assert_readable(row)
            assert row.bits == rounded(row.bits)
            assert math.copysign(1.0, row.bits) == 1.0 or row.bits < 0
            told = (row.signal, row.label, row.aspect, row.family)
            assert told == (name, signal.label, signal.aspect, signal.family)


def test_groups_in_order(world: Facts) -> None:
    """The rows come in the order of the groups, and measuring twice gives the same."""
    first, second = named(world, "planted"), named(world, "ordinary")[:9]
    forward, backward = weights_of(world, first, second), weights_of(world, second, first)
    assert forward == weights_of(world, first, second)
    # What is typical of all groups is the same in both; the rows change places.
    assert {name: rows[::-1] for name, rows in backward.items()} == forward


def test_order_of_rows(read_log: ReadLog, world: Facts) -> None:
    """The same exchanges in another order give the same weights."""
    groups = named(world, "planted"), named(world, "ordinary")[:9]
    turned = read_log(WORLD.reversed())
    assert weights_of(world, *groups) == weights_of(turned, *groups)


def test_no_group(world: Facts) -> None:
    """Without a candidate there is no row, and no complaint."""
    assert weights_of(world) == {name: [] for name in NAMES}


def test_one_group_of_one(world: Facts) -> None:
    """A group of a single account is weighed like others."""
    for rows in weights_of(world, ["planted-000"]).values():
        assert len(rows) == 1
        assert_readable(rows[0])


def test_everybody_in_one_group(world: Facts) -> None:
    """Without any stranger nothing is usual, and still every row can be read."""
    for rows in weights_of(world, list(world.account_ids)).values():
        assert_readable(rows[0])


def test_bare_log(read_log: ReadLog) -> None:
    """Account ids and times feed three signals; the others are not in this log."""
    bare = WORLD.without(*EXCHANGES)
    facts = read_log(SmallLog(exchanges=bare.exchanges))
    signals = [SIGNALS.load(name) for name in NAMES]
    (verdict,) = judge(facts, groups_on_demand(facts, named(facts, "planted")), signals)
    rows = [row for row in verdict.weights if row.signal in NAMES]
    assert {row.signal for row in rows} == set(NAMES)
    fed = {row.signal for row in rows if row.available}
    assert fed == {"co_activity", "even_load", "group_size"}
    assert {row.bits for row in rows if not row.available} == {0.0}


@pytest.mark.parametrize("column", NEEDED)
def test_missing_column(world: Facts, column: str) -> None:
    """A missing column switches off the signals that need it, and no other."""
    facts = replace(world, present=world.present - {column})
    lost = {name for name in NAMES if facts.missing(SIGNALS.load(name).needs)}
    assert lost == {name for name in NAMES if column in SIGNALS.load(name).needs} != set()


@pytest.mark.parametrize("columns", ABSENT, ids=lambda columns: columns[0])
def test_log_without_columns(read_log: ReadLog, columns: tuple[str, ...]) -> None:
    """Every signal that does not need a column does without it in a real log."""
    facts = read_log(WORLD.without(*columns))
    for rows in weights_of(facts, named(facts, "planted")).values():
        assert_readable(rows[0])


def test_hostile_log(read_log: ReadLog) -> None:
    """Texts and ids of attackers spoil no row, and none of their characters gets into one."""
    texts = ("user_agent", "header_order", "tls_ja4", "input_text", "system_text", "request_model")
    payments = ("payment_fingerprint", "org_id", "referral", "email_domain", "verification")
    columns = dict.fromkeys((*texts, *(f"accounts.{name}" for name in payments)), HOSTILE)
    facts = read_log(with_hostile(WORLD, columns))
    for rows in weights_of(facts, named(facts, "planted"), named(facts, "ordinary")[:9]).values():
        for row in rows:
            assert_readable(row)


def test_hostile_ids(read_log: ReadLog) -> None:
    """Accounts with hostile ids are weighed like others."""
    rows = tuple(
        exchange(f"{text}{place}", turn, max_tokens=7, message_count=1)
        for place, text in enumerate(HOSTILE)
        for turn in range(4)
    )
    facts = read_log(SmallLog(exchanges=rows))
    for weights in weights_of(facts, list(facts.account_ids[:5])).values():
        assert_readable(weights[0])


@pytest.mark.parametrize("name", NAMES)
def test_null(null_weights: NullWeights, name: str) -> None:
    """Random groups of strangers are not weighed up by more than half a bit on average."""
    assert mean_bits(null_weights[name]) <= MOST_NULL_BITS


def test_null_together(null_weights: NullWeights) -> None:
    """All signals together speak against random groups of strangers, each of them."""
    totals = [sum(row.bits for row in rows) for rows in zip(*null_weights.values(), strict=True)]
    assert max(totals) < 0.0
