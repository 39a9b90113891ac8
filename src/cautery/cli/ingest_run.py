"""What ``cautery ingest`` does and says."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from cautery.cli.exits import Exit, print_error, printable
from cautery.ingest.coverage import coverage_lines
from cautery.ingest.single_file import write_single_file

if TYPE_CHECKING:
    from pathlib import Path

    from cautery.ingest.options import IngestOptions
    from cautery.ingest.table import ExchangeTable
    from cautery.records.progress import Progress


def run_ingest(options: IngestOptions, output: Path, people: TextIO, progress: Progress) -> int:
    """Read logs, write the table, and report on both.

    Args:
        options: What to read and how.
        output: The Parquet file to write.
        people: Where the coverage report goes.
        progress: Told of the bytes read.

    Returns:
        The exit code.
    """
    table, too_many = write_single_file(options, output, progress)
    for line in report_lines(table):
        print(printable(line), file=people)
    if too_many is not None:
        print_error(too_many, people)
        return Exit.REJECTED
    return Exit.RAN


def report_lines(table: ExchangeTable) -> list[str]:
    """Write the coverage report of a reading.

    Args:
        table: What was read.

    Returns:
        Lines for people; texts in them are not yet escaped.
    """
    formats = ", ".join(sorted({file.format for file in table.files}))
    size = sum(file.bytes for file in table.files)
    files = f"{len(table.files):,} file{'s' if len(table.files) != 1 else ''}"
    lines = [
        f"read {table.rows:,} exchanges, rejected {table.rejected:,}",
        f"from {files}, {size / 1e6:,.1f} MB, format: {formats}",
        "share of exchanges that carry each column:",
        *coverage_lines(table.coverage, table.switched_off),
        *table.notes,
    ]
    if table.rejected_path is not None:
        lines.append(f"rejected lines: {table.rejected_path}")
    lines.append(f"wrote {table.parts[0]}")
    return lines
