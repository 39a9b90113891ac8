"""Documents in a state folder: written whole or not at all, and refused when damaged."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cautery.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DROPPED_FILE: Final = "dropped.json"
DROPPED_SCHEMA: Final = "cautery.dropped/1"
FRESH: Final = ".new"
"""End of the name of a file that is being written."""
START_ANEW: Final = "Start anew in another folder."
DAMAGE: Final = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
"""What a document that is not as it was written may raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLog:
    """A log that was read, and how to know it again."""

    path: str
    """Absolute path."""
    bytes: int
    """Size of the file."""
    changed_ns: int
    """When it was last changed, in nanoseconds since 1970."""
    sha256: str
    """Digest of the file."""


def read_dropped(folder: Path) -> list[KnownLog]:
    """List the logs that were taken out of a state.

    Args:
        folder: Folder of the state.

    Returns:
        The logs, in the order in which they went.

    Raises:
        ConfigurationError: The list is damaged.
    """
    path = folder / DROPPED_FILE
    if not path.is_file():
        return []
    try:
        document = msgspec.json.decode(path.read_bytes())
        if document["schema"] != DROPPED_SCHEMA:
            raise ValueError(document["schema"])
        return msgspec.convert(document["logs"], list[KnownLog])
    except DAMAGE as error:
        raise ConfigurationError(
            "is damaged",
            where=str(path),
            hint="Remove it, and logs that were dropped are read again if they are named.",
        ) from error


def write_dropped(folder: Path, logs: Sequence[KnownLog]) -> None:
    """Keep the list of logs that were taken out.

    Args:
        folder: Folder of the state.
        logs: All of them.

    Raises:
        OSError: It cannot be written.
    """
    document = {"schema": DROPPED_SCHEMA, "logs": [asdict(log) for log in logs]}
    write_json(folder / DROPPED_FILE, document)


def read_json(path: Path) -> Any:
    """Read a document that ``write_json`` wrote.

    Args:
        path: The file.

    Returns:
        What it holds.

    Raises:
        ConfigurationError: It is damaged.
        OSError: It cannot be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes())
    except DAMAGE as error:
        raise ConfigurationError("is damaged", where=str(path), hint=START_ANEW) from error


def write_json(path: Path, document: Any) -> None:
    """Write a document whole or not at all.

    Args:
        path: The file.
        document: What JSON can hold.

    Raises:
        OSError: It cannot be written.
    """
    fresh = path.with_name(f"{path.name}{FRESH}")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")
    fresh.replace(path)
