"""Writes a page to its file: whole or not at all, and never over somebody else's."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from cautery.errors import OutputError
from cautery.plain_files import open_plain
from cautery.report.page.document import OPENING

_HINT: Final = "Choose another file with --out."


def write_page(page: str, target: Path) -> None:
    """Write a page beside its place, then rename it, so that nobody reads half a page.

    Args:
        page: From ``render_page``.
        target: The file; an earlier page there is replaced.

    Raises:
        OutputError: The file holds something else than a page of ours, or cannot be written.
    """
    target = Path(target)
    refuse_other_file(target, OPENING.encode())
    write_whole(page.encode(), target)


def refuse_other_file(
    target: Path, opening: bytes, *, what: str = "a report of cautery", hint: str = _HINT
) -> None:
    """Make sure that a file may be replaced: it is ours, empty, or not there.

    Args:
        target: The file.
        opening: How a file of ours begins.
        what: What ours is, for the message.
        hint: What to do next.

    Raises:
        OutputError: It is somebody else's, a folder, or cannot be looked at.
    """
    try:
        with open_plain(target) as stream:
            begins = stream.read(len(opening))
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(
            f"cannot look at it: {error.strerror}", where=str(target), hint=hint
        ) from error
    if begins and begins != opening:
        raise OutputError(
            f"this file is not {what} and would be overwritten",
            where=str(target),
            hint=hint,
        )


def write_whole(content: bytes, target: Path) -> None:
    """Write bytes to a file, all or nothing.

    Args:
        content: The bytes.
        target: The file.

    Raises:
        OutputError: It cannot be written.
    """
    partial: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        partial = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.chmod(new_file_mode())
        partial.replace(target)
    except OSError as error:
        if partial is not None:
            partial.unlink(missing_ok=True)
        raise OutputError(
            f"cannot be written: {error.strerror}", where=str(target), hint=_HINT
        ) from error


def new_file_mode() -> int:
    """Give the mode of a new file of this process.

    Returns:
        Readable and writable for whomever the process's mask does not shut out.
    """
    mask = os.umask(0o077)  # the mask can only be read by setting it
    os.umask(mask)
    return 0o666 & ~mask
