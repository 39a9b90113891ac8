"""From rows to Arrow batches, column by column, so that a bad value costs its cell and no more.

Clients write many of these values. If a wrong one had the whole record rejected, a client could
keep its exchanges out of the table by asking for a temperature of ``"warm"``. So optional values
that cannot be read become null and are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from cautery.ingest.coerce import COERCIONS, clean_text
from cautery.ingest.schema import BATCH_SCHEMA
from cautery.ingest.signatures import MOST_SIGNATURES
from cautery.records.exchange import EXCHANGE_COLUMNS, TEXT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.ingest.findings import Findings
    from cautery.ingest.options import ReadOptions

LONGEST_NAME_CHARACTERS: Final = 4096
"""Identifiers, user agents and other short strings are cut here; prompts are not."""


class ExchangeRow(msgspec.Struct, kw_only=True, gc=False):
    """One exchange on its way into a batch; the fields are those of ``EXCHANGE_COLUMNS``.

    Times are microseconds since 1970 once a reader is done with them. Everything else may still
    be of the wrong type: building the batch sees to that.
    """

    time_start: Any = None
    time_end: Any = None
    request_id: Any = None
    conversation_id: Any = None
    operation: Any = None
    provider: Any = None
    request_model: Any = None
    response_model: Any = None
    account_id: Any = None
    account_id_source: Any = None
    org_id: Any = None
    team_id: Any = None
    key_id: Any = None
    end_user_id: Any = None
    client_address: Any = None
    asn: Any = None
    country: Any = None
    user_agent: Any = None
    header_order: Any = None
    tls_ja4: Any = None
    temperature: Any = None
    top_p: Any = None
    max_tokens: Any = None
    n: Any = None
    seed: Any = None
    stream: Any = None
    logprobs: Any = None
    tool_count: Any = None
    image_count: Any = None
    message_count: Any = None
    input_tokens: Any = None
    output_tokens: Any = None
    cache_read_tokens: Any = None
    cache_write_tokens: Any = None
    reasoning_tokens: Any = None
    finish_reason: Any = None
    error_type: Any = None
    status_code: Any = None
    system_text: Any = None
    input_text: Any = None
    output_text: Any = None
    history_hash: Any = None
    cost_usd: Any = None
    issued_signatures: Any = None
    carried_signatures: Any = None
    source_line: int = 0


class RowBatcher:
    """Collects rows until they make a batch.

    Args:
        options: Bounds of a batch, and where to count unreadable values.
    """

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._rows: list[ExchangeRow] = []
        self._bytes = 0

    def add(self, row: ExchangeRow, size_bytes: int) -> bool:
        """Take one row.

        Args:
            row: The row.
            size_bytes: Bytes of log that it came from.

        Returns:
            Whether the batch is full and wants to be taken.
        """
        self._rows.append(row)
        self._bytes += size_bytes
        return (
            len(self._rows) >= self._options.batch_rows or self._bytes >= self._options.batch_bytes
        )

    def take(self) -> Any:
        """Build the batch of the rows collected so far and start anew.

        Returns:
            A ``pyarrow.RecordBatch`` of ``BATCH_SCHEMA``, possibly with no rows.
        """
        rows, self._rows, self._bytes = self._rows, [], 0
        self._options.findings.accepted += len(rows)
        columns = zip(*map(msgspec.structs.astuple, rows), strict=True) if rows else ()
        return make_batch(tuple(columns), self._options.findings)

    def __len__(self) -> int:
        return len(self._rows)


def make_batch(columns: Sequence[Sequence[Any]], findings: Findings) -> Any:
    """Build a batch from plain columns.

    Args:
        columns: Values in the order of ``BATCH_SCHEMA``; empty for a batch of no rows.
        findings: Where to count values that cannot be read.

    Returns:
        A ``pyarrow.RecordBatch`` of ``BATCH_SCHEMA``.
    """
    if not columns:
        return _empty()
    arrays = [
        make_array(values, field.name, field.type, findings)
        for values, field in zip(columns, BATCH_SCHEMA, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=BATCH_SCHEMA)


def make_array(values: Sequence[Any], name: str, kind: Any, findings: Findings) -> Any:
    """Build one column, with null for every value that cannot be read.

    Args:
        values: Values of any type.
        name: Name of the column.
        kind: Its Arrow type.
        findings: Where to count values that cannot be read.

    Returns:
        A ``pyarrow.Array`` as long as ``values``.
    """
    if values.count(None) == len(values):
        return pa.nulls(len(values), kind)
    try:
        array = pa.array(values, kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        array = _clean_array(values, name, kind, findings)
    if kind == pa.float64():
        return _finite(array, name, findings)
    if pa.types.is_list(kind):
        return newest(array)
    return _bounded(array, kind) if name not in TEXT_COLUMNS else array


def newest(lists: Any) -> Any:
    """Cut lists of signatures to the newest, which stand last; whoever wrote them may lie.

    Args:
        lists: Arrow array of lists.

    Returns:
        The same, no list longer than ``MOST_SIGNATURES``.
    """
    longest = pc.max(pc.list_value_length(lists)).as_py()
    if longest is None or longest <= MOST_SIGNATURES:
        return lists
    cut = [None if one is None else one[-MOST_SIGNATURES:] for one in lists.to_pylist()]
    return pa.array(cut, lists.type)


def _finite(array: Any, name: str, findings: Findings) -> Any:
    """Repaired JSON may hold NaN, which is no number to reckon with."""
    finite = pc.fill_null(pc.is_finite(array), True)
    lost = len(array) - pc.sum(finite).as_py()
    if not lost:
        return array
    findings.unreadable[name] += lost
    return pc.if_else(finite, array, pa.scalar(None, pa.float64()))


def _clean_array(values: Sequence[Any], name: str, kind: Any, findings: Findings) -> Any:
    coerce = COERCIONS[_KINDS.get(name, "int64")]
    cleaned = [None if value is None else coerce(value) for value in values]
    lost = sum(
        new is None and old is not None and not _is_blank(old)
        for new, old in zip(cleaned, values, strict=True)
    )
    if lost:
        findings.unreadable[name] += lost
    return pa.array(cleaned, kind)


def _bounded(array: Any, kind: Any) -> Any:
    if kind != pa.string():
        return array
    longest = pc.max(pc.binary_length(array)).as_py()
    if longest is None or longest <= LONGEST_NAME_CHARACTERS:
        return array
    return pc.utf8_slice_codeunits(array, 0, LONGEST_NAME_CHARACTERS)


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not clean_text(value).strip()


def _empty() -> Any:
    return pa.RecordBatch.from_arrays(
        [pa.nulls(0, field.type) for field in BATCH_SCHEMA], schema=BATCH_SCHEMA
    )


_KINDS: Final = {column.name: column.kind for column in EXCHANGE_COLUMNS}
