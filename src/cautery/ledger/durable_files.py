"""Files that survive a crash: written whole, synchronised, moved into place."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cautery.errors import OutputError

FULL_SYNC: Final[int | None] = getattr(fcntl, "F_FULLFSYNC", None)
"""On macOS only this reaches the disk itself."""


def synchronise(descriptor: int) -> None:
    """Wait until what was written to a file is on disk."""
    if FULL_SYNC is not None:
        fcntl.fcntl(descriptor, FULL_SYNC)
    else:
        os.fdatasync(descriptor)


def synchronise_folder(folder: Path) -> None:
    """Wait until names that were made or moved in a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder with its parents; their names are on disk when this returns."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir()
    synchronise_folder(folder.parent)


def write_all(descriptor: int, content: bytes | memoryview, offset: int) -> None:
    """Write all bytes at a place of a file, however many times it takes."""
    rest = memoryview(content)
    while rest:
        written = os.pwrite(descriptor, rest, offset)
        offset += written
        rest = rest[written:]


def check_plain(path: Path) -> None:
    """See that moving a file onto a path replaces nothing but a file.

    Whoever writes to ``/dev/null`` as root would otherwise replace the device itself.

    Args:
        path: Where a file is to be moved.

    Raises:
        OSError: There is something there that is no file, such as a device or a folder.
    """
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "what is there is no file")


def write_durably(
    path: Path,
    content: bytes,
    *,
    mode: int = 0o644,
    scratch: Path | None = None,
    named_later: bool = False,
) -> None:
    """Write a file whole or not at all; it is on disk under its name when this returns.

    Args:
        path: The file; an earlier one is replaced.
        content: What to write.
        mode: Who may read it.
        scratch: Folder of the same file system for the file while it is unfinished; its own
            folder if None.
        named_later: Leave it to the caller to synchronise the folder, once for many files.

    Raises:
        OSError: It cannot be written; nothing half-written is left.
    """
    check_plain(path)
    make_folder(path.parent)
    if scratch is not None:
        make_folder(scratch)
    new = (scratch or path.parent) / f".{path.name}.{secrets.token_hex(4)}"
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            write_all(descriptor, content, 0)
            synchronise(descriptor)
        finally:
            os.close(descriptor)
        new.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    if not named_later:
        synchronise_folder(path.parent)


@contextlib.contextmanager
def output_errors(where: Path) -> Iterator[None]:
    """Turn what the operating system says into an error of ours.

    Raises:
        OutputError: Something could not be written.
    """
    try:
        yield
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        raise OutputError(message, where=str(where)) from error


class WriterLock:
    """Keeps a second writer out for as long as this process lives or until it is let go.

    Args:
        path: The lock's file; made if it is not there.

    Raises:
        OutputError: Another process holds it, or it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        with output_errors(path):
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise OutputError(
                "another process writes here",
                where=str(path.parent),
                hint="There is one writer at a time; readers need not wait.",
            ) from error

    def release(self) -> None:
        """Let it go."""
        os.close(self._descriptor)


def is_locked(path: Path) -> bool:
    """Say whether a writer holds a lock now."""
    if not path.exists():
        return False
    try:
        WriterLock(path).release()
    except OutputError:
        return True
    return False
