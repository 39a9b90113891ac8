"""Files of values in clear, ``kind,value``: what private matching reads, and what it gives back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cautery.errors import MalformedFileError, NoInputError, UsageError
from cautery.intel.keyed_values import normal_value
from cautery.intel.limits import MOST_FILE_BYTES
from cautery.plain_files import open_plain
from cautery.records.indicator import INDICATOR_KINDS, IndicatorKind

HEAD: Final = ["kind", "value"]
MOST_VALUES: Final = 1_000_000
"""Values of one file."""

Value = tuple[IndicatorKind, str]


def read_values(path: Path) -> list[Value]:
    """Read a file of values.

    Args:
        path: CSV with the columns kind and value.

    Returns:
        Each value once, in its one spelling, sorted.

    Raises:
        NoInputError: It cannot be read.
        MalformedFileError: It is not such a file; names the line.
    """
    try:
        with open_plain(path) as stream:
            content = stream.read(MOST_FILE_BYTES + 1)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(content) > MOST_FILE_BYTES:
        raise _fault(str(path), f"it is larger than the {MOST_FILE_BYTES:,} bytes that are read")
    reader = csv.reader(io.StringIO(content.decode(errors="replace"), newline=""), strict=True)
    found: set[Value] = set()
    try:
        if next(reader, None) != HEAD:
            raise _fault(f"{path}:1", "the columns are not kind,value")
        for cells in reader:
            found.add(_value(cells, f"{path}:{reader.line_num}"))
            if len(found) > MOST_VALUES:
                raise _fault(str(path), f"it has more than {MOST_VALUES:,} values")
    except csv.Error as error:
        raise _fault(f"{path}:{reader.line_num}", f"this is not CSV: {error}") from error
    if not found:
        raise _fault(str(path), "there is no value in it")
    return sorted(found)


def _value(cells: list[str], where: str) -> Value:
    if len(cells) != len(HEAD):
        raise _fault(where, "there must be a kind and a value")
    kind = next((each for each in INDICATOR_KINDS if each == cells[0]), None)
    if kind is None:
        raise _fault(where, f"there is no kind {cells[0][:40]!r}")
    value = normal_value(kind, cells[1])
    if not value:
        raise _fault(where, f"this is no value of the kind {kind}")
    return kind, value


def values_csv(values: Iterable[Value]) -> str:
    """Write values as such a file, in order, each once.

    Args:
        values: Kinds and values.

    Returns:
        CSV. It is read back by this program; a spreadsheet is no place for it.

    Raises:
        UsageError: There is none.
    """
    rows = sorted(set(values))
    if not rows:
        raise UsageError("there is no value to write", hint="Give --accounts, --log or --kind.")
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows(rows)
    return text.getvalue()


def _fault(where: str, what: str) -> MalformedFileError:
    return MalformedFileError(what, where=where, hint="cautery intel values writes such files.")
