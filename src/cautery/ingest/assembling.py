"""Makes one exchange table of what was read, and judges whether too much was rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cautery.ingest.quality import ADDRESS_COLUMNS, balancer_note, reader_notes, table_notes
from cautery.ingest.rejects import REJECTED_FILE_NAME, rejected_sentence
from cautery.ingest.table import ExchangeTable, RejectedShareError

if TYPE_CHECKING:
    from pathlib import Path

    from cautery.ingest.reading import Reading


def assembled(
    reading: Reading, parts: tuple[Path, ...], rejected_path: Path | None, max_bad_share: float
) -> ExchangeTable:
    """Say what is known of a table whose parts are written.

    Args:
        reading: What the readers found.
        parts: The written parts.
        rejected_path: Where the rejected records are.
        max_bad_share: The caller's limit, for the sentence about them.

    Returns:
        The exchange table.
    """
    balancer = balancer_note(parts, reading.counter)
    return described(reading, parts, rejected_path, max_bad_share, balancer)


def described(
    reading: Reading,
    parts: tuple[Path, ...],
    rejected_path: Path | None,
    max_bad_share: float,
    balancer: str | None,
) -> ExchangeTable:
    """Say what is known of a table of which one address was looked up already.

    Args:
        reading: What the readers found.
        parts: The written parts; none if another engine holds them.
        rejected_path: Where the rejected records are.
        max_bad_share: The caller's limit, for the sentence about them.
        balancer: The warning that addresses mean nothing, or None.

    Returns:
        The exchange table.
    """
    counter = reading.counter
    coverage = counter.result()
    notes = [
        *reader_notes(reading.findings, reading.time_zone),
        *table_notes(counter, coverage, reading.hints),
    ]
    if reading.outside:
        notes.append(f"note: {reading.outside:,} exchanges outside the period left out.")
    if reading.rejects.count:
        notes.insert(0, rejected_sentence(reading.rejects, reading.judged, max_bad_share))
    if balancer is not None:
        notes.append(balancer)
    return ExchangeTable(
        parts=parts,
        files=tuple(reading.files),
        rows=counter.rows,
        rejected=reading.rejects.count,
        rejected_path=rejected_path,
        coverage=coverage,
        switched_off=ADDRESS_COLUMNS if balancer is not None else frozenset(),
        notes=tuple(notes),
    )


def judged(table: ExchangeTable, reading: Reading, max_bad_share: float) -> ExchangeTable:
    """Return the table, or raise with it if too much was rejected.

    Args:
        table: What was read.
        reading: What the readers found.
        max_bad_share: Share of rejected records above which the reading counts as failed.

    Returns:
        The table.

    Raises:
        RejectedShareError: More bad records than allowed; carries the table of the good ones.
    """
    if table.rejected > max_bad_share * reading.judged:
        raise RejectedShareError(
            f"{table.rejected:,} of {reading.judged:,} lines rejected "
            f"({100 * table.rejected / reading.judged:.1f} %), limit {100 * max_bad_share:g} %",
            table=table,
            hint=f"See {REJECTED_FILE_NAME} for the lines, or raise --max-bad.",
        )
    return table
