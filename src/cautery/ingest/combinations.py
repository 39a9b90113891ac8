"""Distinct combinations of the columns of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from cautery.ingest.arrow_values import plain_values
from cautery.ingest.coerce import as_text


@dataclass(frozen=True, slots=True)
class Combinations:
    """The distinct combinations of some columns of a batch."""

    values: list[tuple[Any, ...]]
    rows: Any
    """Place in ``values`` of each row."""


def combinations(columns: Sequence[Any], size: int) -> Combinations:
    """Find the distinct combinations of some columns, so that each is looked at once.

    Args:
        columns: Arrow arrays of any kind, or None for a column that is not there.
        size: Rows of the batch.

    Returns:
        The combinations as texts, and the combination of each row.

    Example:
        >>> found = combinations((pa.array(["a", "b", "a"]), None), 3)
        >>> found.values, found.rows.to_pylist()
        ([('a', None), ('b', None)], [0, 1, 0])
    """
    encoded = [as_texts(column, size).dictionary_encode("encode") for column in columns]
    codes = [part.indices.to_numpy(zero_copy_only=False) for part in encoded]
    rows = np.zeros(size, dtype=np.int64)
    for part, code in zip(encoded, codes, strict=True):
        # Renumbered after every column, so that the product never leaves 64 bits; by a table of
        # hashes, as sorting takes several times as long.
        joint = pa.array(rows * max(len(part.dictionary), 1) + code).dictionary_encode()
        rows = joint.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    first = np.zeros(int(rows.max(initial=-1)) + 1, dtype=np.int64)
    # Backwards, so that the first row of each combination is written last.
    first[rows[::-1]] = np.arange(size - 1, -1, -1)
    values = [
        part.dictionary.take(pa.array(code[first])).to_pylist()
        for part, code in zip(encoded, codes, strict=True)
    ]
    return Combinations(list(zip(*values, strict=True)), pa.array(rows))


def as_texts(column: Any, size: int) -> Any:
    """Bring a column to texts.

    Args:
        column: An Arrow array of any kind, or None for a column that is not there.
        size: Rows of the batch.

    Returns:
        A string array, null where there is nothing.
    """
    if column is None:
        return pa.nulls(size, pa.string())
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column
    texts = [None if value is None else as_text(value) for value in plain_values(column)]
    return pa.array(texts, pa.string())
