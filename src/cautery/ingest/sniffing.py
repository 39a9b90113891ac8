"""Tells the format of a log from its first bytes."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cautery.errors import UnknownFormatError
from cautery.ingest.json_arrays import array_items, is_array
from cautery.ingest.json_records import decode_any
from cautery.ingest.lines import BYTE_ORDER_MARK
from cautery.registry import LOG_FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.ports import LogFormat

HEAD_BYTES: Final = 64 * 2**10
"""How much of a file a format may look at."""
SURE_ENOUGH: Final = 0.5
"""Lowest confidence that is believed: below it, more lines speak against the format than for it."""
MOST_SAMPLES: Final = 20
"""Records of the head that are decoded."""

_COMBINED: Final = re.compile(rb"\S+ \S+ \S+ \[\d\d/\w{3}/\d{4}:")
_SHOWN_CHARACTERS: Final = 24
_DELIMITERS: Final = ",;\t|"


class _Head:
    """The head of a file as a stream."""

    def __init__(self, head: bytes) -> None:
        self._head = head

    def read(self, size: int = -1, /) -> bytes:
        head, self._head = self._head, b""
        return head


def sample_records(head: bytes, file_name: str) -> list[Any]:
    """Decode the first records of a JSON or CSV log, as far as they are whole.

    Args:
        head: First bytes of the file.
        file_name: Its name; ``.csv`` and ``.tsv`` are read as tables.

    Returns:
        At most twenty decoded records; a CSV row is an object by column. Never raises.
    """
    if head.startswith(b"PAR1"):
        return []
    if file_name.lower().endswith((".csv", ".tsv")) or looks_like_csv(head):
        return csv_records(head)
    whole = len(head) < HEAD_BYTES
    if is_array(head):
        items = [item.text for item in array_items(_Head(head), HEAD_BYTES)]
    else:
        items = [line for line in head.split(b"\n") if line.strip()]
    if not whole:
        items = items[:-1]
    return [_decoded(item) for item in items[:MOST_SAMPLES]]


def looks_like_csv(head: bytes) -> bool:
    r"""Tell CSV from JSON by how its lines begin; one bad first line does not decide.

    Args:
        head: First bytes of a log.

    Returns:
        Whether it begins like no JSON and few of its lines are objects.

    Example:
        >>> looks_like_csv(b"a,b\n1,2"), looks_like_csv(b'oops\n{"a": 1}\n{"a": 2}')
        (True, False)
    """
    starts = [line.lstrip()[:1] for line in head.removeprefix(BYTE_ORDER_MARK).split(b"\n")]
    starts = [start for start in starts if start]
    if not starts or starts[0] in {b"{", b"["}:
        return False
    return 2 * starts.count(b"{") < len(starts)


def csv_records(head: bytes) -> list[Any]:
    """Read the first rows of a CSV log as objects by column; never raises."""
    text = head.decode("utf-8-sig", "replace")
    reader = csv.reader(StringIO(text), delimiter=delimiter_of(text.partition("\n")[0]))
    rows: list[list[str]] = []
    with suppress(csv.Error):  # the rows before a bad one will do
        rows.extend(islice(reader, MOST_SAMPLES + 1))
    if not rows or len(rows[0]) < 2:
        return []
    header = rows[0]
    return [dict(zip(header, row, strict=False)) for row in rows[1:]] or [dict.fromkeys(header, "")]


def delimiter_of(header: str) -> str:
    """Choose the delimiter that splits a header most often.

    Example:
        >>> delimiter_of("a;b,c;d")
        ';'
    """
    return max(_DELIMITERS, key=lambda mark: (header.count(mark), -_DELIMITERS.index(mark)))


def _decoded(item: bytes) -> Any:
    try:
        return decode_any(item)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def share_with(
    records: Sequence[Any], *, all_of: Sequence[str] = (), any_of: Sequence[str] = ()
) -> float:
    """Measure how many records have certain keys.

    Args:
        records: Decoded records; what is no object has no keys.
        all_of: Keys that a record must have.
        any_of: Keys of which it must have one, unless empty.

    Returns:
        Share of the records; 0 if there are none.

    Example:
        >>> share_with([{"a": 1}, {"b": 1}], all_of=["a"])
        0.5
    """
    fitting = sum(
        isinstance(record, dict)
        and all(key in record for key in all_of)
        and (not any_of or any(key in record for key in any_of))
        for record in records
    )
    return fitting / len(records) if records else 0.0


def sniff_format(head: bytes, file_name: str) -> tuple[LogFormat, float]:
    """Choose the format that is surest of a file.

    Args:
        head: First bytes of the file, decompressed, at most 64 KiB.
        file_name: Its name without a compression suffix.

    Returns:
        The format and its confidence.

    Raises:
        UnknownFormatError: None is sure enough.
    """
    scores = [
        (min(1.0, float(member.sniff(head, file_name))), member.name, member)
        for member in LOG_FORMATS.load_all()
    ]
    confidence, _, member = max(scores, key=lambda score: (score[0], score[1]))
    if confidence < SURE_ENOUGH:
        raise unknown_format(head, file_name)
    return member, confidence


def unknown_format(head: bytes, file_name: str) -> UnknownFormatError:
    """Build the error for a file that no format knows, with the best hint there is.

    Args:
        head: Its first bytes.
        file_name: Its name.

    Returns:
        The error.
    """
    start = head.lstrip().partition(b"\n")[0][:_SHOWN_CHARACTERS].decode("utf-8", "replace")
    shown = "".join(letter if letter.isprintable() else "?" for letter in start)
    what = f"cannot tell the format. Line 1 begins '{shown}'"
    if not head.strip():
        what = "the file is empty"
        return UnknownFormatError(what, where=file_name, hint="Give a log with lines.")
    if _COMBINED.match(head.lstrip()):
        return UnknownFormatError(
            f"{what}. That looks like nginx combined, which has no account field",
            where=file_name,
            hint="Log JSON lines that hold the account (for example the header x-api-key, hashed) "
            "and say where it is with --mapping FILE, or give the log of the gateway behind it.",
        )
    names = ", ".join(LOG_FORMATS.load(name).name for name in LOG_FORMATS.names())
    return UnknownFormatError(
        what,
        where=file_name,
        hint=f"Say --format NAME ({names}), or write a mapping: docs/how-to/map-a-log.md.",
    )
