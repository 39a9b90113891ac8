"""Begins a ledger, and checks what is there before anybody writes to it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from cautery.errors import ConfigurationError, LedgerError, OutputError
from cautery.ledger.checkpoints import (
    CHECKPOINT_FILE,
    Checkpoint,
    open_checkpoint,
    sign_checkpoint,
)
from cautery.ledger.commitments import entry_of
from cautery.ledger.durable_files import make_folder, output_errors, write_durably
from cautery.ledger.erasures import stored_requests
from cautery.ledger.key_files import PUBLIC_KEY_FILE, load_public_key
from cautery.ledger.merkle import EMPTY_ROOT
from cautery.ledger.publishing import UNFINISHED, Publisher
from cautery.ledger.record_frames import KEPT
from cautery.ledger.record_reader import RECORDS_FOLDER, RecordReader
from cautery.ledger.record_store import Tail, recover_tail
from cautery.ledger.signed_notes import MOST_NOTE_BYTES, SigningKey
from cautery.plain_files import open_plain

_OWNER_ONLY: Final = 0o700


def create_ledger(folder: Path, key: SigningKey) -> None:
    """Begin an empty ledger.

    Args:
        folder: Its folder; made if it is not there.
        key: Its key; the key's name is the log's origin.

    Raises:
        OutputError: There is a ledger, or it cannot be written.
    """
    if (folder / CHECKPOINT_FILE).exists() or (folder / RECORDS_FOLDER).exists():
        raise OutputError("there is a ledger already", where=str(folder))
    empty = Checkpoint(origin=key.name, size=0, root=EMPTY_ROOT)
    with output_errors(folder):
        make_folder(folder / RECORDS_FOLDER)
        (folder / RECORDS_FOLDER).chmod(_OWNER_ONLY)
        write_durably(folder / PUBLIC_KEY_FILE, f"{key.public_key().text()}\n".encode())
        write_durably(folder / CHECKPOINT_FILE, sign_checkpoint(empty, key))


def stored_checkpoint(folder: Path, key: SigningKey) -> Checkpoint:
    """Read a ledger's checkpoint.

    Args:
        folder: The ledger's folder.
        key: Its key.

    Returns:
        The checkpoint; its signature is checked.

    Raises:
        ConfigurationError: There is no ledger, or it is of another key.
        LedgerError: The checkpoint was changed.
    """
    path = folder / CHECKPOINT_FILE
    try:
        with open_plain(path) as stream:
            content = stream.read(MOST_NOTE_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(
            f"there is no ledger here ({error.strerror})",
            where=str(path),
            hint="Begin one with: cautery ledger init",
        ) from error
    if load_public_key(folder / PUBLIC_KEY_FILE) != key.public_key():
        raise ConfigurationError("this ledger is of another key", where=str(folder))
    return open_checkpoint(content, key.public_key(), where=str(path))[0]


def recover(folder: Path, key: SigningKey, checkpoint: Checkpoint) -> tuple[Publisher, Tail]:
    """Check tree and records against each other, and bring into the tree what was acknowledged.

    Args:
        folder: The ledger's folder; this process has its lock.
        key: Its key.
        checkpoint: Its checkpoint; the signature was checked.

    Returns:
        What grows the tree, and where the records end.

    Raises:
        LedgerError: Tree, records and checkpoint disagree.
        OSError: Something cannot be written.
    """
    shutil.rmtree(folder / UNFINISHED, ignore_errors=True)
    publisher = Publisher(folder, key, checkpoint)
    _check_last_records(folder, checkpoint.size, publisher.last_entries)
    tail = recover_tail(folder, checkpoint.size)
    publisher.publish(tail.entries)
    return publisher, tail


def _check_last_records(folder: Path, size: int, entries: list[bytes]) -> None:
    """The records of the last, partial bundle must be those that the tree commits to."""
    reader = RecordReader(folder)
    # Whatever is being erased may be half overwritten: that is finished once the ledger is open.
    requests = stored_requests(folder)[0]
    for position, entry in enumerate(entries, start=size - len(entries)):
        if any(request.names(position) for request in requests):
            continue
        header, content = reader.frame(position)
        if header.state == KEPT and entry_of(content, header.salt) != entry:
            raise LedgerError(
                f"record {position} is not what the tree commits to", where=str(folder)
            )
