"""Records a probe's report in a ledger."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from cautery.records.probe import PROBE_RECORD


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
