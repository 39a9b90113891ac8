"""``cautery scan``: read access logs, link accounts into campaigns, and say why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter

from cautery.cli.log_options import READING_FIELDS, FieldOptions
from cautery.cli.small_memory import use_memory_again

if TYPE_CHECKING:
    from cautery.cli.scan_run import FailOn, ScanRequest

OUTPUT_FOLDER: Final = Path("cautery-out")
"""Where results go if nobody says where."""

LEAST_MEMORY_BYTES: Final = 10**9
"""Below this the interpreter and its libraries leave too little for the log."""

BandName = Literal["very-likely", "likely", "watch"]


def scan(
    *logs: Annotated[str, Parameter(allow_leading_hyphen=True)],
    accounts: Path | None = None,
    releases: Path | None = None,
    reading: FieldOptions = READING_FIELDS,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = OUTPUT_FOLDER,
    output_format: Literal["human", "json"] = "human",
    show_all: Annotated[bool, Parameter(name="--all", negative="")] = False,
    fail_on: BandName | None = None,
    incremental: Path | None = None,
    resume: Path | None = None,
    calibration: Path | None = None,
    embedding: Path | None = None,
    indicators: Path | None = None,
    sharing_keys: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    memory: str | None = None,
    engine: str = "duckdb",
    scratch: str | None = None,
    no_progress: Annotated[bool, Parameter(negative="")] = False,
    seed: int = 0,
) -> int:
    """Scan access logs for distillation campaigns.

    Args:
        logs: Files, folders or globs; - is standard input.
        accounts: Account table (CSV, JSON Lines or Parquet): what billing and identity know.
        releases: Release table (CSV with model,released_at).
        reading: How logs are read.
        output: Folder for the results.
        output_format: json writes the case to standard output and the screen to standard error.
        show_all: Show every campaign, row and near miss, small groups included.
        fail_on: Exit with 1 if a campaign is in this band or above.
        incremental: Folder that keeps what was read; only new logs are read.
        resume: Folder that keeps what was read until the scan is done, then goes: after a stop the
            same command goes on with the logs that were not read to their end.
        calibration: What `cautery calibrate` learned from decided cases; a row of every waterfall.
        embedding: Folder of a static embedding model (model.safetensors, tokenizer.json): large
            groups are compared by what their prompts mean, which is shown and not weighed.
        indicators: What peers named, as `cautery intel import` keeps it; raises a chance by two
            bits at most, and decides nothing.
        sharing_keys: Key file of a sharing group, for indicators that are keyed; may be given
            several times.
        memory: Memory that the scan may take, as 4GB; beyond half of it tables go to disk.
        engine: duckdb, which is this machine; spark; or a master such as spark://HOST:7077,
            local[4]. LOG is then a table, Parquet files, delta:PATH or iceberg:PATH.
        scratch: Folder or URI that all machines of Spark can write; emptied after the scan.
        no_progress: Show no progress.
        seed: Seed of everything random in the scan.

    Returns:
        The exit code.
    """
    use_memory_again()
    return _run(
        options=reading.ingest_options(_checked_logs(logs)),
        account_table=accounts,
        release_table=releases,
        output_folder=output,
        machine_output=output_format == "json",
        everything=show_all,
        fail_on=_band(fail_on),
        silent=no_progress,
        seed=seed,
        state_folder=incremental,
        resume_folder=resume,
        calibration_file=calibration,
        embedding_folder=embedding,
        peers=(indicators, sharing_keys),
        memory_bytes=_memory(memory),
        engine=engine,
        scratch=scratch,
    )


def _run(**chosen: Any) -> int:
    from cautery.cli.scan_run import ScanRequest, run_scan

    return run_scan(_checked(ScanRequest(**chosen)), sys.stdout, sys.stderr)


def _checked_logs(logs: tuple[str, ...]) -> tuple[str, ...]:
    from cautery.errors import UsageError

    for log in logs:
        if log.startswith("-") and log != "-":  # the parser lets it through for the sake of -
            raise UsageError(f"unknown option: {log}", hint="See: cautery scan --help.")
    return logs


def _checked(request: ScanRequest) -> ScanRequest:
    """Refuse options that only an engine of this machine knows, or only one of many."""
    from cautery.errors import UsageError
    from cautery.registry import ENGINES
    from cautery.scan.engine_options import OWN_ENGINE, engine_at

    if request.state_folder is not None and request.resume_folder is not None:
        raise UsageError("give --incremental or --resume", hint="The former resumes as well.")
    name, _address = engine_at(request.engine)
    ENGINES.load(name)
    if name == OWN_ENGINE:
        if request.scratch is not None:
            raise UsageError("only Spark needs it", where="--scratch", hint="Give --engine too.")
        return request
    if request.reads_folder is not None:
        raise UsageError(
            "what was read is kept by the engine of this machine only",
            where="--incremental or --resume",
            hint="Spark reads tables where they are: leave it out.",
        )
    if request.memory_bytes is not None:
        raise UsageError(
            "it bounds the engine of this machine only",
            where="--memory",
            hint="Give Spark its memory by its own settings.",
        )
    return request


def _memory(text: str | None) -> int | None:
    from cautery.cli.shares import bytes_of
    from cautery.errors import UsageError

    if text is None:
        return None
    size = bytes_of(text, "--memory")
    if size < LEAST_MEMORY_BYTES:
        raise UsageError("a scan wants more memory", where="--memory", hint="Give at least 1GB.")
    return size


def _band(name: BandName | None) -> FailOn | None:
    return "very likely" if name == "very-likely" else name
