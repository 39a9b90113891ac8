"""Retention: logs whose exchanges are older than a state should hold are taken out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from cautery.ingest.state_documents import DROPPED_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from cautery.ingest.state import StateFolder, StoredRead

_MICROSECONDS_A_DAY: Final = 86_400_000_000


def drop_old(state: StateFolder, keep_days: int) -> int:
    """Take the logs out of a state that ended too long before the newest exchange.

    Time is told by the exchanges and not by a clock, so that the same logs leave the same state
    whenever they are scanned. A log goes as a whole, once its last exchange is too old.

    Args:
        state: The opened state.
        keep_days: Days before the newest exchange of which exchanges are kept.

    Returns:
        Logs that were taken out.
    """
    last = {read.folder: last_begun_us(read) for read in state.reads}
    newest = max((moment for moment in last.values() if moment is not None), default=None)
    if newest is None:
        return 0
    least = newest - keep_days * _MICROSECONDS_A_DAY
    # A log without exchanges has no age, and stays.
    old = [read for read in state.reads if (last[read.folder] or least) < least]
    for read in old:
        state.drop(read)
    return len(old)


def last_begun_us(read: StoredRead) -> int | None:
    """Find when the last exchange of a log began.

    Args:
        read: A log in a state.

    Returns:
        Microseconds since 1970; None for a log without exchanges.
    """
    found: list[int] = []
    for part in read.parts:
        times = parquet.read_table(part, columns=["time_start"])["time_start"]
        newest = pc.max(times.cast(pa.int64())).as_py()
        found += [] if newest is None else [newest]
    return max(found, default=None)


def has_dropped(folder: Path) -> bool:
    """Whether a state has ever let go of a log, so that accounts may look new that are not.

    Args:
        folder: Folder of the state, whether there is one or not.

    Returns:
        Whether it has.
    """
    return (folder / DROPPED_FILE).exists()
