"""Files that a later scan may read again: whole or not there, and never taken if damaged."""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyarrow import parquet

_DIGEST_BYTES: Final = 32
_BLOCK_BYTES: Final = 2**20
FRESH: Final = ".new"
"""End of the name of a file that is being written."""


def part_identity(part: Path) -> str:
    """Name a part by what it is, so that another one in its place has another name.

    Args:
        part: Parquet file that nobody changes once it is written.

    Returns:
        Digest of its size, time of change, schema and the places of all columns in it.
    """
    status = part.stat()
    metadata = parquet.read_metadata(part)
    seen = sha256(f"{status.st_size} {status.st_mtime_ns} {metadata.num_rows}".encode())
    seen.update(metadata.schema.to_arrow_schema().serialize())
    with part.open("rb") as file:
        file.seek(-min(status.st_size, metadata.serialized_size + 8), os.SEEK_END)
        seen.update(file.read())
    return seen.hexdigest()


def write_kept(path: Path, blocks: Iterable[bytes | memoryview]) -> str:
    """Write a file with a digest at its end, whole or not at all.

    Args:
        path: The file; what is there is replaced.
        blocks: Its content.

    Returns:
        The digest in hexadecimal digits.

    Raises:
        OSError: It cannot be written; what was there stays.
    """
    fresh = path.with_name(f"{path.name}{FRESH}")
    seen = sha256()
    try:
        with fresh.open("wb") as file:
            for block in blocks:
                seen.update(block)
                file.write(block)
            file.write(seen.digest())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    return seen.hexdigest()


def read_kept(path: Path, digest: str | None = None) -> NDArray[np.uint8] | None:
    """Open a kept file, mapped and not read into memory.

    Args:
        path: The file.
        digest: What ``write_kept`` gave, if another file in its place must not be taken.

    Returns:
        Its bytes; None if it is missing, cut off or changed.
    """
    try:
        size = path.stat().st_size - _DIGEST_BYTES
        if size <= 0:
            return None
        content = np.memmap(path, np.uint8, "r")
    except (OSError, ValueError):
        return None
    seen = sha256()
    for first in range(0, size, _BLOCK_BYTES):
        seen.update(content[first : min(first + _BLOCK_BYTES, size)].data)
    if seen.digest() != content[size:].tobytes() or digest not in {None, seen.hexdigest()}:
        return None
    return content[:size]
