"""Reads logs of any known format into one exchange table.

Every record of a log ends in one of three ways, and ``InputFile.lines`` counts them all::

    lines = read + rejected + skipped

A record is a line that is not blank for JSON Lines, an item of a JSON array, a row of CSV or
Parquet, and a span or log event for OTLP, where one line holds many; an OTLP line that cannot be
decoded is one record. Skipped records are those that are no exchanges at all, such as spans of a
database: they are counted in the notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from cautery.errors import CauteryError, MalformedFileError, MissingColumnError, OutputError
from cautery.ingest.assembling import assembled, judged
from cautery.ingest.block_reading import BlockReading, process_count
from cautery.ingest.collecting import seldom_collecting
from cautery.ingest.findings import ACCOUNT_MISSING, Findings
from cautery.ingest.line_blocks import begins_with_object
from cautery.ingest.log_files import LogFile, find_log_files
from cautery.ingest.mapping import load_mapping
from cautery.ingest.options import IngestOptions, ReadOptions
from cautery.ingest.part_writer import PART_ROWS, PartWriter
from cautery.ingest.reading import Reading
from cautery.ingest.rejects import REJECTED_FILE_NAME, RejectLog
from cautery.ingest.schema import part_schema
from cautery.ingest.sniffing import HEAD_BYTES, looks_like_csv, sniff_format
from cautery.ingest.storing import Storing
from cautery.ingest.streams import OpenLog, compression_errors, plain_name
from cautery.records.case import InputFile
from cautery.registry import LOG_FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from cautery.ingest.mapping import Mapping
    from cautery.ingest.table import ExchangeTable
    from cautery.ports import LogFormat
    from cautery.records.progress import Progress

AUTO = "auto"
FIRST_LOOK_RECORDS = 1000
"""If none of so many records has an account, the file has none."""


def read_logs(
    options: IngestOptions,
    work_folder: Path,
    progress: Progress,
    *,
    part_rows: int = PART_ROWS,
) -> ExchangeTable:
    """Read logs into Parquet parts.

    The result does not depend on the order in which the logs were given.

    Args:
        options: What to read and how.
        work_folder: Where the parts and ``rejected.jsonl`` go; it must exist.
        progress: Told of the bytes read.
        part_rows: Rows in a part, give or take.

    Returns:
        The exchange table.

    Raises:
        NoInputError: No file matches.
        UnknownFormatError: The format of a file cannot be told.
        MissingColumnError: A file has nothing to tell accounts by.
        TimeUnitError: The times of a file are impossible in the unit asked for.
        MalformedFileError: A file is cut off or damaged.
        RejectedShareError: More bad records than allowed; carries the table of the good ones.
        ConfigurationError: The mapping file is wrong.
    """
    files = find_log_files(options.logs, work_folder)
    progress.start("reading", sum(file.path.stat().st_size for file in files), "bytes")
    reading, parts = read_files(files, options, work_folder, progress, part_rows=part_rows)
    progress.finish(f"{reading.counter.rows:,} exchanges")
    rejected = work_folder / REJECTED_FILE_NAME if reading.rejects.count else None
    table = assembled(reading, parts, rejected, options.max_bad_share)
    return judged(table, reading, options.max_bad_share)


def read_files(
    files: tuple[LogFile, ...],
    options: IngestOptions,
    work_folder: Path,
    progress: Progress,
    *,
    part_rows: int = PART_ROWS,
    rows_before: int = 0,
) -> tuple[Reading, tuple[Path, ...]]:
    """Read files into Parquet parts, however much of them is rejected.

    Args:
        files: The logs, in the order of their rows.
        options: How to read them.
        work_folder: Where the parts and ``rejected.jsonl`` go; it must exist.
        progress: Told of the bytes read.
        part_rows: Rows in a part, give or take.
        rows_before: Exchanges that an earlier reading has stored.

    Returns:
        What the readers found, and the parts.

    Raises:
        CauteryError: As ``read_logs``, but never for rejected records.
    """
    size = sum(file.path.stat().st_size for file in files)
    schema = part_schema(drop_text=options.drop_text, columns=options.columns)
    writer = PartWriter(work_folder, schema, part_rows=part_rows)
    storing = Storing(
        writer,
        size,
        period=options.period,
        sample_text=options.sample_text,
        rows_before=rows_before,
    )
    rejects = RejectLog(work_folder / REJECTED_FILE_NAME)
    reader = _Reader(options, progress, storing, rejects)
    try:
        with seldom_collecting():
            for file in files:
                reader.read_file(file)
        return reader.finished(), tuple(writer.parts)
    except OSError as error:
        raise OutputError(
            f"cannot keep the exchange table: {error.strerror or error}", where=str(work_folder)
        ) from error
    finally:
        reader.close()
        # What the batches took goes back to the system, for the scan to have.
        pa.default_memory_pool().release_unused()


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A format and the options to read one file with."""

    member: LogFormat
    options: ReadOptions


