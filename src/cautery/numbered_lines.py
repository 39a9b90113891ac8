"""JSON Lines that somebody gave: bounded, and each error with its file and line.

Whoever wrote the file may mean harm: a line has a longest length and a file a largest number of
them, and what is no object of the wanted kind is an error, never a crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from cautery.errors import InputError

if TYPE_CHECKING:
    from typing import BinaryIO

Row = TypeVar("Row")


class JsonLine(NamedTuple):
    """A line that is not empty."""

    number: int
    """Its place in the file, from 1."""
    where: str
    """File and number, for messages."""
    content: bytes
    """What stands in it."""


def lines_of(
    stream: BinaryIO, name: str, *, most_bytes: int, most_lines: int | None = None
) -> Iterator[JsonLine]:
    r"""Read the lines of a file, one after another; empty ones are passed over.

    Args:
        stream: The file.
        name: Its name, for messages.
        most_bytes: Of one line.
        most_lines: Of the file, empty ones among them; any number if None.

    Yields:
        The lines, in order.

    Raises:
        InputError: A line is too long, or there are too many; names file and line.

    Example:
        >>> from io import BytesIO
        >>> [line.where for line in lines_of(BytesIO(b"1\n\n2\n"), "a.jsonl", most_bytes=9)]
        ['a.jsonl:1', 'a.jsonl:3']
    """
    number = 0
    while content := stream.readline(most_bytes + 1):
        number += 1
        where = f"{name}:{number}"
        if len(content) > most_bytes:
            raise InputError(f"a line of more than {most_bytes:,} bytes", where=where)
        if most_lines is not None and number > most_lines:
            raise InputError(f"more than {most_lines:,} lines", where=where)
        if content.strip():
            yield JsonLine(number, where, content)


def decoded(
    content: bytes,
    decoder: msgspec.json.Decoder[Row],
    *,
    where: str,
    wanted: str,
    hint: str,
    error_type: type[InputError] = InputError,
) -> Row:
    """Read one line as what it should be.

    Args:
        content: The line.
        decoder: Knows what it should be.
        where: File and line, for messages.
        wanted: What it should be, in words: ``a prompt``.
        hint: What such a line looks like, or what to do.
        error_type: What is raised.

    Returns:
        The row.

    Raises:
        InputError: It is something else.

    Example:
        >>> decoder = msgspec.json.Decoder(dict[str, int])
        >>> decoded(b'{"a": 1}', decoder, where="a.jsonl:1", wanted="a count", hint="")
        {'a': 1}
    """
    try:
        return decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise error_type(f"not {wanted}: {error}", where=where, hint=hint) from error
