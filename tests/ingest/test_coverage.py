"""Tests of the coverage report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.coverage import (
    FEW_ACCOUNTS,
    MEASURED_COLUMNS,
    CoverageCounter,
    coverage_lines,
)
from cautery.ingest.schema import PART_SCHEMA
from cautery.records.case import Coverage


def batch(addresses: Sequence[str | None]) -> pa.RecordBatch:
    """A batch that is empty but for addresses and accounts."""
    size = len(addresses)
    columns = {field.name: pa.nulls(size, field.type) for field in PART_SCHEMA}
    columns["client_address"] = pa.array(addresses, pa.string())
    columns["account_id"] = pa.array([f"a{index}" for index in range(size)], pa.string())
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=PART_SCHEMA)


@given(
    others=st.lists(st.integers(0, 500), max_size=60),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    seed=st.randoms(use_true_random=False),
)
def test_a_majority_is_always_found(others: list[int], sizes: list[int], seed: object) -> None:
    """An address on most rows is the commonest in the end, in whatever order the rows come."""
    rows = [f"other-{number}" for number in others] + ["balancer"] * (20 * len(others) + 1)
    seed.shuffle(rows)  # type: ignore[attr-defined]
    counter = CoverageCounter()
    place = 0
    while place < len(rows):
        size = sizes[place % len(sizes)]
        counter.add(batch(rows[place : place + size]))
        place += size
    assert counter.commonest_address() == "balancer"
    assert counter.rows == len(rows)


@st.composite
def cut_logs(draw: st.DrawFn) -> list[list[str | None]]:
    """Draw a log in which some addresses are frequent and many come once, cut into batches."""
    rows: list[str | None] = []
    for number, count in enumerate(draw(st.lists(st.integers(0, 60), max_size=14))):
        rows += [f"frequent-{number}"] * count
    rows += [f"rare-{number}" for number in range(draw(st.integers(0, 200)))]
    rows += [None] * draw(st.integers(0, 40))
    draw(st.randoms(use_true_random=False)).shuffle(rows)
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=12)))
    return [rows[start:stop] for start, stop in pairwise([0, *cuts, len(rows)])]


@given(batches=cut_logs())
def test_frequent_addresses_are_kept(batches: list[list[str | None]]) -> None:
    """An address on more than a ninth of the rows is kept, however they are cut into batches."""
    counter = CoverageCounter()
    for rows in batches:
        counter.add(batch(rows))
    counts = Counter(address for rows in batches for address in rows if address is not None)
    kept = counter._addresses
    assert len(kept) <= 8
    assert {address for address, count in counts.items() if 9 * count > counts.total()} <= set(kept)
    # Why it is so: what an address loses is lost by eight others as well, row for row.
    lost = counts.total() - kept.total()
    assert all(0 <= 9 * (count - kept[address]) <= lost for address, count in counts.items())


def test_eight_addresses_just_over_a_ninth_are_kept() -> None:
    """The bound holds to the row: as many as can be over a ninth are kept side by side."""
    frequent = [f"frequent-{number}" for number in range(8)]
    rare = [f"rare-{number}" for number in range(8)]
    whole, apart = CoverageCounter(), CoverageCounter()
    whole.add(batch([*frequent * 9, *rare]))
    for rows in (frequent * 9, rare):
        apart.add(batch(rows))
    assert set(whole._addresses) == set(apart._addresses) == set(frequent)


def test_memory_is_bounded() -> None:
    """Many distinct addresses and accounts are not kept."""
    counter = CoverageCounter()
    for start in range(0, 5000, 500):
        counter.add(batch([f"host-{number}" for number in range(start, start + 500)]))
    assert len(counter._addresses) <= 8
    assert counter.few_accounts is None


def counted(batches: Sequence[Sequence[str | None]]) -> CoverageCounter:
    """Count some batches with one counter."""
    counter = CoverageCounter()
    for rows in batches:
        counter.add(batch(rows))
    return counter


@given(batches=cut_logs(), cut=st.integers(0, 13), through_json=st.booleans())
def test_merged_counters_count_all_batches(
    batches: list[list[str | None]], cut: int, through_json: bool
) -> None:
    """Two counters merged, kept or not, tell the rows, shares and accounts of one counter."""
    first, second = counted(batches[:cut]), counted(batches[cut:])
    if through_json:
        second = CoverageCounter.of(json.loads(json.dumps(second.document())))
    first.merge(second)
    together = counted(batches)
    assert (first.rows, first.result()) == (together.rows, together.result())
    assert first.few_accounts == together.few_accounts
    counts = Counter(address for rows in batches for address in rows if address is not None)
    kept = first._addresses
    assert len(kept) <= 8
    # The bound of the summaries holds for what was merged as it does for one of them.
    assert {address for address, count in counts.items() if 9 * count > counts.total()} <= set(kept)
    lost = counts.total() - kept.total()
    assert all(0 <= 9 * (count - kept[address]) <= lost for address, count in counts.items())


def test_a_merged_majority_is_found() -> None:
    """An address that is on most rows of both logs is the commonest of the two together."""
    first = counted([["balancer"] * 20, [f"left-{number}" for number in range(15)]])
    first.merge(counted([[f"right-{number}" for number in range(15)], ["balancer"] * 20]))
    assert first.commonest_address() == "balancer"


def test_no_rows() -> None:
    """Nothing read covers nothing."""
    counter = CoverageCounter()
    assert {item.share for item in counter.result()} == {0.0}
    assert [item.column for item in counter.result()] == list(MEASURED_COLUMNS)
    assert counter.commonest_address() is None


def test_lines_for_people() -> None:
    """Gaps are called missing and not zero, and switched-off columns are marked."""
    shares = (
        Coverage(column="account_id", share=1.0),
        Coverage(column="client_address", share=0.5),
        Coverage(column="seed", share=0.0),
        Coverage(column="input_hash", share=1.0),
    )
    assert coverage_lines(shares, frozenset({"client_address"})) == [
        "  account_id         100.0 %",
        "  client_address      50.0 %  switched off",
        "  seed                   -   not in this log",
    ]


def accounts(names: Sequence[str]) -> pa.RecordBatch:
    """A batch that is empty but for accounts."""
    columns = {field.name: pa.nulls(len(names), field.type) for field in PART_SCHEMA}
    columns["account_id"] = pa.array(names, pa.string())
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=PART_SCHEMA)


BATCHES = st.lists(st.lists(st.integers(0, 70).map("a{}".format), max_size=60), max_size=5)


@given(BATCHES)
def test_accounts_are_counted_over_batches(batches: list[list[str]]) -> None:
    """Few accounts are counted exactly, whichever batches they come in."""
    counter = CoverageCounter()
    for names in batches:
        counter.add(accounts(names))
    distinct = len({name for names in batches for name in names})
    assert counter.few_accounts == (distinct if distinct < FEW_ACCOUNTS else None)


@given(BATCHES, BATCHES)
def test_counters_add_up(left: list[list[str]], right: list[list[str]]) -> None:
    """Two counters together are one that counted all batches, also after a way through JSON."""
    one, two, whole = CoverageCounter(), CoverageCounter(), CoverageCounter()
    for counter, batches in ((one, left), (two, right), (whole, [*left, *right])):
        for names in batches:
            counter.add(accounts(names))
            counter.add(batch([f"10.0.0.{len(name) % 7}" for name in names]))
    merged = CoverageCounter.of(json.loads(json.dumps(one.document())))
    merged.merge(CoverageCounter.of(json.loads(json.dumps(two.document()))))
    assert merged.result() == whole.result()
    assert merged.rows == whole.rows
    assert merged.few_accounts == whole.few_accounts
    assert merged.commonest_address() == whole.commonest_address()
