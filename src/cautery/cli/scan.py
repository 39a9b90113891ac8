"""``cautery scan``: read access logs, link accounts into campaigns, and say why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from cautery.cli.log_options import READING_FIELDS, FieldOptions
from cautery.cli.scan_options import (
    KEEPING,
    KNOWLEDGE,
    MACHINE,
    RESULTS,
    KeepingOptions,
    KnowledgeOptions,
    MachineOptions,
    ResultOptions,
)
from cautery.cli.small_memory import use_memory_again

if TYPE_CHECKING:
    from cautery.cli.scan_request import ScanRequest


def scan(
    *logs: Annotated[str, Parameter(allow_leading_hyphen=True)],
    accounts: Path | None = None,
    releases: Path | None = None,
    reading: FieldOptions = READING_FIELDS,
    results: ResultOptions = RESULTS,
    keeping: KeepingOptions = KEEPING,
    knowledge: KnowledgeOptions = KNOWLEDGE,
    machine: MachineOptions = MACHINE,
    no_progress: Annotated[bool, Parameter(negative="")] = False,
    seed: int = 0,
) -> int:
    """Scan access logs for distillation campaigns.

    Args:
        logs: Files, folders or globs; - is standard input.
        accounts: Account table (CSV, JSON Lines or Parquet): what billing and identity know.
        releases: Release table (CSV with model,released_at).
        reading: How logs are read.
        results: Where results go, and how they are shown.
        keeping: What is kept of the reading.
        knowledge: What is given besides logs and tables.
        machine: Where the work is done, and what it may take.
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
        silent=no_progress,
        seed=seed,
        **results.chosen(),
        **keeping.chosen(),
        **knowledge.chosen(),
        **machine.chosen(),
    )


def _run(**chosen: Any) -> int:
    from cautery.cli.scan_request import ScanRequest
    from cautery.cli.scan_run import run_scan

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
