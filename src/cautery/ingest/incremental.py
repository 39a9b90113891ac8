"""Reads only the logs that are new since the last scan; the exchange table holds all of them."""

from __future__ import annotations

import os
import shutil
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from cautery.errors import MalformedFileError, OutputError, UsageError
from cautery.ingest.assembling import assembled, judged
from cautery.ingest.log_files import STANDARD_INPUT, LogFile, find_log_files
from cautery.ingest.mapping import load_mapping
from cautery.ingest.read import read_files
from cautery.ingest.reading import Reading
from cautery.ingest.rejects import REJECTED_FILE_NAME
from cautery.ingest.retention import drop_old
from cautery.ingest.state import StateFolder
from cautery.ingest.state_documents import KnownLog

if TYPE_CHECKING:
    from cautery.ingest.options import IngestOptions
    from cautery.ingest.table import ExchangeTable
    from cautery.records.progress import Progress

_BLOCK_BYTES: Final = 2**20


def read_new_logs(
    options: IngestOptions,
    state_folder: Path,
    work_folder: Path,
    progress: Progress,
    *,
    keep_days: int | None = None,
) -> ExchangeTable:
    """Read what is new, and give the table of everything that the state holds.

    A log is known by its path, size and time of change, or by its content: one that was renamed
    when logs were rotated is not read again. Logs that are gone stay in the table.

    Args:
        options: What to read and how; the same as before except for the logs.
        state_folder: Folder of the state; made if it is not there.
        work_folder: Where the rejected records of all logs are brought together.
        progress: Told of the bytes read.
        keep_days: Logs that ended more than so many days before the newest exchange are taken out
            of the state, for good; None to keep all.

    Returns:
        The exchange table, the same as one reading of all logs in the state together gives.

    Raises:
        UsageError: Standard input or a period was given.
        MalformedFileError: A log that was read has changed since, or a new one is damaged.
        ConfigurationError: The state was made with other options.
        OutputError: The state cannot be kept.
        RejectedShareError: More bad records than allowed, in all logs together.
        InputError: As ``cautery.ingest.read.read_logs``.
    """
    files = _files_to_read(options, state_folder, work_folder)
    state = StateFolder(state_folder, options)
    try:
        _read_all_new(files, options, state, progress, keep_days)
        reading = Reading(time_zone=options.time_zone)
        reads = sorted(state.reads, key=lambda read: (read.reading.files[0].name, read.folder))
        for read in reads:
            reading.add(read.reading)
        parts = tuple(part for read in reads for part in read.parts)
        rejected = _together(
            [read.folder / REJECTED_FILE_NAME for read in reads], work_folder / REJECTED_FILE_NAME
        )
        table = assembled(reading, parts, rejected, options.max_bad_share)
    except OSError as error:
        raise OutputError(
            f"cannot keep the state: {error.strerror or error}", where=str(state_folder)
        ) from error
    finally:
        state.close()
    return judged(table, reading, options.max_bad_share)


def _files_to_read(
    options: IngestOptions, state_folder: Path, work_folder: Path
) -> tuple[LogFile, ...]:
    """List the logs, those of the state itself left out; refuse what cannot be known again."""
    if STANDARD_INPUT in options.logs:
        raise UsageError(
            "standard input cannot be read incrementally",
            where="-",
            hint="Name the files: a log is known again by its name and content.",
        )
    if options.period.bounded:
        raise UsageError(
            "--since and --until do not go with --incremental and --resume",
            hint="The state holds whole logs; name fewer of them, in a state of their own.",
        )
    if options.mapping is not None:
        load_mapping(options.mapping)  # says what is wrong with it before a state is made
    own = Path(os.path.realpath(state_folder))  # Path.resolve fails at links that go round
    return tuple(
        file
        for file in find_log_files(options.logs, work_folder)
        if not file.path.resolve().is_relative_to(own)
    )


def _read_all_new(
    files: tuple[LogFile, ...],
    options: IngestOptions,
    state: StateFolder,
    progress: Progress,
    keep_days: int | None,
) -> None:
    new = [file for file in files if not _is_known(file, state)]
    progress.start("reading", sum(file.path.stat().st_size for file in new), "bytes")
    for file in new:
        _size, changed = _stamp(file.path)
        folder = state.new_read()
        reading, _parts = read_files((file,), options, folder, progress, rows_before=state.rows)
        # The size as read: a log that grows meanwhile is told by it in the next scan.
        size, digest = reading.files[0].bytes, reading.files[0].sha256
        log = KnownLog(path=str(file.path.resolve()), bytes=size, changed_ns=changed, sha256=digest)
        if any(log.sha256 == digest for log in _logs_ever(state)):
            continue  # two new names of one content; the folder goes at the next start
        state.keep(folder, log, reading)
    known = len(files) - len(new)
    dropped = 0 if keep_days is None else drop_old(state, keep_days)
    went = f", {dropped:,} dropped" if dropped else ""
    progress.finish(f"{len(new):,} new logs, {known:,} known{went}, {state.rows:,} exchanges")


def _logs_ever(state: StateFolder) -> list[KnownLog]:
    """Logs that the state holds or held."""
    return [*(read.log for read in state.reads), *state.dropped]


def _stamp(path: Path) -> tuple[int, int]:
    """Size and time of change of a file."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _is_known(file: LogFile, state: StateFolder) -> bool:
    """Whether a log was read before, under this name or another.

    A file that has grown is an error: the rows that it had are in the table already, and nobody
    can tell the new ones apart.
    """
    path, (size, changed) = str(file.path.resolve()), _stamp(file.path)
    logs = _logs_ever(state)
    if any((log.path, log.bytes, log.changed_ns) == (path, size, changed) for log in logs):
        return True
    if any(log.bytes == size for log in logs):
        with file.path.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
        if any(log.sha256 == digest for log in logs):
            return True
    # Of a log without exchanges, such as a table's bare head, nothing can be read twice.
    filled = [read.log for read in state.reads if read.reading.counter.rows] + state.dropped
    _check_not_grown(file, [log for log in filled if log.path == path])
    return False


def _check_not_grown(file: LogFile, logs: list[KnownLog]) -> None:
    """Tell a log that took the name of a rotated one from one that was written on."""
    size = file.path.stat().st_size
    for log in logs:
        if not 0 < log.bytes < size:
            continue
        with file.path.open("rb") as stream:
            if _digest_of_head(stream, log.bytes) == log.sha256:
                raise MalformedFileError(
                    "has grown since it was read",
                    where=file.name,
                    hint="Rotate logs and name finished ones only, for example by day.",
                )


def _digest_of_head(stream: BinaryIO, size: int) -> str:
    digest = sha256()
    while size > 0 and (block := stream.read(min(size, _BLOCK_BYTES))):
        digest.update(block)
        size -= len(block)
    return digest.hexdigest()


def _together(sources: list[Path], target: Path) -> Path | None:
    """Bring the rejected records of all logs together; None if there are none."""
    found = [path for path in sources if path.is_file()]
    if not found:
        return None
    with target.open("wb") as file:
        for path in found:
            with path.open("rb") as source:
                shutil.copyfileobj(source, file, _BLOCK_BYTES)
    return target
