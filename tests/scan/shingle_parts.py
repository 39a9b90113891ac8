"""Facts that know accounts and the shingles of their exchanges, from parts on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts

from cautery.scan.facts import AccountNumbers, Facts, Scratch

ACCOUNTS = 9
KEYS = np.array([7 * number - 30 for number in range(ACCOUNTS)], dtype=np.int64)
"""Keys of the accounts; their numbers run the other way."""
Row = tuple[int, list[int] | None]
"""Account and the shingles of one of its exchanges."""
ROWS = st.lists(
    st.tuples(
        st.integers(0, ACCOUNTS - 1),
        st.none()
        | st.lists(
            st.integers(-3, 3) | st.sampled_from([-(2**31), 2**31 - 1]), max_size=6, unique=True
        ),
    ),
    max_size=40,
)


def written(folder: Path, parts: Sequence[Sequence[Row]], group_rows: int = 5) -> Iterator[Path]:
    """Write rows to parts of several groups."""
    for place, rows in enumerate(parts):
        path = folder / f"part-{place}.parquet"
        account = [int(KEYS[ACCOUNTS - 1 - number]) for number, _shingles in rows]
        table = pa.table(
            {
                "account_key": pa.array(account, pa.int64()),
                "input_shingles": pa.array([one for _n, one in rows], pa.list_(pa.int32())),
            }
        )
        pq.write_table(table, path, row_group_size=group_rows)
        yield path


def shingle_facts(folder: Path, *parts: Sequence[Row]) -> Facts:
    """Facts that know no more than accounts and the shingles of their exchanges."""
    numbers = AccountNumbers(keys=KEYS, number=np.arange(ACCOUNTS)[::-1].copy())
    return replace(
        bare_facts(ACCOUNTS),
        parts=tuple(written(folder, parts)),
        numbers=numbers,
        scratch=Scratch(folder),
    )
