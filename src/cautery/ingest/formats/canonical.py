"""The exchange table itself, as JSON Lines or Parquet (contracts, section 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

from cautery.ingest.canonical_parquet import PARQUET_MAGIC, read_canonical_parquet
from cautery.ingest.field_source import FieldSource
from cautery.ingest.json_lines import JsonLinesReader, RowContext
from cautery.ingest.rows import ExchangeRow
from cautery.ingest.sniffing import sample_records, share_with
from cautery.records.exchange import EXCHANGE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.ingest.options import ReadOptions
    from cautery.ports import Reject

_SOURCES: Final = ("account", "key", "address")


def make_row(row: ExchangeRow, context: RowContext) -> ExchangeRow:
    """Check times and identity of a decoded row, in place.

    Args:
        row: The record; its keys are the canonical columns.
        context: Clock and identities.

    Returns:
        The same row.
    """
    row.time_start = context.clock.read(row.time_start, "time_start")
    row.time_end = context.clock.read_optional(row.time_end, "time_end")
    identity = context.identities.identify(
        account=row.account_id, key=row.key_id, address=row.client_address
    )
    source = row.account_id_source
    row.account_id, row.account_id_source, row.key_id, row.client_address = identity
    if identity.account_id_source == "account" and source in _SOURCES:
        row.account_id_source = source
    row.end_user_id = context.identities.protect(row.end_user_id)
    return row


class Canonical:
    """Reads exchange tables."""

    name = "canonical"
    independent_lines = True
    description = "cautery's own exchange table: JSON Lines or Parquet"
    fields = tuple(
        FieldSource(column=column.name, paths=(column.name,)) for column in EXCHANGE_COLUMNS
    )
    """Where each column comes from."""
    prompt_hint = "the columns input_text and system_text are empty"
    """Why a log of this format may hold no prompts."""

    def sniff(self, head: bytes, file_name: str) -> float:
        """Say how sure it is that this is an exchange table."""
        if head.startswith(PARQUET_MAGIC):
            return 0.9
        records = sample_records(head, file_name)
        if not share_with(records, all_of=("time_start",), any_of=("account_id", "key_id")):
            return 0.0
        return 0.98 * share_with(records, any_of=("time_start", "account_id"))

    def read(self, stream: BinaryIO, options: ReadOptions, reject: Reject) -> Iterator[Any]:
        """Yield batches; see ``cautery.ports.LogFormat``."""
        head = stream.read(len(PARQUET_MAGIC))
        is_block = options.block_first_line is not None
        if head == PARQUET_MAGIC and not is_block and stream.seekable():
            stream.seek(0)
            yield from read_canonical_parquet(stream, options, reject)
        else:
            yield from JsonLinesReader(ExchangeRow, make_row).read(stream, options, reject, head)


MEMBER = Canonical()
