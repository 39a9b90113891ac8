"""Reads which account has which watermark key: identifiers of both, and no key."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cautery.errors import ConfigurationError
from cautery.plain_files import open_plain_text

MOST_ACCOUNTS: Final = 1_000_000
"""Of one file; it is held in memory."""
MOST_BYTES: Final = 256 * 2**20
_COLUMNS: Final = ("account_id", "key_id")
_KEY_ID: Final = re.compile(r"[!-+\--~]{1,128}")
"""What a header can carry in a list with commas: printable ASCII without commas and spaces."""


def read_account_keys(path: Path | None) -> Mapping[str, str]:
    """Read identifiers of accounts' keys.

    Args:
        path: A CSV file with the columns ``account_id`` and ``key_id``, as ``cautery watermark keys
            derive --account-keys`` writes it; None if accounts have no keys.

    Returns:
        The identifier of each account's key.

    Raises:
        ConfigurationError: It cannot be read, is too long, or has a line that says nothing or two
            things of one account; names file and line.
    """
    if path is None:
        return {}
    found: dict[str, str] = {}
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigurationError("it is longer than a file of keys may be", where=str(path))
        with open_plain_text(path, encoding="utf-8-sig") as stream:
            rows = csv.reader(stream, strict=True)
            if tuple(next(rows, ())) != _COLUMNS:
                raise ConfigurationError(
                    f"the first line must be {','.join(_COLUMNS)}",
                    where=f"{path}:1",
                    hint="Write it with cautery watermark keys derive --account-keys.",
                )
            for row in rows:
                _take(found, row, f"{path}:{rows.line_num}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no CSV in UTF-8"
        raise ConfigurationError(
            f"accounts' keys cannot be read: {reason}", where=str(path)
        ) from error
    return found


def is_key_id(text: str) -> bool:
    r"""Say whether a text can be an identifier of a key: headers and lists with commas carry it.

    Args:
        text: Any text.

    Returns:
        Whether it can.

    Example:
        >>> is_key_id("k-261a2f502b06400e39c1"), is_key_id("k-1,k-2"), is_key_id("k\r\nx: y")
        (True, False, False)
    """
    return _KEY_ID.fullmatch(text) is not None


def _take(found: dict[str, str], row: list[str], where: str) -> None:
    if len(row) != len(_COLUMNS) or not row[0] or not is_key_id(row[1]):
        raise ConfigurationError("this line names no account and its key", where=where)
    if row[0] in found:
        raise ConfigurationError("this account has a key already", where=where)
    if len(found) >= MOST_ACCOUNTS:
        raise ConfigurationError(f"more than {MOST_ACCOUNTS:,} accounts", where=where)
    found[row[0]] = row[1]
