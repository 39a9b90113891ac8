"""What ``cautery scan`` was asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cautery.ingest.options import IngestOptions

FailOn = Literal["very likely", "likely", "watch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRequest:
    """What a scan was asked to do."""

    options: IngestOptions
    """The logs and how to read them."""
    account_table: Path | None = None
    release_table: Path | None = None
    output_folder: Path
    machine_output: bool = False
    """``case.json`` on standard output, everything for people on standard error."""
    everything: bool = False
    fail_on: FailOn | None = None
    silent: bool = False
    """No progress."""
    seed: int = 0
    state_folder: Path | None = None
    """Keeps what was read for the next scan; None to keep nothing."""
    keep_days: int | None = None
    """Days that ``state_folder`` keeps; None for all."""
    resume_folder: Path | None = None
    """Keeps what was read until this scan is done; None to keep nothing."""
    calibration_file: Path | None = None
    """What was learned from decided cases; None for nothing."""
    embedding_folder: Path | None = None
    """Holds a static embedding model; None for none."""
    peers: tuple[Path | None, tuple[Path, ...]] = (None, ())
    """Store of what peers named, None for none; and key files of sharing groups."""
    memory_bytes: int | None = None
    """None for as much as the engine sees fit."""
    engine: str = "duckdb"
    """Name of an engine, or the address of Spark."""
    scratch: str | None = None
    """Folder or URI that all machines of the engine can write; None for the work folder."""

    @property
    def reads_folder(self) -> Path | None:
        """Folder that keeps what was read, for whatever reason."""
        return self.state_folder or self.resume_folder
