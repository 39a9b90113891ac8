"""Files of the ledger's keys: the signing key for its owner only, the public key for everybody."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from cautery.errors import ConfigurationError, NoInputError, OutputError
from cautery.ledger.durable_files import output_errors, write_durably
from cautery.ledger.signed_notes import (
    ED25519,
    PublicKey,
    SigningKey,
    read_public_key,
    read_signing_key,
)
from cautery.plain_files import open_plain
from cautery.records.key import Secret

PUBLIC_KEY_FILE: Final = "public-key"
"""Copy of the public key in the ledger's folder: for looking around, not for trusting it."""
MOST_KEY_BYTES: Final = 4_096
_OWNER_ONLY: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def new_signing_key(name: str) -> SigningKey:
    """Draw a signing key.

    Args:
        name: Whose it is: the log's origin or the witness's name, for example
            ``example.com/ledger``.

    Returns:
        The key.

    Raises:
        ConfigurationError: It cannot be a name.
    """
    return SigningKey(name, Secret(secrets.token_bytes(32)))


def write_signing_key(path: Path, key: SigningKey, kind: int = ED25519) -> Path:
    """Write a new key: it for its owner only, and its public key beside it as ``PATH.pub``.

    Args:
        path: The file; it must not be there.
        key: The key.
        kind: What its public key is for.

    Returns:
        The file of the public key.

    Raises:
        OutputError: The file is there, or cannot be written.
    """
    public = path.with_name(f"{path.name}.pub")
    for each in (path, public):
        if os.path.lexists(each):
            raise OutputError("there is such a file, and a key is not overwritten", where=str(each))
    with output_errors(path):
        write_durably(path, key.text().reveal() + b"\n", mode=_OWNER_ONLY)
        write_durably(public, f"{key.public_key(kind).text()}\n".encode())
    return public


def load_signing_key(path: Path) -> SigningKey:
    """Read a signing key's file.

    Args:
        path: The file; nobody but its owner may read it.

    Returns:
        The key.

    Raises:
        NoInputError: It cannot be read.
        ConfigurationError: It holds no key, or others may read it.
    """
    content = _read(path)
    if path.stat().st_mode & _OTHERS:
        raise ConfigurationError(
            "others than its owner may read this signing key",
            where=str(path),
            hint=f"Run: chmod 600 {path}",
        )
    try:
        return read_signing_key(content)
    except ConfigurationError as error:
        raise ConfigurationError(error.what, where=str(path), hint=error.hint) from None


def load_public_key(path: Path) -> PublicKey:
    """Read a public key's file.

    Args:
        path: The file.

    Returns:
        The key.

    Raises:
        NoInputError: It cannot be read.
        ConfigurationError: It holds no key.
    """
    try:
        return read_public_key(_read(path))
    except ConfigurationError as error:
        raise ConfigurationError(error.what, where=str(path), hint=error.hint) from error


def _read(path: Path) -> str:
    try:
        with open_plain(path) as stream:
            content = stream.read(MOST_KEY_BYTES)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    return content.decode("utf-8", errors="replace")
