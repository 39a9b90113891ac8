"""Explains how one log line is read, field by field, for ``cautery explain --line``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from cautery.ingest.conversation import opened
from cautery.ingest.field_source import FieldSource
from cautery.ingest.findings import Findings, RecordRejected
from cautery.ingest.json_arrays import is_array
from cautery.ingest.json_records import decode_record
from cautery.ingest.mapping import load_mapping
from cautery.ingest.options import IngestOptions, ReadOptions
from cautery.ingest.otlp import records_of
from cautery.ingest.paths import look_up
from cautery.ingest.sniffing import looks_like_csv, sample_records, sniff_format
from cautery.records.exchange import EXCHANGE_COLUMNS
from cautery.registry import LOG_FORMATS

if TYPE_CHECKING:
    from cautery.ports import LogFormat

State = Literal["ok", "missing", "unreadable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldExplanation:
    """What became of one column."""

    column: str
    value: str
    """The value as read, at most 200 characters, not escaped; empty if there is none."""
    source: str
    """Path that it was found at; the paths that were tried if there was nothing."""
    state: State
    reason: str
    """Why it is missing or unreadable, or what was done with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineExplanation:
    """How one log line is read."""

    format: str
    confidence: float
    """How sure the format is of the line; 1 if it was named by the caller."""
    exchanges: int
    """Exchanges in the line: one, several for OTLP, none if it was rejected or skipped."""
    rejected: str
    """Why the line was rejected; empty if it was not."""
    fields: tuple[FieldExplanation, ...]
    """Every canonical column of the first exchange in the line."""
    notes: tuple[str, ...]


def explain_line(
    line: bytes,
    format: str | None,  # noqa: A002 - the option's name
    options: IngestOptions,
) -> LineExplanation:
    """Read one line and say where every column came from.

    Args:
        line: One line of a log; a CSV row with its header line before it.
        format: Name of the format; None to sniff it.
        options: Zone, unit and fields; ``logs`` is not read.

    Returns:
        The explanation; also for a line that is rejected.

    Raises:
        UnknownFormatError: The format cannot be told.
        UsageError: There is no format of that name.

    Example:
        >>> options = IngestOptions(logs=("-",), now=datetime(2026, 11, 24, tzinfo=UTC))
        >>> line = b'{"time_start": "2026-10-01T00:00:00Z", "account_id": "a"}'
        >>> explain_line(line, None, options).fields[0].value
        '2026-10-01 00:00:00+00:00'
    """
    mapping = load_mapping(options.mapping) if options.mapping is not None else None
    confidence = 1.0
    if format is None and mapping is not None:
        member = LOG_FORMATS.load("mapped")
    elif format is None or format == "auto":
        member, confidence = sniff_format(line, "line")
    else:
        member = LOG_FORMATS.load(format)
    read_options = ReadOptions(
        file_name="line",
        time_zone=(mapping.time_zone if mapping else "") or options.time_zone,
        time_unit=(mapping.time_unit if mapping else None) or options.time_unit,
        now=options.now or datetime.now(UTC),
        account_field=options.account_field,
        client_address_field=options.client_address_field,
        trusted_proxies=options.trusted_proxies,
        mapping=mapping,
    )
    return _explained(line, member, confidence, read_options)


def _explained(
    line: bytes, member: LogFormat, confidence: float, options: ReadOptions
) -> LineExplanation:
    reasons: list[str] = []
    notes: list[str] = []
    rows: list[dict[str, Any]] = []
    try:
        for batch in member.read(
            BytesIO(line), options, lambda _, reason, __: reasons.append(reason)
        ):
            rows.extend(batch.to_pylist())
    except (ValueError, pa.ArrowException) as error:  # a broken Parquet file is no line
        notes.append(str(error))
    record = _decoded(line, options)
    findings = options.findings
    notes.extend(f"{count} {kind} skipped" for kind, count in sorted(findings.skipped.items()))
    notes.extend(
        f"'{field}' has no time zone; read as {options.time_zone}"
        for field in sorted(findings.without_zone)
    )
    if findings.repaired:
        notes.append("not strict JSON; repaired")
    row = rows[0] if rows else {}
    sources = {source.column: source for source in sources_of(member, options)}
    return LineExplanation(
        format=member.name,
        confidence=confidence,
        exchanges=len(rows),
        rejected=reasons[0] if reasons else "",
        fields=tuple(
            _field(column.name, row.get(column.name), sources.get(column.name), record, findings)
            for column in EXCHANGE_COLUMNS
        ),
        notes=tuple(notes),
    )


def sources_of(member: LogFormat, options: ReadOptions) -> tuple[FieldSource, ...]:
    """Say where a format looks for each column, with the caller's own fields put in.

    Args:
        member: The format.
        options: May name fields of the caller's own, or a mapping.

    Returns:
        One source a column that the format can carry.
    """
    sources: tuple[FieldSource, ...] = getattr(member, "fields", ())
    mapping = options.mapping
    if mapping is not None:
        sources = tuple(
            FieldSource(column=column, paths=paths) for column, paths in mapping.paths.items()
        ) + tuple(
            FieldSource(column=column, paths=(), note="constant in the mapping file")
            for column in mapping.constants
        )
    chosen = {
        "account_id": options.account_field,
        "client_address": options.client_address_field,
    }
    return tuple(
        replace(source, paths=(path,)) if (path := chosen.get(source.column)) else source
        for source in sources
    )


def _decoded(line: bytes, options: ReadOptions) -> Any:
    """The record as plain objects, the first span of an OTLP line with its attributes."""
    if looks_like_csv(line):
        records = sample_records(line, "line.csv")
        return records[0] if records else None
    try:
        record = decode_record(line, Findings())
    except RecordRejected:
        return None
    if is_array(line) and isinstance(record, list) and record:
        record = record[0]
    spans = list(records_of(record))[:1]
    return {**spans[0].body, **spans[0].resource, **spans[0].attributes} if spans else record


def _field(
    column: str, value: Any, source: FieldSource | None, record: Any, findings: Findings
) -> FieldExplanation:
    if column == "account_id_source" and value is not None:
        return FieldExplanation(
            column=column, value=str(value), source="", state="ok", reason="derived"
        )
    if source is None:
        reason = "this format does not carry it"
        if value is not None:
            return FieldExplanation(
                column=column, value=_shown(value), source="", state="ok", reason=""
            )
        return FieldExplanation(column=column, value="", source="", state="missing", reason=reason)
    found = next((path for path in source.paths if look_up(record, path) not in (None, "")), None)
    tried = " or ".join(source.paths)
    if value is not None:
        return FieldExplanation(
            column=column,
            value=_shown(value),
            source=found or tried,
            state="ok",
            reason=source.note,
        )
    if found is not None and findings.unreadable[column]:
        return FieldExplanation(
            column=column,
            value=_shown(look_up(record, found)),
            source=found,
            state="unreadable",
            reason="not a value of this column's type",
        )
    return FieldExplanation(
        column=column, value="", source=found or tried, state="missing", reason="not in this line"
    )


def _shown(value: Any) -> str:
    return str(opened(value))[:200]
