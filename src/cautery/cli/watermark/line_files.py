"""JSON Lines out of the verbs: results that are never half-written."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cautery.errors import InputError, OutputError

SPOOLED_BYTES: Final = 64 * 1024 * 1024
"""Results that are held in memory before they go to a temporary file."""
PIECE_BYTES: Final = 1 << 20


def write_whole(lines: Iterable[bytes], file: str, output: Path | None) -> None:
    """Write all lines once the last of them is made, so that nothing is half-written.

    Args:
        lines: Lines with their ends, at least one.
        file: Where they come from, for messages.
        output: The file; standard output if None.

    Raises:
        InputError: There is no line.
        OutputError: The file cannot be written; an earlier one is as it was.
    """
    with tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES) as spool:
        count = 0
        for line in lines:
            spool.write(line)
            count += 1
        if not count:
            raise InputError("there is no text in it", where=file)
        spool.seek(0)
        pieces = iter(lambda: spool.read(PIECE_BYTES), b"")
        if output is None:
            sys.stdout.buffer.writelines(pieces)
            sys.stdout.buffer.flush()
            return
        new = output.with_name(f".{output.name}.part")
        try:
            with new.open("wb") as stream:
                stream.writelines(pieces)
            new.replace(output)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise OutputError(f"cannot be written: {error.strerror}", where=str(output)) from error
