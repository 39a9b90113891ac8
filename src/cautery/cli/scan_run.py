"""What ``cautery scan`` does: reads, scans, writes and shows, and leaves nothing half done."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from cautery.cli.exits import Exit, print_error, printable
from cautery.cli.scan_bulletin import check_bundle_place, write_bundle_file
from cautery.cli.scan_inputs import calibration_of, embedding_of, recogniser_of
from cautery.cli.scan_request import FailOn, ScanRequest
from cautery.cli.scan_rooms import Rooms, ScanChoices, real_rooms
from cautery.cli.scan_settings import settings_of
from cautery.errors import NoInputError, OutputError, TooManyRejectedError, UsageError
from cautery.plain_files import why_no_file
from cautery.records.campaign import BAND_FLOORS

if TYPE_CHECKING:
    from cautery.ports import Recogniser
    from cautery.records.case import Case
    from cautery.records.progress import Progress
    from cautery.report.screen import Outcome
    from cautery.scan.watching import DailyWatch

REJECTED: Final = "rejected.jsonl"
"""Lines that could not be read; in the results only if there are any."""


def run_scan(
    request: ScanRequest, output: TextIO, messages: TextIO, rooms: Rooms | None = None
) -> int:
    """Run a scan from the logs to the screen.

    Args:
        request: What to do.
        output: Standard output: the screen, or the case as JSON.
        messages: Standard error: progress, warnings, and the screen beside JSON.
        rooms: The rooms that read and scan; the real ones if None.

    Returns:
        The exit code.

    Raises:
        CauteryError: An input cannot be read or the results cannot be written.
    """
    from cautery.cli.progress import progress_for
    from cautery.cli.work_folder import work_folder
    from cautery.report.screen import Outcome

    _check_request(request)
    started = time.monotonic()
    peers = recogniser_of(*request.peers, messages)
    try:
        with (
            work_folder(request.output_folder) as work,
            progress_for(messages, silent=request.silent) as progress,
        ):
            chosen = rooms or real_rooms(
                request.reads_folder,
                request.engine,
                request.scratch,
                keep_days=request.keep_days,
            )
            watch = _watch(request)
            case, too_many = _scanned(request, work, progress, chosen, watch=watch, peers=peers)
            case, names = _written(case, request, watch)
            if request.resume_folder is not None:
                shutil.rmtree(request.resume_folder, ignore_errors=True)
    except KeyboardInterrupt:
        messages.write(_interrupted(request))
        return Exit.INTERRUPTED
    outcome = Outcome(
        output_folder=str(request.output_folder),
        written=names,
        seconds=time.monotonic() - started,
        peak_bytes=_peak_bytes(),
        everything=request.everything,
    )
    _show(case, outcome, messages if request.machine_output else output)
    if request.machine_output:
        _print_document(case, output)
    if too_many is not None:
        print_error(too_many, messages)
        return Exit.REJECTED
    return Exit.FINDINGS if _has_findings(case, request.fail_on) else Exit.RAN


def _interrupted(request: ScanRequest) -> str:
    text = f"\ninterrupted: no result was written to {printable(str(request.output_folder))}\n"
    if request.reads_folder is None:
        return text
    kept = printable(str(request.reads_folder))
    return f"{text}logs that were read to their end are kept in {kept}; the same command goes on\n"


def _watch(request: ScanRequest) -> DailyWatch | None:
    """Take up what the scan before fixed; None without a state."""
    if request.state_folder is None:
        return None
    from cautery.cli.scan_evidence import known_watch
    from cautery.ingest.retention import has_dropped
    from cautery.scan.watching import DailyWatch

    forgetful = request.keep_days is not None or has_dropped(request.state_folder)
    return DailyWatch(before=known_watch(request.state_folder), forgetful=forgetful)


def _written(
    case: Case, request: ScanRequest, watch: DailyWatch | None
) -> tuple[Case, tuple[str, ...]]:
    """Write the results, and keep the campaigns' names and evidence if there is a state."""
    if request.state_folder is None or watch is None:
        return case, _write(case, request.output_folder)
    from cautery.cli.scan_evidence import keep_watch
    from cautery.cli.scan_state import continued_case, keep_names

    case, names = continued_case(case, request.state_folder)
    case, after = watch.settle(case)
    written = _write(case, request.output_folder)
    keep_names(request.state_folder, names)
    keep_watch(request.state_folder, after)
    return case, written


