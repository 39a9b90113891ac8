"""Tallies: counts by key, added up batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pyarrow as pa

PENDING_ROWS: Final = 1_000_000
"""Counts that wait to be added up; more of them would only take memory."""


def added_up(batches: Iterable[Any], counts: Sequence[str]) -> Any:
    """Add up counts by key.

    Args:
        batches: Arrow batches of whole numbers: ``key`` and the counts.
        counts: Names of the counts, in order.

    Returns:
        Arrow table with every key once, ascending, and the sums.

    Example:
        >>> one = pa.RecordBatch.from_pydict({"key": [2, 1, 2], "n": [1, 1, 1]})
        >>> added_up([one, one], ["n"]).to_pydict()
        {'key': [1, 2], 'n': [2, 4]}
    """
    schema = pa.schema([(name, pa.int64()) for name in ("key", *counts)])
    pending = [schema.empty_table()]
    rows = 0
    for batch in batches:
        pending.append(pa.Table.from_batches([batch.select(schema.names).cast(schema)]))
        rows += batch.num_rows
        if rows > PENDING_ROWS:
            pending, rows = [_summed(pending, counts)], 0
    return _summed(pending, counts)


def _summed(tables: list[Any], counts: Sequence[str]) -> Any:
    grouped = pa.concat_tables(tables).group_by("key")
    summed = grouped.aggregate([(name, "sum") for name in counts])
    columns = [summed["key"], *(summed[f"{name}_sum"] for name in counts)]
    return pa.table(columns, names=["key", *counts]).sort_by("key").combine_chunks()
