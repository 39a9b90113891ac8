"""Files that are given by name: what is none is refused unopened, and reading is bounded.

A named pipe that nobody writes blocks whoever opens it, and a device such as ``/dev/zero`` never
ends; a log is also read from two places at once. So all of them are refused.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from cautery.errors import InputError, NoInputError

_KINDS: Final = (
    (stat.S_ISDIR, "is a folder"),
    (stat.S_ISFIFO, "is a pipe"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
    (stat.S_ISSOCK, "is a socket"),
)


def why_no_file(path: Path) -> str:
    """Say why a path names no file.

    Args:
        path: What somebody gave.

    Returns:
        What it is instead, as the end of a sentence; empty if it is a file, of whatever content.

    Example:
        >>> why_no_file(Path("/dev/null")), why_no_file(Path("no-such-file"))
        ('is a device, not a file', 'there is no such file')
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "is a link that leads nowhere" if path.is_symlink() else "there is no such file"
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"
    if stat.S_ISREG(mode):
        return ""
    return next((f"{words}, not a file" for is_kind, words in _KINDS if is_kind(mode)), "no file")


def read_plain(
    path: Path, most_bytes: int, *, hint: str = "", error_type: type[InputError] = NoInputError
) -> bytes:
    """Read a small file into memory.

    Args:
        path: The file.
        most_bytes: More than so many are refused.
        hint: What to do if it cannot be read.
        error_type: What is raised for a file that is too large.

    Returns:
        All of it.

    Raises:
        NoInputError: It is no file, or cannot be read.
        InputError: It is too large.
    """
    problem = why_no_file(path)
    if problem:
        raise NoInputError(problem, where=str(path), hint=hint)
    try:
        with path.open("rb") as stream:
            content = stream.read(most_bytes + 1)
    except OSError as error:
        raise NoInputError(
            f"cannot be read: {error.strerror or error}", where=str(path), hint=hint
        ) from error
    if len(content) > most_bytes:
        raise error_type(f"is larger than the {most_bytes:,} bytes that are read", where=str(path))
    return content
