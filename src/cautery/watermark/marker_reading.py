"""Reads the registry of markers: who is given what, each line sealed under the key."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from cautery.errors import ConfigurationError, MalformedFileError, NoInputError
from cautery.numbered_lines import decoded
from cautery.plain_files import open_plain
from cautery.records.key import Secret
from cautery.watermark.markers import PlantedMarker, check_key, code_of

MOST_MARKERS: Final = 100_000
MOST_REGISTRY_BYTES: Final = 256 * 1024 * 1024
_DECODER: Final = msgspec.json.Decoder(PlantedMarker)


def read_markers(path: Path, key: Secret) -> list[PlantedMarker]:
    """Read a registry.

    Args:
        path: The registry.
        key: That its lines were written under.

    Returns:
        The markers, in the order in which they were planted.

    Raises:
        NoInputError: It cannot be read.
        ConfigurationError: Others than its owner may read it, or the key is short.
        MalformedFileError: A line was changed, cut off, or is of another key; names the line.
    """
    check_key(key)
    try:
        with open_plain(path) as stream:
            status = os.fstat(stream.fileno())
            if status.st_mode & 0o077:
                raise ConfigurationError(
                    "others may read the markers", where=str(path), hint=f"chmod 600 {path}"
                )
            content = stream.read(MOST_REGISTRY_BYTES + 1)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    if len(content) > MOST_REGISTRY_BYTES or content.count(b"\n") > MOST_MARKERS:
        raise MalformedFileError("too long for a registry of markers", where=str(path))
    return list(_lines(content, key, str(path)))


def _lines(content: bytes, key: Secret, name: str) -> Iterator[PlantedMarker]:
    for number, row in enumerate(content.splitlines(), start=1):
        where = f"{name}:{number}"
        found = decoded(
            row,
            _DECODER,
            where=where,
            wanted="a marker",
            hint="If it is the last line, and was cut off as a process died, remove it.",
            error_type=MalformedFileError,
        )
        if not hmac.compare_digest(found.code.encode(), seal_of(key, found).encode()):
            raise MalformedFileError(
                "the marker was changed, or was planted under another key", where=where
            )
        yield found


def seal_of(key: Secret, planted: PlantedMarker) -> str:
    """Give the code of a line, by which nobody without the key can add or change one.

    Args:
        key: Of the registry.
        planted: What the line says; a code in it is passed over.

    Returns:
        Hexadecimal digits.
    """
    plain = msgspec.structs.replace(planted, code="")
    return code_of(key, b"line", msgspec.json.encode(plain)).hex()
