"""The rooms that a scan walks through, and what each is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from cautery.ingest.options import IngestOptions
    from cautery.ingest.table import ExchangeTable
    from cautery.ports import OpenEngine, Recogniser
    from cautery.records.calibration import LocalCalibration
    from cautery.records.case import Case
    from cautery.records.progress import Progress
    from cautery.scan.static_embedding import StaticEmbedding
    from cautery.scan.watching import DailyWatch


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanChoices:
    """What the caller chose about the scan itself."""

    work_folder: Path
    """For what does not fit into memory; removed afterwards."""
    seed: int
    all_near_misses: bool
    """Name small groups too that were looked at and not listed."""
    local: LocalCalibration | None = None
    """What was learned from decided cases."""
    embedding: StaticEmbedding | None = None
    """Tells what prompts mean; None to go by their words alone."""
    memory_bytes: int | None = None
    kept_folder: Path | None = None
    """Where sums are kept for the next scan."""
    watch: DailyWatch | None = None
    """Tests what the scan before fixed; None without a state."""
    peers: Recogniser | None = None
    """Knows what peers named; None without indicators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """The work of other rooms, passed in so that a test can stand in for them."""

    read_logs: Callable[[IngestOptions, Path, Progress], ExchangeTable]
    read_account_table: Callable[[Path], Any]
    read_release_table: Callable[[Path], Any]
    scan: Callable[[ExchangeTable, Any, Any, ScanChoices, Progress], Case]


def real_rooms(
    state_folder: Path | None = None,
    engine: str = "duckdb",
    scratch: str | None = None,
    *,
    keep_days: int | None = None,
) -> Rooms:
    """Import the rooms that read and scan.

    Args:
        state_folder: Where what was read is kept; None to keep nothing.
        engine: Name of an engine, or the address of Spark.
        scratch: Folder or URI that all machines of the engine can write.
        keep_days: Days that the state keeps; None for all.

    Returns:
        Their functions.
    """
    from cautery.ingest.account_table import read_account_table
    from cautery.ingest.release_table import read_release_table

    real = _Real(state_folder, engine, scratch, keep_days)
    return Rooms(
        read_logs=real.read_logs,
        read_account_table=read_account_table,
        read_release_table=read_release_table,
        scan=real.scan,
    )


class _Real:
    """Reading and scanning by one engine; reading opens it and scanning closes it."""

    def __init__(
        self, state_folder: Path | None, engine: str, scratch: str | None, keep_days: int | None
    ) -> None:
        self._state_folder = state_folder
        self._keep_days = keep_days
        self._engine = engine
        self._scratch = scratch
        self._opened: OpenEngine | None = None

    def read_logs(self, options: IngestOptions, work: Path, progress: Progress) -> ExchangeTable:
        """Read logs, or the tables of an engine past this machine."""
        from cautery.ingest.incremental import read_new_logs
        from cautery.ingest.read import read_logs
        from cautery.registry import ENGINES
        from cautery.scan.engine_options import OWN_ENGINE, EngineOptions, engine_at

        if self._state_folder is not None:
            return read_new_logs(
                options, self._state_folder, work, progress, keep_days=self._keep_days
            )
        name, address = engine_at(self._engine)
        if name == OWN_ENGINE:
            return read_logs(options, work, progress)
        place = EngineOptions(address=address, scratch=self._scratch, work_folder=work)
        return self._read_by(ENGINES.load(name).open(place), options, work, progress)

    def _read_by(
        self, engine: OpenEngine, options: IngestOptions, work: Path, progress: Progress
    ) -> ExchangeTable:
        from cautery.ingest.table import RejectedShareError

        self._opened = engine
        try:
            table: ExchangeTable = engine.read_logs(options, work, progress)
        except BaseException as error:
            if not isinstance(error, RejectedShareError) or not error.table.rows:
                self._opened = None
                engine.close()
            raise
        return table

    def scan(
        self,
        table: ExchangeTable,
        accounts: Any,
        releases: Any,
        choices: ScanChoices,
        progress: Progress,
    ) -> Case:
        """Scan what was read."""
        from cautery.scan.run import ScanOptions
        from cautery.scan.run import scan as scan_table

        engine, self._opened = self._opened, None
        options = ScanOptions(
            work_folder=choices.work_folder,
            seed=choices.seed,
            all_near_misses=choices.all_near_misses,
            local=choices.local,
            embedding=choices.embedding,
            memory_bytes=choices.memory_bytes,
            watch=choices.watch,
            peers=choices.peers,
            engine=engine,
            kept_folder=choices.kept_folder,
        )
        return scan_table(table, accounts, releases, options, progress)
