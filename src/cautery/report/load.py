"""Reads a case back from its output folder, trusting nothing in it."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from cautery.errors import MalformedFileError, NoInputError
from cautery.plain_files import open_plain
from cautery.records.case import CASE_SCHEMA, AccountSummary, Case
from cautery.report.sanitise import plain_from_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILE_BYTES: Final = 512 * 1024 * 1024
"""Largest ``case.json`` or ``accounts.csv`` that is read: some 150,000 members, 3 M accounts."""

MOST_BITS: Final = 1e6
"""Weight above which a file is damaged or made up: such odds are beyond all evidence."""

_REBUILD: Final = "Scan the log again with cautery scan LOG -o FOLDER."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    schema: str


def read_case(folder: Path) -> Case:
    """Read a case that ``write_results`` wrote.

    Args:
        folder: The output folder of a scan.

    Returns:
        The case, its accounts included.

    Raises:
        NoInputError: The folder or one of its files is not there.
        MalformedFileError: A file is damaged, too large, or of another version.

    """
    case, _ = read_case_document(Path(folder) / "case.json")
    return replace(case, accounts=read_accounts(Path(folder) / "accounts.csv"))


def read_case_document(path: Path) -> tuple[Case, str]:
    """Read ``case.json`` alone, for those who need the groups and not every account of the log.

    Args:
        path: The file, or the folder that it is in.

    Returns:
        The case without its list of accounts, and the SHA-256 of the file in hexadecimal digits.

    Raises:
        NoInputError: The file is not there.
        MalformedFileError: It is damaged, too large, or of another version.
    """
    path = Path(path)
    path = path / "case.json" if path.is_dir() else path
    content = read_content(path)
    return parse_case(content, str(path)), hashlib.sha256(content).hexdigest()


def parse_case(content: bytes, where: str) -> Case:
    """Read a ``case.json`` that is in memory.

    Args:
        content: The whole file.
        where: What to name in an error.

    Returns:
        The case without its list of accounts.

    Raises:
        MalformedFileError: It is damaged, or of another version.
    """
    _check_schema(where, content)
    try:
        case = msgspec.json.decode(content, type=Case)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedFileError(
            f"this is not a whole case: {_reason(error)}", where=where, hint=_REBUILD
        ) from error
    if any(abs(bits) > MOST_BITS for bits in _all_bits(case)):
        raise MalformedFileError("a weight in it is no weight", where=where, hint=_REBUILD)
    return case


def _all_bits(case: Case) -> Iterator[float]:
    """Every weight that is added up or shown."""
    for group in (*case.campaigns, *case.permitted_groups):
        yield group.bits
        yield from (row.bits for row in group.weights)
        if group.anytime is not None:
            yield group.anytime.bits
            yield group.anytime.highest_bits
        for member in group.members:
            yield from (row.bits for row in member.weights)
            yield from (link.bits for link in member.links)


def read_accounts(path: Path) -> tuple[AccountSummary, ...]:
    """Read an ``accounts.csv`` that ``write_results`` wrote.

    Args:
        path: The file.

    Returns:
        One record a row, texts as they stood in the log.

    Raises:
        NoInputError: The file is not there.
        MalformedFileError: It is damaged, too large, or has other columns.
    """
    return parse_accounts(read_content(path), str(path))


def parse_accounts(content: bytes, where: str) -> tuple[AccountSummary, ...]:
    """Read an ``accounts.csv`` that is in memory.

    Args:
        content: The whole file.
        where: What to name in an error.

    Returns:
        One record a row, texts as they stood in the log.

    Raises:
        MalformedFileError: It is damaged, or has other columns.
    """
    names = [field.name for field in fields(AccountSummary)]
    accounts: list[AccountSummary] = []
    lines = io.StringIO(content.decode(errors="replace"), newline="")
    reader = csv.reader(lines, strict=True)
    try:
        if next(reader, None) != names:
            raise MalformedFileError(
                "the columns are not those of an account list of cautery",
                where=f"{where}:1",
                hint=_REBUILD,
            )
        for cells in reader:
            plain = {n: plain_from_csv(cell) for n, cell in zip(names, cells, strict=True)}
            accounts.append(msgspec.convert(plain, AccountSummary, strict=False))
    except (csv.Error, ValueError) as error:
        raise MalformedFileError(
            f"this is not a whole account list: {_reason(error)}",
            where=f"{where}:{reader.line_num}",
            hint=_REBUILD,
        ) from error
    return tuple(accounts)


def read_content(path: Path) -> bytes:
    """Read a result file whole, if it is not too large.

    Args:
        path: The file.

    Returns:
        Its bytes.

    Raises:
        NoInputError: It is not there.
        MalformedFileError: It cannot be read, or is too large.
    """
    try:
        with open_plain(path) as stream:
            size_bytes = os.fstat(stream.fileno()).st_size
            if size_bytes > MAX_FILE_BYTES:
                raise MalformedFileError(
                    f"{size_bytes:,} bytes is more than the {MAX_FILE_BYTES:,} that are read",
                    where=str(path),
                )
            content = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise NoInputError(
            "there are no results of a scan here",
            where=str(path),
            hint="Name the folder that cautery scan wrote, or the case.json in it.",
        ) from error
    except OSError as error:
        raise MalformedFileError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(content) > MAX_FILE_BYTES:
        raise MalformedFileError("it grew while it was read", where=str(path))
    return content


def _check_schema(where: str, content: bytes) -> None:
    try:
        found = msgspec.json.decode(content, type=_Header).schema
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedFileError(
            f"this is not a case: {_reason(error)}", where=where, hint=_REBUILD
        ) from error
    if found == CASE_SCHEMA:
        return
    if re.fullmatch(r"cautery\.case/[0-9]{1,6}", found):
        raise MalformedFileError(
            f"its schema is {found}, this version reads {CASE_SCHEMA}",
            where=where,
            hint="Use the version of cautery that wrote it, or scan the log again.",
        )
    raise MalformedFileError(f"its schema is not {CASE_SCHEMA}", where=where, hint=_REBUILD)


def _reason(error: Exception) -> str:
    """Shorten a decoder's message; it may quote the file."""
    return str(error)[:200] or type(error).__name__
