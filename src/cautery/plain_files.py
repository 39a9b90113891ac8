"""Files that are given by name: what is none is refused unopened, and reading is bounded.

A named pipe that nobody writes blocks whoever opens it, and a device such as ``/dev/zero`` never
ends; a log is also read from two places at once. So all of them are refused.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path
from typing import Final

from cautery.errors import CauteryError, InputError, NoInputError

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
    return _kind_of(mode)


def _kind_of(mode: int) -> str:
    return next(
        (f"{words}, not a file" for is_kind, words in _KINDS if is_kind(mode)), "is no file"
    )


def open_plain(path: Path, *, pipes: bool = False) -> io.BufferedReader:
    """Open a file for its bytes.

    Args:
        path: The file; not ``-``, which only some callers take for standard input.
        pipes: Whether a pipe will do, as ``<(vault read ...)`` of a shell gives a secret that is
            never on a disk. One that nobody writes is empty, and holds nobody up.

    Returns:
        The stream.

    Raises:
        OSError: It is no file, or cannot be opened; ``strerror`` says so in words for people.

    Example:
        >>> open_plain(Path("/dev/zero"))
        Traceback (most recent call last):
        ...
        OSError: [Errno 22] it is a device, not a file; name a file: '/dev/zero'
    """
    try:
        mode = path.stat().st_mode
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, str(error), str(path)) from error
    if pipes and stat.S_ISFIFO(mode):
        return _open_pipe(path)
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, f"it {_kind_of(mode)}; name a file", str(path))
    return path.open("rb")


def _open_pipe(path: Path) -> io.BufferedReader:
    # Opening waits for a writer, unless told not to; reading then ends at once if there is none.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, "rb")


def open_plain_text(
    path: Path, *, encoding: str = "utf-8", errors: str = "strict", pipes: bool = False
) -> io.TextIOWrapper:
    """Open a file for its text; the ends of lines stay as they are, as for CSV.

    Args:
        path: The file.
        encoding: Its encoding.
        errors: What to do with bytes that are none of it, as for ``bytes.decode``.
        pipes: Whether a pipe will do.

    Returns:
        The stream.

    Raises:
        OSError: As ``open_plain``.
    """
    opened = open_plain(path, pipes=pipes)
    return io.TextIOWrapper(opened, encoding=encoding, errors=errors, newline="")


def require_plain(
    path: Path, *, hint: str = "", error_type: type[CauteryError] = NoInputError
) -> None:
    """Refuse what is no file, before a library opens it.

    Args:
        path: What somebody gave.
        hint: What to do then.
        error_type: What is raised then.

    Raises:
        CauteryError: Of that type: it is no file, or is not there.
    """
    problem = why_no_file(path)
    if problem:
        raise error_type(problem, where=str(path), hint=hint)


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
    require_plain(path, hint=hint)
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
