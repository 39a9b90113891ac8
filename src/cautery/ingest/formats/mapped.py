"""Any JSON Lines, CSV or Parquet log, read through a mapping file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec

from cautery.errors import ConfigurationError
from cautery.ingest.answers import read_answer, read_tokens
from cautery.ingest.arrow_values import plain_rows
from cautery.ingest.canonical_parquet import PARQUET_MAGIC, open_parquet, parquet_batches
from cautery.ingest.conversation import read_conversation
from cautery.ingest.csv_rows import batches_of, csv_records
from cautery.ingest.findings import NOT_AN_OBJECT, RecordRejected
from cautery.ingest.json_lines import LineRejecter, Rewound, RowContext, json_items, whole_text
from cautery.ingest.json_records import decode_record
from cautery.ingest.mapping import EXTRA_TARGETS, Mapping
from cautery.ingest.paths import header_pairs, look_up
from cautery.ingest.rows import ExchangeRow
from cautery.ingest.sniffing import looks_like_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.ingest.options import ReadOptions
    from cautery.ports import Reject

_HEAD_BYTES: Final = 2**16
_TIMES: Final = ("time_start", "time_end")
_CACHED: Final = ("cache_read_tokens", "cache_write_tokens")


def make_row(record: Any, mapping: Mapping, context: RowContext) -> ExchangeRow:
    """Turn one record into an exchange.

    Args:
        record: Decoded record of any shape.
        mapping: Where each column is.
        context: Clock and identities.

    Returns:
        The exchange.
    """
    if not isinstance(record, dict):
        raise RecordRejected(NOT_AN_OBJECT)
    context.identities.begin(record)
    values: dict[str, Any] = dict(mapping.constants)
    for target, paths in mapping.paths.items():
        for path in paths:
            value = look_up(record, path)
            if value is not None and value != "":
                values[target] = value
                break
    extras = {name: values.pop(name, None) for name in EXTRA_TARGETS}
    row = ExchangeRow(**values)
    _fill_extras(row, extras)
    _add_cached(row, mapping)
    start = mapping.paths["time_start"][0]
    row.time_start = context.clock.read(row.time_start, start)
    row.time_end = context.clock.read_optional(row.time_end, "time_end")
    identity = context.identities.identify(
        account=row.account_id, key=row.key_id, address=row.client_address
    )
    row.account_id, row.account_id_source, row.key_id, row.client_address = identity
    row.end_user_id = context.identities.protect(row.end_user_id)
    return row


def _fill_extras(row: ExchangeRow, extras: dict[str, Any]) -> None:
    """Read columns out of structures that were mapped whole; columns mapped themselves win."""
    found: dict[str, Any] = {}
    if extras["messages"] is not None:
        found.update(read_conversation(extras["messages"])._asdict())
    if extras["response"] is not None:
        answer = read_answer(extras["response"])
        found.update(
            output_text=answer.text,
            finish_reason=answer.finish_reason,
            response_model=answer.model,
            request_id=answer.response_id,
            error_type=answer.error_type,
            issued_signatures=answer.issued_signatures,
            **read_tokens(answer.usage)._asdict(),
        )
    if extras["usage"] is not None:
        found.update(read_tokens(extras["usage"])._asdict())
    if extras["headers"] is not None:
        headers = header_pairs(extras["headers"])
        found["user_agent"] = dict(headers).get("user-agent")
        found["header_order"] = ",".join(name for name, _ in headers) or None
    for name, value in found.items():
        if getattr(row, name) is None:
            setattr(row, name, value)


def _add_cached(row: ExchangeRow, mapping: Mapping) -> None:
    if mapping.input_excludes_cached and isinstance(row.input_tokens, int):
        row.input_tokens += sum(
            value for name in _CACHED if isinstance(value := getattr(row, name), int)
        )


class Mapped:
    """Reads a log of somebody's own make."""

    name = "mapped"
    independent_lines = True
    description = "any JSON Lines, CSV or Parquet log, through a mapping file (--mapping)"
    prompt_hint = "the mapping names no field for messages or input_text"
    fields = ()
    """Empty: the mapping file says where each column comes from."""

    def sniff(self, head: bytes, file_name: str) -> float:
        """Never claim a file: only a mapping file makes it readable."""
        return 0.0

    def read(self, stream: BinaryIO, options: ReadOptions, reject: Reject) -> Iterator[Any]:
        """Yield batches; see ``cautery.ports.LogFormat``."""
        mapping = options.mapping
        if mapping is None:
            raise ConfigurationError(
                "the format 'mapped' needs a mapping file",
                where=options.file_name,
                hint="Give one with --mapping FILE; see docs/how-to/map-a-log.md.",
            )
        context = RowContext(options)
        rejecter = LineRejecter(options, reject)

        def make(record: Any) -> ExchangeRow:
            return make_row(record, mapping, context)

        yield from batches_of(_records(stream, options, rejecter), make, options, rejecter)
        context.clock.check()


def _records(
    stream: BinaryIO, options: ReadOptions, rejecter: LineRejecter
) -> Iterator[tuple[int, Any, bytes]]:
    """Yield line, decoded record and raw text of every record, whatever the container."""
    head = stream.read(_HEAD_BYTES)
    is_whole = options.block_first_line is None
    if is_whole and head.startswith(PARQUET_MAGIC) and stream.seekable():
        stream.seek(0)
        yield from _parquet_records(stream, options)
    elif is_whole and looks_like_csv(head):
        yield from csv_records(Rewound(head, stream), options, rejecter)
    else:
        for line in json_items(Rewound(head, stream), options):
            try:
                record = decode_record(whole_text(line), options.findings)
            except RecordRejected as rejection:
                rejecter(line.number, rejection.reason, line.text)
                continue
            yield line.number, record, line.text


def _parquet_records(stream: BinaryIO, options: ReadOptions) -> Iterator[tuple[int, Any, bytes]]:
    file = open_parquet(stream, options.file_name)
    number = 0
    for batch in parquet_batches(file, file.schema_arrow.names, options):
        for record in plain_rows(batch):
            number += 1
            yield number, record, msgspec.json.encode(_shown(record))


def _shown(record: dict[str, Any]) -> dict[str, str]:
    return {name: str(value)[:60] for name, value in record.items() if value is not None}


MEMBER = Mapped()
