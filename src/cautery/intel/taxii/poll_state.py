"""How far a folder has polled which collections, so that the next poll goes on from there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from cautery.errors import MalformedFileError
from cautery.ledger.durable_files import output_errors, write_durably
from cautery.plain_files import open_plain

STATE_FILE: Final = "taxii-poll.state"
"""Its name, in the folder of what was pulled."""
SCHEMA: Final = "cautery.taxii-poll/1"
_MOST_BYTES: Final = 2**20


class UnfinishedRun(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A poll that was broken off: its later pages are still to be fetched."""

    next: str
    """What the last page said of the next."""
    latest: str
    """When the newest object so far was added."""


class PollPosition(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """How far a collection was polled."""

    added_after: str = ""
    """When the newest object of all finished polls was added; empty before the first."""
    run: UnfinishedRun | None = None
    """The poll that is under way; None if the last one was finished."""


class _State(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    schema: str
    collections: dict[str, PollPosition]


def read_positions(folder: Path) -> dict[str, PollPosition]:
    """Read how far a folder has polled.

    Args:
        folder: The folder.

    Returns:
        Positions by collection; empty before the first poll.

    Raises:
        MalformedFileError: The file is not as it was written.
    """
    path = folder / STATE_FILE
    try:
        with open_plain(path) as stream:
            state = msgspec.json.decode(stream.read(_MOST_BYTES), type=_State)
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise MalformedFileError(
            f"cannot be read: {reason}", where=str(path), hint="Delete it to poll from the start."
        ) from error
    if state.schema != SCHEMA:
        raise MalformedFileError(f"is of another schema than {SCHEMA}", where=str(path))
    return state.collections


def write_positions(folder: Path, positions: dict[str, PollPosition]) -> None:
    """Write how far a folder has polled.

    Args:
        folder: The folder.
        positions: Positions by collection.

    Raises:
        OutputError: It cannot be written.
    """
    content = msgspec.json.encode(_State(schema=SCHEMA, collections=positions))
    path = folder / STATE_FILE
    with output_errors(path):
        write_durably(path, msgspec.json.format(content, indent=2) + b"\n")
