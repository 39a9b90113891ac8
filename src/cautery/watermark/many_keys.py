"""Many keys on one text, in bounded memory: whose of 24,000 accounts is it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cautery.ports import ManyInputs, ManyKeys
from cautery.watermark.deduplicate import first_occurrences_of_rows

if TYPE_CHECKING:
    from cautery.ports import Scheme
    from cautery.records.key import Key
    from cautery.watermark.positions import Positions

VALUES_AT_ONCE: Final = 1 << 22
"""Values (8 bytes each) of one block of keys: 32 MiB, which bounds the memory of a search."""


def values_of_keys(
    scheme: Scheme, positions: Positions, keys: Sequence[Key], parameters: Any
) -> NDArray[np.float64]:
    """Value of each position under each key; the bits of ``scheme.values``, row by row.

    Args:
        scheme: A watermark scheme.
        positions: Scored positions that all these keys share.
        keys: Keys that the scheme accepts.
        parameters: What ``scheme.parameters`` gave.

    Returns:
        Shape (keys, positions): mind the memory, or take ``blocks_of_keys``.
    """
    if isinstance(scheme, ManyKeys):
        return scheme.values_of_keys(positions, keys, parameters)
    values = np.empty((len(keys), len(positions)), dtype=np.float64)
    for row, key in enumerate(keys):
        values[row] = scheme.values(positions, key, parameters)
    return values


def values_and_inputs_of_keys(
    scheme: Scheme, positions: Positions, keys: Sequence[Key], parameters: Any
) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
    """Value of each position under each key, and fingerprint of what the key read there.

    Args:
        scheme: A watermark scheme.
        positions: Scored positions that all these keys share.
        keys: Keys that the scheme accepts.
        parameters: What ``scheme.parameters`` gave.

    Returns:
        Rows of ``scheme.values`` and of ``scheme.prf_inputs``, shape (keys, positions) each.
    """
    if isinstance(scheme, ManyInputs):
        return scheme.values_and_inputs_of_keys(positions, keys, parameters)
    inputs = np.array([scheme.prf_inputs(positions, key, parameters) for key in keys])
    return values_of_keys(scheme, positions, keys, parameters), inputs


def blocks_of_keys(
    scheme: Scheme, positions: Positions, keys: Sequence[Key], parameters: Any
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Go through the keys in blocks of bounded memory.

    Args:
        scheme: A watermark scheme.
        positions: Scored positions that all these keys share.
        keys: Keys that the scheme accepts.
        parameters: What ``scheme.parameters`` gave.

    Yields:
        The place of a block in ``keys`` and its values, shape (keys of the block, positions).
    """
    for block in _blocks(len(positions), len(keys)):
        yield block, values_of_keys(scheme, positions, keys[block], parameters)


def _blocks(positions: int, keys: int) -> Iterator[slice]:
    size = max(1, VALUES_AT_ONCE // max(1, positions))
    for start in range(0, keys, size):
        yield slice(start, min(start + size, keys))


def statistics_of_keys(
    scheme: Scheme, positions: Positions, keys: Sequence[Key], parameters: Any
) -> NDArray[np.float64]:
    """Statistic of one text under each key.

    Args:
        scheme: A watermark scheme.
        positions: Scored positions that all these keys share.
        keys: Keys that the scheme accepts.
        parameters: What ``scheme.parameters`` gave.

    Returns:
        Shape (keys,): what the scheme's null distribution makes of each row of values.
    """
    null = scheme.null(parameters)
    statistics = np.empty(len(keys), dtype=np.float64)
    for block, values in blocks_of_keys(scheme, positions, keys, parameters):
        statistics[block] = [null.statistic(row) for row in values]
    return statistics


def unrepeated_statistics_of_keys(
    scheme: Scheme, positions: Positions, keys: Sequence[Key], parameters: Any
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Statistic of one text under each key, where each key leaves out what it has read before.

    Args:
        scheme: A watermark scheme.
        positions: Scored positions that all these keys share.
        keys: Keys that the scheme accepts.
        parameters: What ``scheme.parameters`` gave.

    Returns:
        Statistics and counts of positions, shape (keys,) each.
    """
    null = scheme.null(parameters)
    statistics = np.empty(len(keys), dtype=np.float64)
    counts = np.empty(len(keys), dtype=np.int64)
    for block in _blocks(len(positions), len(keys)):
        values, inputs = values_and_inputs_of_keys(scheme, positions, keys[block], parameters)
        marks = first_occurrences_of_rows(inputs)
        rows = zip(values, marks, strict=True)
        statistics[block] = [null.statistic(row[kept]) for row, kept in rows]
        counts[block] = marks.sum(axis=1)
    return statistics, counts
