"""What a reading may be told: by the caller for all logs, and by the room for one file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cautery.ingest.findings import Findings
from cautery.ingest.mapping import Mapping, TimeUnit
from cautery.ingest.period import Period

BATCH_ROWS: Final = 8192
"""Rows in a batch at most."""
BATCH_BYTES: Final = 32 * 2**20
"""Bytes of log lines in a batch at most, give or take one line: long prompts make short batches."""
LINE_BYTES: Final = 16 * 2**20
"""Longest line that is read; ten times the longest prompts that models take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOptions:
    """How to read logs into an exchange table."""

    logs: tuple[str, ...]
    """Files, folders and globs; ``-`` is standard input."""
    format: str = "auto"
    """Name of a log format, or ``auto`` to sniff each file."""
    mapping: Path | None = None
    """Mapping file; all logs are then read through it."""
    drop_text: bool = False
    """Leave the text columns out of the table, after sketching them."""
    period: Period = field(default_factory=Period)
    """Exchanges that began outside are counted and left out."""
    columns: frozenset[str] | None = None
    """Columns to store; None for all. What is left out is still counted in the coverage."""
    sample_text: bool = False
    """Store the prompts of a long log only where ``input_hash`` is below ``KEPT_TEXT_HASH``; the
    sketches of all are kept."""
    max_bad_share: float = 0.01
    """Share of rejected records above which the reading counts as failed."""
    time_zone: str = "UTC"
    """Zone of times that name none."""
    time_unit: TimeUnit = "auto"
    account_field: str | None = None
    """Field that holds the account, as a dotted path or ``header:NAME``; overrides the format."""
    client_address_field: str | None = None
    """Field that holds the client's address, in the same notation."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of one's own proxies: passed over in a list of addresses."""
    processes: int | None = None
    """Processes that read the lines of long logs; None for as many as there are processors."""
    now: datetime | None = None
    """The clock, for the check of years; the machine's own if None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read one file: what a log format gets to know."""

    file_name: str = "log"
    """Name for messages."""
    time_zone: str = "UTC"
    time_unit: TimeUnit = "auto"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    """Times more than a day after this are impossible."""
    account_field: str | None = None
    client_address_field: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    mapping: Mapping | None = None
    findings: Findings = field(default_factory=Findings)
    """Filled by the reader."""
    batch_rows: int = BATCH_ROWS
    batch_bytes: int = BATCH_BYTES
    line_bytes: int = LINE_BYTES
    block_first_line: int | None = None
    """Number of the first line, if the stream is a block of whole lines out of JSON Lines."""
