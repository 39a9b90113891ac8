"""Secrets in files: read once, checked, and never quoted."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cautery.errors import ConfigurationError
from cautery.plain_files import open_plain_text
from cautery.records.key import Secret

LEAST_BYTES: Final = 32
_MOST_CHARACTERS: Final = 8192


def read_secret(path: Path) -> Secret:
    """Read random bytes that stand in a file as hexadecimal digits.

    Args:
        path: The file.

    Returns:
        The bytes.

    Raises:
        ConfigurationError: It cannot be read, is no hexadecimal number, or is too short.
    """
    try:
        value = bytes.fromhex(_content(path))
    except ValueError as error:
        raise ConfigurationError(
            "a secret must be written in hexadecimal digits",
            where=str(path),
            hint="Make one: openssl rand -hex 32.",
        ) from error
    if len(value) < LEAST_BYTES:
        raise ConfigurationError(
            f"a secret must have at least {LEAST_BYTES} bytes",
            where=str(path),
            hint="Make one: openssl rand -hex 32.",
        )
    return Secret(value)


def read_credential(path: Path) -> Secret:
    """Read a credential as it stands in a file.

    Args:
        path: The file.

    Returns:
        The credential, without blanks around it.

    Raises:
        ConfigurationError: It cannot be read, is empty, or cannot stand in a header.
    """
    content = _content(path)
    if not content or not content.isascii() or not content.isprintable():
        raise ConfigurationError("a credential must be printable ASCII", where=str(path))
    return Secret(content.encode())


def _content(path: Path) -> str:
    try:
        with open_plain_text(path, encoding="ascii", pipes=True) as stream:
            return stream.read(_MOST_CHARACTERS).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not ASCII"
        raise ConfigurationError(f"a secret cannot be read: {reason}", where=str(path)) from error
