"""Who used which keys, when and what for: lines that only grow, each sealed with the one before.

A line changed, taken out or moved breaks the chain. Lines cut off the end do not, on their own:
keep the last seal elsewhere (``cautery watermark keys audit`` prints it).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from cautery.errors import MalformedFileError, NoInputError, OutputError
from cautery.plain_files import open_plain, require_plain

FIRST_SEAL: Final = "0" * 64
MAX_LINE_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """One use of keys. Identifiers only; never a value."""

    time: datetime
    action: str
    """What was done: init, epoch, rotate, state, derive, export, detect."""
    epoch: str = ""
    keys: int = 0
    """How many keys."""
    key_id: str = ""
    """Identifier, if it was one key."""
    reason: str = ""
    """What the person who did it said."""


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    use: KeyUse
    before: str
    seal: str


def audit_path(ring: Path) -> Path:
    """Say where the uses of a ring's keys are written down.

    Args:
        ring: The ring's file.

    Returns:
        The file beside it.
    """
    return ring.with_name(f"{ring.name}.audit.jsonl")


def write_use(path: Path, use: KeyUse) -> str:
    """Write a use down, on disk when this returns: before the use, so that none goes unwritten.

    Args:
        path: The audit file; begun if it is not there.
        use: The use.

    Returns:
        The seal of the line.

    Raises:
        OutputError: It cannot be written; then the keys must not be used.
        MalformedFileError: The last line is damaged.
    """
    if path.exists():
        require_plain(path, error_type=OutputError)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            end = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, end - MAX_LINE_BYTES))
            before = _last_seal(stream.read(), path)
            seal = _seal(use, before)
            stream.write(msgspec.json.encode(_Line(use=use, before=before, seal=seal)) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise OutputError(
            f"the use of keys cannot be written down: {error.strerror}", where=str(path)
        ) from error
    return seal


def read_uses(path: Path) -> tuple[tuple[KeyUse, ...], str]:
    """Read an audit file and check its chain.

    Args:
        path: The audit file.

    Returns:
        The uses, and the last seal.

    Raises:
        NoInputError: There is no such file.
        MalformedFileError: A line is damaged, or not the one that was written; names it.
    """
    try:
        with open_plain(path) as stream:
            content = stream.read()
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    uses, seal = [], FIRST_SEAL
    for number, line in enumerate(content.splitlines(), start=1):
        found = _line(line, f"{path}:{number}")
        as_written = msgspec.json.encode(found) == line
        if not as_written or found.before != seal or found.seal != _seal(found.use, seal):
            raise MalformedFileError(
                "this is not the line that was written here", where=f"{path}:{number}"
            )
        uses.append(found.use)
        seal = found.seal
    return tuple(uses), seal


def _last_seal(content: bytes, path: Path) -> str:
    lines = content.splitlines()
    return _line(lines[-1], f"{path}: last line").seal if lines else FIRST_SEAL


def _line(line: bytes, where: str) -> _Line:
    try:
        return msgspec.json.decode(line[:MAX_LINE_BYTES], type=_Line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedFileError("a damaged line of the audit", where=where) from error


def _seal(use: KeyUse, before: str) -> str:
    return hashlib.sha256(before.encode() + msgspec.json.encode(use)).hexdigest()
