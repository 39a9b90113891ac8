"""Writes one exchange table as one Parquet file, whole or not at all."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.errors import OutputError
from cautery.ingest.read import read_logs
from cautery.ingest.table import ExchangeTable, RejectedShareError

if TYPE_CHECKING:
    from cautery.ingest.options import IngestOptions
    from cautery.records.progress import Progress

_ONE_PART: Final = sys.maxsize


def write_single_file(
    options: IngestOptions, output: Path, progress: Progress
) -> tuple[ExchangeTable, RejectedShareError | None]:
    """Read logs and write one exchange table.

    The table appears under its name only when it is whole. Rejected records go beside it, under
    the same name with ``.rejected.jsonl``.

    Args:
        options: What to read and how.
        output: The Parquet file to write.
        progress: Told of the bytes read.

    Returns:
        What was read, with the written files in ``parts`` and ``rejected_path``, and the error to
        report if too much was rejected: the good records are written all the same.

    Raises:
        InputError: A log cannot be read.
        OutputError: The table cannot be written.
    """
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".cautery-ingest-", dir=output.parent))
    except OSError as error:
        raise OutputError(
            f"cannot write here: {error.strerror or error}", where=str(output.parent)
        ) from error
    too_many: RejectedShareError | None = None
    try:
        try:
            table = read_logs(options, folder, progress, part_rows=_ONE_PART)
        except RejectedShareError as error:
            table, too_many = error.table, error
        rejected = _moved(table.rejected_path, output.with_name(f"{output.stem}.rejected.jsonl"))
        table.parts[0].replace(output)
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror or error}", where=str(output)
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _renamed(table, output, rejected), too_many


def _moved(source: Path | None, target: Path) -> Path | None:
    """Move the rejected records; those of an earlier run would mislead."""
    if source is None:
        target.unlink(missing_ok=True)
        return None
    return source.replace(target)


def _renamed(table: ExchangeTable, output: Path, rejected: Path | None) -> ExchangeTable:
    return ExchangeTable(
        parts=(output,),
        files=table.files,
        rows=table.rows,
        rejected=table.rejected,
        rejected_path=rejected,
        coverage=table.coverage,
        switched_off=table.switched_off,
        notes=table.notes,
    )
