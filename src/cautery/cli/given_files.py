"""Files that a verb is given: a path, or ``-`` for standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from cautery.errors import InputError, NoInputError
from cautery.plain_files import open_plain

STANDARD_INPUT: Final = "-"


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input for ``-``.

    Args:
        file: Its path.

    Yields:
        The stream.

    Raises:
        NoInputError: It cannot be opened.
    """
    if file == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    try:
        stream = open_plain(Path(file))
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=file) from error
    with stream:
        yield stream


def read_whole(
    file: str | Path,
    most_bytes: int,
    *,
    where: str = "",
    hint: str = "",
    error_type: type[InputError] = InputError,
) -> bytes:
    """Read a file, or standard input for ``-``, into memory, up to a bound.

    Args:
        file: Its path.
        most_bytes: The bound.
        where: How it is called in messages; by its path if left out.
        hint: What to do with a file that is larger.
        error_type: What is raised then.

    Returns:
        All of it.

    Raises:
        NoInputError: It cannot be read.
        InputError: It is larger.
    """
    name = where or str(file)
    with opened(str(file)) as stream:
        try:
            content = stream.read(most_bytes + 1)
        except OSError as error:  # a folder, for one, opens on some systems
            raise NoInputError(f"cannot be read: {error.strerror}", where=name) from error
    if len(content) > most_bytes:
        raise error_type(
            f"larger than the {most_bytes:,} bytes that are read", where=name, hint=hint
        )
    return content
