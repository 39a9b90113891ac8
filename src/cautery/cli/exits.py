"""Exit codes, and how an error reads on standard error (contracts, section 4)."""

from __future__ import annotations

import errno
import sys
from enum import IntEnum
from typing import TYPE_CHECKING

from cautery.errors import (
    CauteryError,
    ConfigurationError,
    EndpointError,
    InputError,
    MissingExtraError,
    OutputError,
    PeerError,
    TooManyRejectedError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO


class Exit(IntEnum):
    """What a verb tells its caller."""

    RAN = 0
    """It ran, whatever it found."""
    FINDINGS = 1
    """It ran and found something at or above ``--fail-on``."""
    USAGE = 2
    """The call itself is wrong."""
    UNREADABLE = 3
    """An input or a configuration cannot be read, or a result cannot be written."""
    REJECTED = 4
    """It ran, but more lines were rejected than ``--max-bad`` allows."""
    INTERRUPTED = 130
    """It was interrupted from the keyboard."""


_CODES: tuple[tuple[type[CauteryError], Exit], ...] = (
    (UsageError, Exit.USAGE),
    (TooManyRejectedError, Exit.REJECTED),
    (InputError, Exit.UNREADABLE),
    (ConfigurationError, Exit.UNREADABLE),
    (MissingExtraError, Exit.UNREADABLE),
    (EndpointError, Exit.UNREADABLE),
    (PeerError, Exit.UNREADABLE),
    (OutputError, Exit.UNREADABLE),
)


def code_of(error: CauteryError) -> Exit:
    """Map an error to the exit code that contracts.md promises.

    Args:
        error: Any error of the tree.

    Returns:
        Its exit code.

    Example:
        >>> from cautery.errors import NoInputError
        >>> int(code_of(NoInputError("no file matches", where="a.jsonl")))
        3
    """
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return Exit.UNREADABLE


def printable(text: str) -> str:
    r"""Make a text that an attacker may have written safe for a terminal.

    Control characters and those that change the direction of text become escapes, so that a log
    line cannot move the cursor, recolour the screen or reverse a file name.

    Args:
        text: Any text.

    Returns:
        The text on one line, inert.

    Example:
        >>> printable("a\x1b[31mb\u202ec")
        'a\\x1b[31mb\\u202ec'
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def print_error(error: CauteryError, stream: TextIO | None = None) -> None:
    """Print an error as ``error: where: what. hint`` on one line.

    Args:
        error: The error.
        stream: Where to; standard error if None.
    """
    print(f"error: {printable(str(error))}", file=stream or sys.stderr)


def fault_of_words(error: Exception, words: Sequence[str]) -> UsageError | None:
    """Say whether the words of the call were such that no system call or encoding takes them.

    Args:
        error: What went wrong.
        words: The words after ``cautery``.

    Returns:
        An error that says so; None if it is a fault of ours.
    """
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return UsageError(f"the name of a file is too long: {str(error.filename)[:60]}...")
    if not isinstance(error, ValueError):
        return None
    if any("\0" in word for word in words):
        return UsageError("a word of the call has a NUL in it")
    if isinstance(error, UnicodeEncodeError) and any(not _is_text(word) for word in words):
        return UsageError("a word of the call is not in UTF-8", hint="Write it in UTF-8.")
    return None


def _is_text(word: str) -> bool:
    """Say whether a word has no bytes that the system could not read as text."""
    return not any("\ud800" <= character <= "\udfff" for character in word)


def report_crash(error: Exception, words: Sequence[str], stream: TextIO | None = None) -> Exit:
    """Put the details of a fault of ours into a file, and say where it is.

    The file may hold pieces of the log, so only its owner can read it and it is sent nowhere.

    Args:
        error: What went wrong.
        words: The words after ``cautery``.
        stream: Where to say so; standard error if None.

    Returns:
        The exit code: never the one that means findings.
    """
    import platform
    import tempfile
    import traceback

    from cautery import __version__

    details = "".join(traceback.format_exception(error))
    head = f"cautery {__version__}, Python {platform.python_version()}, {platform.platform()}"
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            errors="backslashreplace",
            prefix="cautery-crash-",
            suffix=".txt",
            delete=False,
        ) as file:
            file.write(f"{head}\ncautery {' '.join(words)}\n\n{details}")
        hint = f"Details are in {file.name}; please look for your own data in it, and report it"
    except OSError:
        hint = "Run it again with CAUTERY_DEBUG=1 for the details, and report it"
    kind = type(error).__name__
    print_error(CauteryError(f"cautery failed in a way nobody foresaw ({kind})", hint=hint), stream)
    return Exit.UNREADABLE
