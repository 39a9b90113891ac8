"""Reads the accounts that no rule may hinder from a file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cautery.errors import ConfigurationError
from cautery.guard.allowlist import Allowlist
from cautery.plain_files import open_plain
from cautery.records.standing import AllowlistEntry

MOST_BYTES: Final = 16 * 2**20
"""Of an allowlist: some hundred thousand entries."""
_NEEDED: Final = ("account_id", "reason", "owner", "expires_at")
_KNOWN: Final = frozenset({*_NEEDED, "starts_at"})


def read_allowlist(path: Path) -> Allowlist:
    """Read an allowlist.

    Args:
        path: A CSV file with the columns ``account_id``, ``reason``, ``owner``, ``expires_at`` and,
            if somebody wants it, ``starts_at``; times as in ``2026-12-31T00:00:00Z``, or a day,
            which ends or begins at its first moment in UTC.

    Returns:
        The allowlist.

    Raises:
        ConfigurationError: It cannot be read, or an entry lacks something; names file and line.
    """
    try:
        with open_plain(path) as stream:
            content = stream.read(MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigurationError(
            f"an allowlist cannot be read: {reason}", where=str(path)
        ) from error
    if len(content) > MOST_BYTES:
        raise ConfigurationError("it is longer than an allowlist may be", where=str(path))
    rows = csv.DictReader(text.splitlines(), strict=True)
    entries: list[AllowlistEntry] = []
    try:
        _check_columns(rows.fieldnames or (), path)
        for row in rows:
            where = f"{path}:{rows.line_num}"
            entry = _entry(row, where)
            Allowlist([entry])
            entries.append(entry)
    except csv.Error as error:
        raise ConfigurationError(f"it is not CSV: {error}", where=str(path)) from error
    except ConfigurationError as error:
        if error.where.startswith(str(path)):
            raise
        raise ConfigurationError(error.what, where=where, hint=error.hint) from None
    return Allowlist(entries)


def _check_columns(names: object, path: Path) -> None:
    found = list(names) if isinstance(names, list | tuple) else []
    missing = [name for name in _NEEDED if name not in found]
    unknown = [str(name) for name in found if name not in _KNOWN]
    if missing:
        raise ConfigurationError(
            f"an allowlist needs the column {missing[0]}",
            where=f"{path}:1",
            hint=f"Columns are: {', '.join((*_NEEDED, 'starts_at'))}.",
        )
    if unknown or len(set(found)) < len(found):
        word = unknown[0][:60] if unknown else "that is there twice"
        raise ConfigurationError(f"an allowlist has no column {word}", where=f"{path}:1")


def _entry(row: Mapping[str | None, object], where: str) -> AllowlistEntry:
    texts = {name: value for name, value in row.items() if isinstance(value, str)}
    if None in row or len(texts) < len(row):
        raise ConfigurationError("this line has more or fewer fields than the first", where=where)
    return AllowlistEntry(
        account_id=texts["account_id"],
        reason=texts["reason"],
        owner=texts["owner"],
        expires_at=_moment(texts["expires_at"], "expires_at", where),
        starts_at=_moment(texts["starts_at"], "starts_at", where)
        if texts.get("starts_at", "").strip()
        else None,
    )


def _moment(text: str, name: str, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigurationError(
            f"{name} must be a time as in 2026-12-31T00:00:00Z", where=where
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
