"""Secrets that keys come from: out of a file, the environment or a command."""

from __future__ import annotations

import os
import secrets
import shlex
import stat
import subprocess
from pathlib import Path
from typing import Final

from cautery.errors import ConfigurationError, OutputError
from cautery.plain_files import open_plain
from cautery.records.key import Secret
from cautery.watermark.key_strength import weakness

MASTER_BYTES: Final = 32
"""Fewest bytes of a master secret: HKDF with SHA-256 is as strong as its input, up to 32."""
MAX_TEXT_BYTES: Final = 4_096
COMMAND_SECONDS: Final = 30.0
"""How long a command may take: a key service answers within seconds, or not at all."""

_SOURCES: Final = "file:PATH, env:NAME or command:WORDS"


def read_master(reference: str) -> Secret:
    """Read a master secret from where a reference says.

    Args:
        reference: ``file:PATH`` (readable by its owner only), ``env:NAME``, or ``command:WORDS``
            (run without a shell; prints the secret). Each gives hexadecimal digits.

    Returns:
        The secret.

    Raises:
        ConfigurationError: It is not there, not hexadecimal, too short, or not random.
    """
    return read_secret(
        reference,
        noun="master secret",
        hint="Make one with: cautery watermark keys init --new-master FILE",
    )


def read_secret(reference: str, *, noun: str, hint: str) -> Secret:
    """Read a secret of at least ``MASTER_BYTES`` from where a reference says.

    Args:
        reference: As ``read_master`` takes it.
        noun: What to call the secret in messages, for example ``pepper``.
        hint: How to make one, for whoever gave something else.

    Returns:
        The secret.

    Raises:
        ConfigurationError: It is not there, not hexadecimal, too short, or not random.
    """
    kind, _, place = reference.partition(":")
    readers = {"file": _from_file, "env": _from_environment, "command": _from_command}
    if kind not in readers or not place:
        # The reference itself is not shown: somebody may have put the secret in its place.
        raise ConfigurationError(f"a {noun} is named as {_SOURCES}", where=noun.partition(" ")[0])
    where = kind if kind == "command" else reference
    try:
        value = bytes.fromhex(readers[kind](place, noun).strip())
    except ValueError:
        raise ConfigurationError(
            f"the {noun} must be hexadecimal digits", where=where, hint=hint
        ) from None
    if len(value) < MASTER_BYTES:
        raise ConfigurationError(
            f"the {noun} has {len(value)} bytes, it needs {MASTER_BYTES}", where=where
        )
    if reason := weakness(value):
        raise ConfigurationError(f"the {noun} is not random: {reason}", where=where)
    return Secret(value)


def write_new_master(path: Path, noun: str = "master secret") -> Secret:
    """Draw a master secret and write it to a new file that only its owner can read.

    Args:
        path: The file; it must not be there.
        noun: What to call the secret in messages.

    Returns:
        The secret.

    Raises:
        OutputError: The file is there already, or cannot be written.
    """
    value = secrets.token_bytes(MASTER_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(f"{value.hex()}\n")
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError as error:
        raise OutputError(
            f"a {noun} is never overwritten", where=str(path), hint="Name a new file."
        ) from error
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return Secret(value)


def _from_file(place: str, noun: str) -> str:
    path = Path(place)
    try:
        with open_plain(path, pipes=True) as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = stream.read(MAX_TEXT_BYTES)
    except OSError as error:
        raise ConfigurationError(
            f"the {noun} cannot be read: {error.strerror or error}", where=f"file:{place}"
        ) from error
    if os.name == "posix" and stat.S_ISREG(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            f"others can read the {noun}",
            where=f"file:{place}",
            hint=f"chmod 600 {shlex.quote(place)}",
        )
    return content.decode("utf-8", errors="replace")


def _from_environment(place: str, noun: str) -> str:
    value = os.environ.get(place)
    if not value:
        raise ConfigurationError("the variable is not set", where=f"env:{place}")
    return value


def _from_command(place: str, noun: str) -> str:
    try:
        words = shlex.split(place)
        done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
            words, capture_output=True, timeout=COMMAND_SECONDS, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        # From None: the error holds what the command printed.
        raise ConfigurationError(
            f"the command for the {noun} failed ({type(error).__name__})",
            where="command",
            hint="Run it by hand: it must print hexadecimal digits and end with 0.",
        ) from None
    return done.stdout[:MAX_TEXT_BYTES].decode("utf-8", errors="replace")
