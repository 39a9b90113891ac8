"""Where the report of a probe goes: a file, a ledger, and lines for whoever asked."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cautery.errors import UsageError
from cautery.ledger.durable_files import output_errors, write_durably
from cautery.records.probe import PROBE_RECORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from cautery.cli.provenance.endpoint_options import ShowingOptions
    from cautery.cli.provenance.model_options import LedgerOptions
    from cautery.records.probe import ProbeReport


def check_recording(recording: LedgerOptions) -> None:
    """Refuse a ledger without its key, before anything is asked.

    Raises:
        UsageError: One of the two is missing.
    """
    if (recording.ledger is None) != (recording.ledger_key is None):
        raise UsageError("--ledger and --ledger-key belong together")


def published(
    report: ProbeReport,
    recording: LedgerOptions,
    showing: ShowingOptions,
    summarise: Callable[[ProbeReport], list[str]],
) -> list[str]:
    """Write a report where it was wanted, and record it.

    Args:
        report: The report.
        recording: Where it is recorded.
        showing: Where it goes besides, and in which form.
        summarise: Says it in lines.

    Returns:
        Lines for standard output.
    """
    content = msgspec.json.encode(report)
    if showing.output is not None:
        with output_errors(showing.output):
            indented = msgspec.json.format(content, indent=1) + b"\n"
            write_durably(showing.output, indented, mode=0o600)
    if recording.ledger is not None and recording.ledger_key is not None:
        record_report(content, recording.ledger, recording.ledger_key)
    return [content.decode()] if showing.output_format == "json" else summarise(report)


def record_report(content: bytes, folder: Path, key: Path) -> None:
    """Append a report to a ledger.

    Args:
        content: The report, as JSON.
        folder: The ledger.
        key: File with its key.
    """
    from cautery.ledger.key_files import load_signing_key
    from cautery.ledger.writer import Ledger

    def clock() -> datetime:
        return datetime.now(UTC)

    with Ledger(folder, load_signing_key(key), clock=clock) as ledger:
        position = ledger.append(PROBE_RECORD, msgspec.json.decode(content), clock())
    print(f"record {position:,} of the ledger {folder}", file=sys.stderr)
