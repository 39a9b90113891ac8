"""Indicators as rows of CSV, and rows of a peer as indicators, trusting nothing in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, Final

from cautery.errors import MalformedFileError
from cautery.intel.csv_cells import cell, plain
from cautery.intel.identifiers import is_identifier
from cautery.intel.limits import (
    MOST_FILE_BYTES,
    MOST_INDICATORS,
    MOST_SKIPPED,
    MOST_TEXT,
)
from cautery.intel.stix_indicators import UnreadableError, common_fields, stated_value
from cautery.intel.tlp import MARKINGS, parse_label
from cautery.records.bulletin import Received, Skipped
from cautery.records.indicator import Indicator

COLUMNS: Final = (
    "indicator_id",
    "kind",
    "form",
    "value",
    "key_id",
    "bands",
    "confidence",
    "created",
    "modified",
    "valid_from",
    "valid_until",
    "revoked",
    "tlp",
    "source",
    "source_id",
    "campaign_ref",
    "accounts",
    "last_seen",
)
"""Columns, in the order in which they are written; read in any order."""
_TIMES: Final = ("created", "modified", "valid_from", "valid_until")


def write_rows(indicators: Iterable[Indicator]) -> bytes:
    """Write indicators, one a line, as RFC 4180 has it but with a line feed.

    Args:
        indicators: The indicators.

    Returns:
        The file's bytes, UTF-8.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in indicators:
        writer.writerow([cell(_text(getattr(one, name))) for name in COLUMNS])
    return stream.getvalue().encode("utf-8", "backslashreplace")


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def read_rows(content: bytes, where: str) -> Received:
    """Read a file of a peer.

    Args:
        content: The file.
        where: Its name, for messages.

    Returns:
        Its indicators, in the order of the file.

    Raises:
        MalformedFileError: It is no such table, too large, or a row is not as it must be.
    """
    found: dict[tuple[str, str], Indicator] = {}
    skipped: list[Skipped] = []
    count = 0
    for place, row in _rows(content, where):
        try:
            made = _indicator(row, place)
        except UnreadableError as error:
            count += 1
            if len(skipped) < MOST_SKIPPED:
                skipped.append(Skipped(place=place, reason=str(error)))
            continue
        if found.setdefault((made.indicator_id, made.modified), made) != made:
            raise _fault(place, f"it contradicts the other row of the version {made.modified}")
        if len(found) > MOST_INDICATORS:
            raise _fault(
                where,
                f"it has more than the {MOST_INDICATORS:,} indicators that are taken at once",
            )
    return Received(indicators=tuple(found.values()), skipped=tuple(skipped), skipped_count=count)


def _rows(content: bytes, where: str) -> Iterator[tuple[str, dict[str, str]]]:
    if len(content) > MOST_FILE_BYTES:
        raise _fault(where, f"it is larger than the {MOST_FILE_BYTES:,} bytes that are read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _fault(where, f"this is not UTF-8 (byte {error.start})") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if sorted(header) != sorted(COLUMNS):
            raise _fault(f"{where}:1", f"the columns are not {', '.join(COLUMNS)}")
        for row in reader:
            place = f"{where}:{reader.line_num}"
            if not row:
                continue
            if len(row) != len(header):
                raise _fault(place, f"{len(row):,} cells where {len(header)} columns are")
            yield place, dict(zip(header, map(plain, row), strict=True))
    except csv.Error as error:
        raise _fault(f"{where}:{reader.line_num}", f"this is no CSV: {error}") from error


def _indicator(row: dict[str, str], place: str) -> Indicator:
    label = parse_label(row["tlp"][:MOST_TEXT])
    if label is None:
        raise _fault(f"{place}.tlp", "this is no label of TLP 2.0")
    if row["revoked"] not in {"true", "false"}:
        raise _fault(f"{place}.revoked", "this is neither true nor false")
    for name, kind in _IDENTIFIERS.items():
        if not is_identifier(row[name], kind) and (row[name] or name == "indicator_id"):
            raise _fault(f"{place}.{name}", f"this is no identifier of the type {kind}")
    members: dict[str, Any] = {
        "id": row["indicator_id"],
        "created_by_ref": row["source_id"],
        "confidence": _number(row, "confidence", place),
        "revoked": row["revoked"] == "true",
        "object_marking_refs": [MARKINGS[label]],
        **{name: row[name] for name in _TIMES},
    }
    names = {row["source_id"]: row["source"][:MOST_TEXT]}
    under: dict[str, Any] = {
        "kind": row["kind"],
        "form": row["form"],
        "value": row["value"],
        "key_id": row["key_id"],
        "bands": row["bands"].split(" ") if row["bands"] else [],
        "accounts": _number(row, "accounts", place),
        **({"last_seen": row["last_seen"]} if row["last_seen"] else {}),
    }
    common = common_fields(members, place, names, row["campaign_ref"])
    return Indicator(**common, **stated_value(under, place))


_IDENTIFIERS: Final = {
    "indicator_id": "indicator",
    "source_id": "identity",
    "campaign_ref": "campaign",
}


def _number(row: dict[str, str], name: str, place: str) -> int:
    text = row[name]
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise _fault(f"{place}.{name}", "this is no whole number")
    return int(text)


def _fault(where: str, what: str) -> MalformedFileError:
    return MalformedFileError(
        what, where=where, hint="Nothing of it was taken. Tell whoever gave it to you."
    )
