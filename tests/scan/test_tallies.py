"""Counts by key add up to those made in one go, however they are cut into batches."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.scan import tallies
from cautery.scan.tallies import added_up

ROWS = st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 9), st.integers(0, 9)), max_size=8)


@given(st.lists(ROWS, max_size=6), st.sampled_from([0, 3, 10**6]))
def test_sums_are_those_by_hand(batches: list[list[tuple[int, int, int]]], pending: int) -> None:
    """Every key comes once, in order, with the sums of both counts."""
    seen: Counter[int] = Counter()
    shared: Counter[int] = Counter()
    for key, one, other in (row for rows in batches for row in rows):
        seen[key] += one
        shared[key] += other
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tallies, "PENDING_ROWS", pending)
        found = added_up(
            (
                pa.RecordBatch.from_arrays(
                    [pa.array(column, pa.int32()) for column in zip(*rows, strict=True)]
                    or [pa.array([], pa.int32())] * 3,
                    names=["key", "seen", "shared"],
                )
                for rows in batches
            ),
            ("seen", "shared"),
        )
    expected = [(key, seen[key], shared[key]) for key in sorted(seen)]
    assert list(zip(*found.to_pydict().values(), strict=True)) == expected
    assert set(found.schema.types) == {pa.int64()}


def test_no_batch_is_an_empty_table() -> None:
    """Nothing to count gives the columns without rows."""
    assert added_up([], ("n",)).to_pydict() == {"key": [], "n": []}
