"""Sketches batches beside the reader, counts what they carry, and writes them in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from cautery.ingest.background import Background, worker_count
from cautery.ingest.coverage import CoverageCounter
from cautery.ingest.keys import add_keys
from cautery.ingest.period import Period
from cautery.ingest.sketches import PLAIN, TextKernels, add_sketches, fastest_kernels
from cautery.records.exchange import FULL_TEXT_ROWS, KEPT_TEXT_HASH, KEY_COLUMNS, SKETCH_COLUMNS

if TYPE_CHECKING:
    from cautery.ingest.part_writer import PartWriter

COMPILED_BYTES: Final = 256 * 2**20
"""Bytes of logs from which loading compiled code takes less time than it saves."""
_KEYS: Final = frozenset(column.name for column in KEY_COLUMNS)
_SKETCHES: Final = frozenset(column.name for column in SKETCH_COLUMNS)


class Storing:
    """Takes the batches of all files.

    Args:
        writer: Where they go.
        log_bytes: Bytes of all logs together.
        period: What began outside is counted and left out.
        sample_text: Store the prompts of a long log only where their hash is below
            ``KEPT_TEXT_HASH``.
        rows_before: Exchanges that an earlier reading of the same log has stored.
    """

    def __init__(
        self,
        writer: PartWriter,
        log_bytes: int,
        *,
        period: Period | None = None,
        sample_text: bool = False,
        rows_before: int = 0,
    ) -> None:
        self.writer = writer
        self._rows_before = rows_before
        self.outside = 0
        """Exchanges outside the period."""
        self._period = period or Period()
        self.counter = CoverageCounter()
        self._sample_text = sample_text
        self._keyed = bool(_KEYS & set(writer.schema.names))
        self._kernels = fastest_kernels() if log_bytes >= COMPILED_BYTES else PLAIN
        self._background = Background(self._sketched, self._write, worker_count())

    def submit(self, file_name: str, batch: Any) -> None:
        """Take one batch.

        Args:
            file_name: The log that it came from.
            batch: A batch of ``BATCH_SCHEMA``, sketches included if the log has them.
        """
        kept = self._period.keep(batch)
        self.outside += batch.num_rows - kept.num_rows
        if kept.num_rows:
            self._background.submit(file_name, kept)

    def _sketched(self, file_name: str, batch: Any) -> Any:
        batch = sketched(file_name, batch, self._kernels)
        return add_keys(batch) if self._keyed else batch

    def _write(self, batch: Any) -> None:
        self.counter.add(batch)
        if self._sample_text and self._rows_before + self.writer.rows >= FULL_TEXT_ROWS:
            batch = sampled(batch)
        self.writer.write(batch)

    def finish(self) -> None:
        """End the parts."""
        self._background.wait()
        self.writer.close()

    def close(self) -> None:
        """Close what is open, also after an error."""
        self._background.close()
        self.writer.abandon()


def sketched(file_name: str, batch: Any, kernels: TextKernels) -> Any:
    """Give a batch its sketches and the name of its file, unless it has them.

    Args:
        file_name: The log that it came from.
        batch: A batch of ``BATCH_SCHEMA``, sketches included if the log has them.
        kernels: The loops over the text.

    Returns:
        The batch with all columns of ``PART_SCHEMA``.
    """
    if "source_file" not in batch.schema.names:
        names = pa.array([file_name], pa.string())
        batch = batch.append_column(
            "source_file", names.take(pa.array([0] * batch.num_rows, pa.int8()))
        )
    if not set(batch.schema.names) >= _SKETCHES:
        batch = add_sketches(batch, kernels)
    return batch


def sampled(batch: Any) -> Any:
    """Keep the prompts of a batch only where their hash is below ``KEPT_TEXT_HASH``.

    Args:
        batch: A batch with ``input_text`` and ``input_hash``.

    Returns:
        The batch.
    """
    place = batch.schema.get_field_index("input_text")
    kept = pc.less(batch.column("input_hash"), KEPT_TEXT_HASH)
    texts = batch.column(place)
    some = pc.if_else(kept, texts, pa.scalar(None, texts.type))
    return batch.set_column(place, batch.schema.field(place), some)
