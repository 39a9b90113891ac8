"""What runs on every machine of an engine: kernels over the batches of one piece of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from cautery.scan.tallies import added_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.ports import Kernel


def tallied(batches: Iterator[Any], *, kernel: Kernel, counts: Sequence[str]) -> Iterator[Any]:
    """Add up what a kernel counts in one piece of a table.

    Args:
        batches: Batches with ``account``.
        kernel: Gives a batch of ``key`` and counts.
        counts: Names of the counts.

    Yields:
        Keys and sums, every key once.
    """
    yield from added_up(_made(batches, kernel), counts).to_batches()


def written(batches: Iterator[Any], *, kernel: Kernel, schema: Any) -> Iterator[Any]:
    """Bring what a kernel makes to a schema.

    Args:
        batches: Batches with ``account``.
        kernel: Gives a batch.
        schema: Arrow schema.

    Yields:
        Batches of the schema.
    """
    for batch in _made(batches, kernel):
        yield batch.cast(schema)


def _made(batches: Iterator[Any], kernel: Kernel) -> Iterator[Any]:
    for batch in batches:
        if batch.num_rows:
            yield kernel(batch.column("account").to_numpy().astype(np.int64), batch)
