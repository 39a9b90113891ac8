"""Which account repeats which shingle: one pass over the sketches, in bounded memory.

Sixteen million prompts hold a hundred and fifty million shingles. They are written down as
account-shingle pairs, cut by account so that every piece can be sorted in memory, and counted.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from cautery.ingest.background import Background, worker_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.scan.facts import Facts

Integers = NDArray[np.int64]

PIECE_PAIRS: Final = 8_000_000
"""Pairs of one piece, about: 64 MB to sort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShinglePairs:
    """Accounts and shingles, in no promised order."""

    account: Integers
    token: Integers
    """The shingle as stored, a signed integer of 32 bits."""
    exchanges: Integers
    """Exchanges of the account that carry it."""


def repeated_shingles(facts: Facts, fewest: int) -> ShinglePairs:
    """Count the shingles that accounts repeat.

    Args:
        facts: What the log says; reads the sketches of its parts.
        fewest: Exchanges of one account that must carry a shingle.

    Returns:
        Every account with every shingle that so many of its exchanges carry.
    """
    pieces = written_pieces(facts, facts.parts)
    with ThreadPoolExecutor(worker_count()) as pool:
        counted = list(pool.map(lambda piece: _counted(piece, fewest), pieces))
    keys = np.concatenate([keys for keys, _ in counted]) if counted else np.zeros(0, np.uint64)
    counts = np.concatenate([found for _, found in counted]) if counted else np.zeros(0, np.int64)
    return ShinglePairs(
        account=(keys >> np.uint64(32)).astype(np.int64),
        token=(keys & np.uint64(0xFFFFFFFF)).astype(np.uint32).view(np.int32).astype(np.int64),
        exchanges=counts.astype(np.int64),
    )


def written_pieces(facts: Facts, parts: Sequence[Path]) -> list[Path]:
    """Write all pairs of some parts down, cut by account.

    Args:
        facts: What the log says.
        parts: Some of its parts.

    Returns:
        Files of pairs, account above and shingle below 32 bits, of about ``PIECE_PAIRS`` each.
    """
    pairs = sum(_shingle_count(part) for part in parts)
    starts = _starts(facts.totals["exchanges"], max(1, -(-pairs // PIECE_PAIRS)))
    paths = [facts.scratch.new_path("pairs", "") for _ in range(starts.size + 1)]
    files = [path.open("wb") for path in paths]

    def write(pieces: list[NDArray[np.uint64]]) -> None:
        for file, piece in zip(files, pieces, strict=True):
            piece.tofile(file)

    # Their order in the files is nobody's concern; they are written one after another all the same.
    beside = Background(partial(_cut, first_accounts=starts), write, worker_count())
    try:
        for account, batch in facts.batches(["input_shingles"], parts):
            beside.submit(account, batch.column("input_shingles"))
        beside.wait()
    finally:
        beside.close()
        for file in files:
            file.close()
    return paths


def _cut(account: Integers, shingles: Any, *, first_accounts: Integers) -> list[NDArray[np.uint64]]:
    """Pairs of one batch by piece."""
    piece = np.searchsorted(first_accounts, account, side="right")
    order = np.argsort(piece, kind="stable")
    held = shingles.take(pa.array(order))
    lengths = np.diff(held.offsets.to_numpy())
    keys = np.repeat(account[order].astype(np.uint64) << np.uint64(32), lengths)
    keys |= held.flatten().to_numpy(zero_copy_only=False).view(np.uint32)
    rows = np.searchsorted(piece[order], np.arange(1, first_accounts.size + 1))
    return np.split(keys, np.append(0, np.cumsum(lengths))[rows])


def _starts(exchanges: Integers, pieces: int) -> Integers:
    """First accounts of all pieces but the first, each of about as many exchanges."""
    before = np.cumsum(exchanges) - exchanges
    share = np.arange(1, pieces) * int(exchanges.sum()) // pieces
    return np.searchsorted(before, share).astype(np.int64)


def _shingle_count(part: Path) -> int:
    """Number of shingles in a part, from its footer."""
    metadata = parquet.read_metadata(part)
    total = 0
    for group in range(metadata.num_row_groups):
        columns = metadata.row_group(group)
        for number in range(columns.num_columns):
            column = columns.column(number)
            if column.path_in_schema.startswith("input_shingles."):
                total += int(column.num_values)
    return total


def counted_piece(path: Path) -> tuple[NDArray[np.uint64], Integers]:
    """Count the pairs of a piece, and remove it.

    Args:
        path: What ``written_pieces`` gave.

    Returns:
        Every pair once, ascending, and how often it is there.
    """
    return _counted(path, 1)


def _counted(path: Path, fewest: int) -> tuple[NDArray[np.uint64], Integers]:
    keys = np.fromfile(path, dtype=np.uint64)
    path.unlink()
    keys.sort()
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if keys.size else keys
    counts = np.diff(np.append(starts, keys.size)).astype(np.int64)
    kept = counts >= fewest
    return keys[starts[kept].astype(np.int64)], counts[kept]
