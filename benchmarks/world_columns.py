"""Take columns out of a labelled log after it was written, whichever world wrote it.

What a gateway does not log is absent from its file, not blank in our memory: so the files are
edited, and the scan reads what a real log of that shape would hold.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.world_records import LOAD_BALANCER_ADDRESS, Variant

Row = dict[str, Any]

PLACE_COLUMNS: Final[tuple[str, ...]] = ("client_address", "asn", "country")
"""The address and what gateways derive from it."""

CLIENT_COLUMNS: Final[tuple[str, ...]] = ("user_agent", "header_order", "tls_ja4")
"""What the client's program shows of itself."""

_OTLP_PLACE: Final = frozenset({"client.address", "client.geo.country_iso_code"})
_OTLP_CLIENT: Final = frozenset({"user_agent.original"})


def drop_columns(folder: Path, log_format: str, variant: Variant) -> None:
    """Take out of a labelled log what a variant does not hold.

    Args:
        folder: What a simulation or an independent world wrote; the truth stays as it is.
        log_format: The log's format, as ``quality.py`` names it.
        variant: What is left out. Text of other formats than the canonical one is left out by
            the writers, which know what else goes with it.

    Raises:
        ValueError: Columns of this format cannot be taken out.
    """
    _trim_account_table(folder / "accounts.csv", variant)
    if variant.address and variant.client_headers and not variant.load_balancer:
        return
    if log_format not in _EDITORS:
        raise ValueError(f"no column of {log_format} can be taken out; known: {sorted(_EDITORS)}")
    for path in sorted(folder.glob("exchanges*")):
        if path.suffix == ".parquet":
            _trim_parquet(path, variant)
        else:
            _trim_lines(path, _EDITORS[log_format], variant)


def _trim_account_table(path: Path, variant: Variant) -> None:
    if not variant.account_table:
        path.unlink(missing_ok=True)
        return
    if variant.payment or not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    kept = [name for name in rows[0] if name != "payment_fingerprint"]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, kept, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _trim_parquet(path: Path, variant: Variant) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [*(CLIENT_COLUMNS if not variant.client_headers else ())]
    names += PLACE_COLUMNS if variant.load_balancer or not variant.address else ()
    new = path.with_suffix(".trimmed")
    with pq.ParquetFile(path) as source, pq.ParquetWriter(new, source.schema_arrow) as target:
        for batch in source.iter_batches():
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            for name in names:
                columns[name] = pa.nulls(batch.num_rows, batch.schema.field(name).type)
            if variant.load_balancer and variant.address:
                columns["client_address"] = pa.repeat(LOAD_BALANCER_ADDRESS, batch.num_rows)
            target.write_batch(pa.RecordBatch.from_pydict(columns, schema=batch.schema))
    new.replace(path)


def _trim_lines(path: Path, edit: Callable[[Row, Variant], None], variant: Variant) -> None:
    packed = path.suffix == ".gz"
    new = path.with_suffix(".trimmed")
    with (
        gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as lines,
        gzip.open(new, "wt", encoding="utf-8", compresslevel=1)
        if packed
        else new.open("w", encoding="utf-8") as kept,
    ):
        for line in lines:
            row = json.loads(line)
            edit(row, variant)
            kept.write(json.dumps(row, ensure_ascii=False) + "\n")
    new.replace(path)


def _edit_flat(row: Row, variant: Variant) -> None:
    """Edit a canonical line, or the envelope around archived bodies."""
    if variant.load_balancer or not variant.address:
        for name in PLACE_COLUMNS:
            row.pop(name, None)
    if variant.load_balancer and variant.address:
        row["client_address"] = LOAD_BALANCER_ADDRESS
    if not variant.client_headers:
        for name in CLIENT_COLUMNS:
            row.pop(name, None)


def _edit_litellm(row: Row, variant: Variant) -> None:
    metadata = row.get("metadata")
    found = metadata if isinstance(metadata, dict) else {}
    if variant.load_balancer or not variant.address:
        address = LOAD_BALANCER_ADDRESS if variant.load_balancer and variant.address else ""
        row["requester_ip_address"] = address
        found["requester_ip_address"] = address
    if not variant.client_headers:
        found.pop("user_agent", None)


def _edit_otlp(row: Row, variant: Variant) -> None:
    hidden = set() if variant.client_headers else set(_OTLP_CLIENT)
    if variant.load_balancer or not variant.address:
        hidden |= _OTLP_PLACE
    for resource in row["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                kept = [item for item in span["attributes"] if item["key"] not in hidden]
                if variant.load_balancer and variant.address:
                    value = {"stringValue": LOAD_BALANCER_ADDRESS}
                    kept.append({"key": "client.address", "value": value})
                span["attributes"] = kept


_EDITORS: Final[dict[str, Callable[[Row, Variant], None]]] = {
    "canonical": _edit_flat,
    "openai-bodies": _edit_flat,
    "litellm-spend-logs": _edit_litellm,
    "otlp-json": _edit_otlp,
}