def _check_request(request: ScanRequest) -> None:
    """Look at tables, names of campaigns and places before an hour is spent on the logs."""
    from cautery.report.results import check_output_folder

    if not request.options.logs:
        raise UsageError("no log was named", hint="cautery scan LOG..., or - for standard input.")
    _check_tables(request)
    _check_state(request)
    check_output_folder(request.output_folder)
    check_bundle_place(request.output_folder)


def _check_tables(request: ScanRequest) -> None:
    for option, path in (
        ("--accounts", request.account_table),
        ("--releases", request.release_table),
    ):
        problem = "" if path is None else why_no_file(path)
        if problem:
            raise NoInputError(problem, where=str(path), hint=f"Check {option}.")


def _check_state(request: ScanRequest) -> None:
    if request.resume_folder is not None:
        from cautery.cli.scan_state import NAMES_FILE

        if (request.resume_folder / NAMES_FILE).exists():
            raise UsageError(
                "this is the state of daily scans, and --resume would remove it at the end",
                hint="Give it as --incremental, which resumes as well.",
            )
    if request.state_folder is not None:
        from cautery.cli.scan_state import known_names

        known_names(request.state_folder)


def _scanned(
    request: ScanRequest,
    work: Path,
    progress: Progress,
    rooms: Rooms,
    *,
    watch: DailyWatch | None,
    peers: Recogniser | None,
) -> tuple[Case, TooManyRejectedError | None]:
    from cautery.ingest.state import SUMS_FOLDER
    from cautery.ingest.table import RejectedShareError
    from cautery.scan.needs import SCAN_COLUMNS

    settings = settings_of(request)  # of the files as they are read, and not hours later
    options = replace(request.options, columns=SCAN_COLUMNS, sample_text=True)
    accounts = rooms.read_account_table(request.account_table) if request.account_table else None
    releases = rooms.read_release_table(request.release_table) if request.release_table else None
    local = calibration_of(request.calibration_file)
    embedding = embedding_of(request.embedding_folder)
    too_many: TooManyRejectedError | None = None
    try:
        table = rooms.read_logs(options, work, progress)
    except RejectedShareError as error:
        too_many, table = error, error.table
    _keep_rejected(table.rejected_path, request.output_folder)
    if too_many is not None and not table.rows:
        raise too_many
    choices = ScanChoices(
        work_folder=work,
        seed=request.seed,
        all_near_misses=request.everything,
        local=local,
        embedding=embedding,
        memory_bytes=request.memory_bytes,
        kept_folder=None if request.state_folder is None else request.state_folder / SUMS_FOLDER,
        watch=watch,
        peers=peers,
    )
    case = rooms.scan(table, accounts, releases, choices, progress)
    return replace(case, settings=settings), too_many


def _keep_rejected(rejected: Path | None, folder: Path) -> None:
    """Move the rejected lines beside the results; those of an earlier scan would mislead."""
    target = folder / REJECTED
    try:
        if rejected is not None:
            shutil.move(rejected, target)
        elif (folder / "case.json").exists():
            target.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=str(target)) from error


def _write(case: Case, folder: Path) -> tuple[str, ...]:
    from cautery.report.results import write_results

    names = [path.name for path in write_results(case, folder)]
    names.append(write_bundle_file(case, folder))
    if (folder / REJECTED).exists():
        names.append(REJECTED)
    return tuple(names)


def _show(case: Case, outcome: Outcome, stream: TextIO) -> None:
    from cautery.report.screen import screen_lines
    from cautery.report.style import style_for

    stream.writelines(f"{line}\n" for line in screen_lines(case, style_for(stream), outcome))
    stream.flush()


def _print_document(case: Case, stream: TextIO) -> None:
    """Write the case in UTF-8 whatever the terminal speaks: RFC 8259 knows no other encoding."""
    from cautery.report.json_layout import case_document

    binary = getattr(stream, "buffer", None)
    for piece in case_document(case):
        if binary is None:
            stream.write(piece)
        else:
            binary.write(piece.encode())
    stream.flush()


def _has_findings(case: Case, fail_on: FailOn | None) -> bool:
    if fail_on is None:
        return False
    floor = dict(BAND_FLOORS)[fail_on]
    return any(campaign.band and campaign.probability >= floor for campaign in case.campaigns)


def _peak_bytes() -> int | None:
    """Ask the system for the most memory that this process held; None where it cannot tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
