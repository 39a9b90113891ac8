"""Canonical Parquet: the exchange table as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from cautery.simulate.plan import SimulationPlan


class ParquetWriter:
    """One open ``exchanges.parquet``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None

    def write(self, batch: Any) -> None:
        """Add a batch as a row group."""
        if self._writer is None:
            wide = [name for name in batch.schema.names if name in ("input_text", "output_text")]
            distinct = ["request_id", "time_start", "time_end", "history_hash", *wide]
            self._writer = pq.ParquetWriter(
                self._path,
                batch.schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=[name for name in batch.schema.names if name not in distinct],
            )
        self._writer.write_batch(batch)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file."""
        return (self._path,)

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()


class CanonicalParquet:
    """The canonical exchange table in Parquet."""

    name = "canonical-parquet"
    description = "the exchange table (contracts, section 1) in Parquet"

    def open(self, folder: Path, plan: SimulationPlan) -> ParquetWriter:
        """Start ``exchanges.parquet``."""
        return ParquetWriter(folder / "exchanges.parquet")


MEMBER = CanonicalParquet()