class _Reader:
    """One run over all files."""

    def __init__(
        self, options: IngestOptions, progress: Progress, storing: Storing, rejects: RejectLog
    ) -> None:
        self._options = options
        self._progress = progress
        self._storing = storing
        self._rejects = rejects
        self._now = options.now or datetime.now(UTC)
        self._mapping: Mapping | None = (
            load_mapping(options.mapping) if options.mapping is not None else None
        )
        self._blocks = BlockReading(process_count(options.processes))
        self._reading = Reading(counter=storing.counter, time_zone=options.time_zone)

    def read_file(self, file: LogFile) -> None:
        """Read one file to its end."""
        try:
            opened = OpenLog(file.path, self._progress.advance)
        except OSError as error:
            raise MalformedFileError(
                f"cannot be read: {error.strerror or error}", where=file.name
            ) from error
        try:
            with compression_errors(file.name):
                head = opened.stream.read(HEAD_BYTES)
            chosen = self._choose(file.name, head)
            stream: Any = _Replayed(head, opened.stream, file.name)
            if opened.is_parquet:
                opened.stream.seek(0)
                stream = opened.stream
            self._read_batches(file.name, stream, chosen, head)
            with compression_errors(file.name):
                digest, size = opened.finish()
        finally:
            opened.close()
        self._note_file(file.name, chosen, digest, size)

    def _choose(self, name: str, head: bytes) -> _Chosen:
        options = self._options
        mapping = self._mapping
        if mapping is not None and options.format in (AUTO, "mapped"):
            member = LOG_FORMATS.load("mapped")
        elif options.format != AUTO:
            member = LOG_FORMATS.load(options.format)
        elif not head:
            member = LOG_FORMATS.load("canonical")
        else:
            member, _ = sniff_format(head, plain_name(name))
        return _Chosen(
            member,
            ReadOptions(
                file_name=name,
                time_zone=(mapping.time_zone if mapping else "") or options.time_zone,
                time_unit=(mapping.time_unit if mapping else None) or options.time_unit,
                now=self._now,
                account_field=options.account_field,
                client_address_field=options.client_address_field,
                trusted_proxies=options.trusted_proxies,
                mapping=mapping,
            ),
        )

    def _read_batches(self, name: str, stream: Any, chosen: _Chosen, head: bytes) -> None:
        member = chosen.member
        in_blocks = _is_json_lines(head, member)
        read = partial(self._blocks.read, member) if in_blocks else member.read
        findings = chosen.options.findings

        def reject(line: int, reason: str, raw: bytes) -> None:
            self._rejects.add(name, line, reason, raw)
            _check_accounts(name, member.name, findings)

        for batch in read(stream, chosen.options, reject):
            self._storing.submit(name, batch)
        if not findings.accepted and findings.rejected[ACCOUNT_MISSING]:
            raise _no_account(name, member.name, findings)

    def _note_file(self, name: str, chosen: _Chosen, digest: str, size: int) -> None:
        findings = chosen.options.findings
        reading = self._reading
        reading.files.append(
            InputFile(
                name=name,
                sha256=digest,
                bytes=size,
                lines=findings.records,
                format=chosen.member.name,
            )
        )
        reading.findings.add(findings)
        reading.time_zone = chosen.options.time_zone
        if hint := getattr(chosen.member, "prompt_hint", ""):
            reading.hints[chosen.member.name] = hint

    def finished(self) -> Reading:
        """End the parts and say what was found."""
        self._storing.finish()
        self._reading.outside = self._storing.outside
        self._reading.rejects = self._rejects.counts
        return self._reading

    def close(self) -> None:
        """Close what is open, also after an error."""
        self._blocks.close()
        self._storing.close()
        self._rejects.close()


class _Replayed:
    """A stream whose head was read for sniffing; errors of decompression name the file."""

    def __init__(self, head: bytes, stream: BinaryIO, name: str) -> None:
        self._head = head
        self._stream = stream
        self._name = name

    def read(self, size: int = -1, /) -> bytes:
        if self._head:
            end = len(self._head) if size < 0 else size
            part, self._head = self._head[:end], self._head[end:]
            return part
        with compression_errors(self._name):
            return self._stream.read(size)


def _is_json_lines(head: bytes, member: LogFormat) -> bool:
    """Whether a log may be cut into blocks of lines that are read on their own."""
    independent = getattr(member, "independent_lines", False)
    return independent and begins_with_object(head) and not looks_like_csv(head)


def _check_accounts(name: str, format_name: str, findings: Findings) -> None:
    missing = findings.rejected[ACCOUNT_MISSING]
    if missing >= FIRST_LOOK_RECORDS and not findings.accepted:
        raise _no_account(name, format_name, findings)


def _no_account(name: str, format_name: str, findings: Findings) -> CauteryError:
    missing = findings.rejected[ACCOUNT_MISSING]
    return MissingColumnError(
        f"{format_name} file has no account, key or address in {missing:,} of "
        f"{findings.records:,} lines. Linking needs an account. "
        f"Columns seen: {', '.join(findings.columns_seen) or 'none'}",
        where=name,
        hint="Use --account FIELD.",
    )
