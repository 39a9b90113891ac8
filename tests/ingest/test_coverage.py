"""Tests of the coverage report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.coverage import MEASURED_COLUMNS, CoverageCounter, coverage_lines
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
