"""How a record lies in a segment of the record store: a header, and its canonical spelling."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from cautery.errors import LedgerError
from cautery.ledger.commitments import MOST_RECORD_BYTES, SALT_BYTES

_MAGIC: Final = b"clr1"
_HEADER: Final = struct.Struct(">4sBIQ32sI")
HEADER_BYTES: Final = _HEADER.size
KEPT: Final = 1
ERASED: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHeader:
    """What stands before a record."""

    state: int
    """``KEPT`` or ``ERASED``."""
    length: int
    """Bytes of the record."""
    position: int
    """Its place in the log."""
    salt: bytes
    """Salt of its commitment; zeros once it is erased."""
    checksum: int
    """CRC-32 of all this and the record: finds torn writes, not changes."""


def encode_frame(position: int, content: bytes, salt: bytes, state: int = KEPT) -> bytes:
    """Write a record with its header."""
    checksum = _checksum(state, position, content, salt)
    return _HEADER.pack(_MAGIC, state, len(content), position, salt, checksum) + content


def erased_frame(position: int, length: int) -> bytes:
    """Write what is left of an erased record: as long as it was, and empty."""
    return encode_frame(position, bytes(length), bytes(SALT_BYTES), ERASED)


def decode_header(content: bytes, position: int) -> FrameHeader:
    """Read a header.

    Args:
        content: At least ``HEADER_BYTES`` bytes, or what is left of the file.
        position: The place in the log that it must be of.

    Returns:
        The header.

    Raises:
        LedgerError: There is no header of that place.
    """
    if len(content) < HEADER_BYTES:
        raise LedgerError(f"record {position} is cut off")
    magic, state, length, found, salt, checksum = _HEADER.unpack_from(content)
    if magic != _MAGIC or found != position or length > MOST_RECORD_BYTES:
        raise LedgerError(f"there is no record {position} where it must be")
    return FrameHeader(state=state, length=length, position=position, salt=salt, checksum=checksum)


def is_whole(header: FrameHeader, content: bytes) -> bool:
    """Say whether a record is as it was written."""
    checksum = _checksum(header.state, header.position, content, header.salt)
    return (
        len(content) == header.length
        and header.state in {KEPT, ERASED}
        and checksum == header.checksum
    )


def _checksum(state: int, position: int, content: bytes, salt: bytes) -> int:
    head = _HEADER.pack(_MAGIC, state, len(content), position, salt, 0)
    return zlib.crc32(content, zlib.crc32(head))
