"""Configuration files in TOML: read within a bound, and everything that is wrong named at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cautery.errors import CauteryError, ConfigurationError
from cautery.plain_files import open_plain

MOST_BYTES: Final = 2**20
"""Of a file."""
_TOML_LINE: Final = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFault:
    """Something wrong in a file, or in one that it names.

    Example:
        >>> str(FileFault(where="guard.toml:7", text="'x' is no port", hint="Write 8088."))
        "guard.toml:7: 'x' is no port. Write 8088."
    """

    where: str
    """``file:line``, or the file."""
    text: str
    """What is wrong, with a suggestion if there is one."""
    hint: str = ""
    """What to do about it, if more is known than what is wrong."""

    def __str__(self) -> str:
        """Say it as the error of this fault would."""
        return str(ConfigurationError(self.text, where=self.where, hint=self.hint))

    @classmethod
    def of(cls, error: CauteryError, path: Path) -> FileFault:
        """Take an error as a fault.

        Args:
            error: The error.
            path: The file that led to it, if it names no place.

        Returns:
            The fault.
        """
        return cls(where=error.where or str(path), text=error.what, hint=error.hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlFile:
    """What a file holds."""

    text: str = ""
    """All of it; empty if it cannot be read."""
    tables: dict[str, Any] = field(default_factory=dict)
    """The document; empty if it is no TOML."""
    faults: tuple[FileFault, ...] = ()
    """What keeps it from being read."""


def read_toml(path: Path) -> TomlFile:
    """Read a file.

    Args:
        path: The file.

    Returns:
        The document, or why there is none.
    """
    try:
        with open_plain(path) as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            return _unread(str(path), "is longer than a configuration may be")
        text = content.decode()
        return TomlFile(text=text, tables=tomllib.loads(text))
    except OSError as error:
        return _unread(str(path), f"cannot be read: {error.strerror or error}")
    except (ValueError, RecursionError) as error:
        message = str(error)
        line = _TOML_LINE.search(message)
        where = f"{path}:{line[1]}" if line else str(path)
        return _unread(where, f"is not TOML: {_TOML_LINE.sub('', message).strip()}")


def _unread(where: str, text: str) -> TomlFile:
    return TomlFile(faults=(FileFault(where=where, text=text),))


def error_of(faults: Sequence[FileFault], command: str) -> ConfigurationError:
    """Make one error of what is wrong.

    Args:
        faults: What is wrong; at least one thing.
        command: What names all of it.

    Returns:
        An error of the first fault, which says how many more there are.
    """
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    return ConfigurationError(faults[0].text + more, where=faults[0].where, hint=f"See: {command}")
