"""Options of ``cautery scan`` that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter

if TYPE_CHECKING:
    from cautery.cli.scan_request import FailOn

OUTPUT_FOLDER: Final = Path("cautery-out")
"""Where results go if nobody says where."""

LEAST_MEMORY_BYTES: Final = 10**9
"""Below this the interpreter and its libraries leave too little for the log."""

MOST_KEPT_DAYS: Final = 36_500
"""A hundred years: more is a slip of the keyboard."""

BandName = Literal["very-likely", "likely", "watch"]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ResultOptions:
    """Where results go, and how they are shown."""

    output: Annotated[Path, Parameter(name=["--output", "-o"])] = OUTPUT_FOLDER
    """Folder for the results."""
    output_format: Literal["human", "json"] = "human"
    """json writes the case to standard output and the screen to standard error."""
    show_all: Annotated[bool, Parameter(name="--all", negative="")] = False
    """Show every campaign, row and near miss, small groups included."""
    fail_on: BandName | None = None
    """Exit with 1 if a campaign is in this band or above."""

    def chosen(self) -> dict[str, Any]:
        """Say it as a ``ScanRequest`` takes it."""
        return {
            "output_folder": self.output,
            "machine_output": self.output_format == "json",
            "everything": self.show_all,
            "fail_on": self._band(),
        }

    def _band(self) -> FailOn | None:
        return "very likely" if self.fail_on == "very-likely" else self.fail_on


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class KeepingOptions:
    """What is kept of the reading."""

    incremental: Path | None = None
    """Folder that keeps what was read; only new logs are read."""
    resume: Annotated[
        Path | None,
        Parameter(
            help=(
                "Folder that keeps what was read until the scan is done, then goes: after a "
                "stop the same command goes on with the logs that were not read to their end."
            ),
        ),
    ] = None
    keep_days: Annotated[
        int | None,
        Parameter(
            help=(
                "With --incremental: logs that ended more than so many days before the newest "
                "exchange leave the folder, and the scan."
            ),
        ),
    ] = None

    def chosen(self) -> dict[str, Any]:
        """Say it as a ``ScanRequest`` takes it.

        Returns:
            Its fields.

        Raises:
            UsageError: Days are to be kept of nothing, or none of them.
        """
        from cautery.errors import UsageError

        if self.keep_days is not None and self.incremental is None:
            raise UsageError("only --incremental keeps days", where="--keep-days")
        if self.keep_days is not None and not 1 <= self.keep_days <= MOST_KEPT_DAYS:
            raise UsageError(
                f"{self.keep_days} is no number of days to keep",
                where="--keep-days",
                hint=f"Give 1 to {MOST_KEPT_DAYS:,}.",
            )
        return {
            "state_folder": self.incremental,
            "resume_folder": self.resume,
            "keep_days": self.keep_days,
        }


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class KnowledgeOptions:
    """What a scan is given besides logs and tables."""

    calibration: Path | None = None
    """What `cautery calibrate` learned from decided cases; a row of every waterfall."""
    embedding: Annotated[
        Path | None,
        Parameter(
            help=(
                "Folder of a static embedding model (model.safetensors, tokenizer.json): large "
                "groups are compared by what their prompts mean, which is shown and not "
                "weighed."
            ),
        ),
    ] = None
    indicators: Annotated[
        Path | None,
        Parameter(
            help=(
                "What peers named, as `cautery intel import` keeps it; raises a chance by two "
                "bits at most, and decides nothing."
            ),
        ),
    ] = None
    sharing_keys: Annotated[
        tuple[Path, ...],
        Parameter(
            negative="",
            help=(
                "Key file of a sharing group, for indicators that are keyed; may be given "
                "several times."
            ),
        ),
    ] = ()

    def chosen(self) -> dict[str, Any]:
        """Say it as a ``ScanRequest`` takes it."""
        return {
            "calibration_file": self.calibration,
            "embedding_folder": self.embedding,
            "peers": (self.indicators, self.sharing_keys),
        }


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class MachineOptions:
    """Where the work is done, and what it may take."""

    memory: str | None = None
    """Memory that the scan may take, as 4GB; beyond half of it tables go to disk."""
    engine: Annotated[
        str,
        Parameter(
            help=(
                "duckdb, which is this machine; spark; or a master such as spark://HOST:7077, "
                "local[4]. LOG is then a table, Parquet files, delta:PATH or iceberg:PATH."
            ),
        ),
    ] = "duckdb"
    scratch: str | None = None
    """Folder or URI that all machines of Spark can write; emptied after the scan."""

    def chosen(self) -> dict[str, Any]:
        """Say it as a ``ScanRequest`` takes it.

        Returns:
            Its fields.

        Raises:
            UsageError: The memory is no size, or too little.
        """
        return {
            "memory_bytes": self._memory(),
            "engine": self.engine,
            "scratch": self.scratch,
        }

    def _memory(self) -> int | None:
        from cautery.cli.shares import bytes_of
        from cautery.errors import UsageError

        if self.memory is None:
            return None
        size = bytes_of(self.memory, "--memory")
        if size < LEAST_MEMORY_BYTES:
            raise UsageError(
                "a scan wants more memory", where="--memory", hint="Give at least 1GB."
            )
        return size


RESULTS: Final = ResultOptions()
KEEPING: Final = KeepingOptions()
KNOWLEDGE: Final = KnowledgeOptions()
MACHINE: Final = MachineOptions()
"""What holds if nothing is said."""
