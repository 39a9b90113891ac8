"""The one spelling of an archive: a ZIP file whose bytes follow from its members alone.

Members are stored, not compressed: the same case is then the same bytes on every machine, whatever
its zlib, and nothing can unfold into more than it is. Times, extra fields and comments have one
value. Reading writes the archive again and compares, so that there is no byte that may change.
Any program for ZIP files opens it (APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16).
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cautery.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_ARCHIVE_BYTES: Final = 1 << 30
"""Largest archive that is written and read: a case of some 100,000 members with its report."""
MOST_MEMBERS: Final = 64
"""Most members of an archive."""
NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,40}(\.[a-z0-9]{1,8}){1,2}")
"""What a member may be called: no folder, nothing that a system reads in its own way."""

_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<4sHHHHIIH")
_LOCAL_MARK: Final = b"PK\x03\x04"
_CENTRAL_MARK: Final = b"PK\x01\x02"
_END_MARK: Final = b"PK\x05\x06"
_VERSION: Final = 10
"""Version of the format that is needed: 1.0."""
_MADE_BY: Final = 0x0314
"""Unix, version 2.0: the attributes below are a Unix file mode."""
_FILE_MODE: Final = 0o100644 << 16
_NOT_SPELLED: Final = "the archive is not spelled as it was written, from byte {:,} on"
_DATE: Final = 0x0021
"""1 January 1980, the format's first day; the time is midnight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveMember:
    """One file of an archive."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArchive:
    """What was found in a file that should be an archive."""

    members: tuple[ArchiveMember, ...]
    """Members up to the first fault, in their order."""
    faults: tuple[str, ...]
    """What is wrong with the file; none if it is an archive to the last byte."""


def write_archive(members: Sequence[ArchiveMember]) -> bytes:
    """Write an archive.

    Args:
        members: Its members, in their order; no two of one name.

    Returns:
        The file.

    Raises:
        OutputError: It is too large, or a name cannot stand in it.

    Example:
        >>> archive = write_archive([ArchiveMember(name="a.txt", content=b"hello")])
        >>> read_archive(archive).members[0].content, read_archive(archive).faults
        (b'hello', ())
        >>> read_archive(archive + b"!").faults
        ('the archive is not spelled as it was written, from byte 113 on',)
    """
    names = [member.name for member in members]
    if len(set(names)) != len(names) or not all(map(NAME.fullmatch, names)):
        raise OutputError(f"these names cannot stand in an archive: {', '.join(names)[:200]}")
    if len(members) > MOST_MEMBERS or sum(len(m.content) for m in members) > MOST_ARCHIVE_BYTES:
        raise OutputError(
            f"an archive holds {MOST_MEMBERS} files of {MOST_ARCHIVE_BYTES:,} bytes together",
            hint="Pack one campaign at a time, with --campaign ID.",
        )
    return b"".join(_pieces(members))


def _pieces(members: Sequence[ArchiveMember]) -> Iterator[bytes]:
    """Spell an archive, piece by piece: files with their headers, the directory, the end."""
    entries, offset = [], 0
    for member in members:
        name, length = member.name.encode("ascii"), len(member.content)
        told = (0, 0, 0, _DATE, zlib.crc32(member.content), length, length, len(name), 0)
        yield _LOCAL.pack(_LOCAL_MARK, _VERSION, *told) + name
        yield member.content
        central = _CENTRAL.pack(
            _CENTRAL_MARK, _MADE_BY, _VERSION, *told, 0, 0, 0, _FILE_MODE, offset
        )
        entries.append(central + name)
        offset += _LOCAL.size + len(name) + length
    directory = b"".join(entries)
    yield directory
    yield _END.pack(_END_MARK, 0, 0, len(entries), len(entries), len(directory), offset, 0)


def read_archive(content: bytes) -> FoundArchive:
    """Read an archive, and say whether a byte of it is other than it was written.

    Args:
        content: The whole file.

    Returns:
        Its members, and what is wrong.
    """
    if len(content) > MOST_ARCHIVE_BYTES + (1 << 16):
        return FoundArchive(members=(), faults=("the archive is too large",))
    members: list[ArchiveMember] = []
    offset, fault = 0, ""
    while not fault and content[offset : offset + 4] == _LOCAL_MARK:
        member, fault = _member_at(content, offset)
        if member is not None:
            members.append(member)
            offset += _LOCAL.size + len(member.name) + len(member.content)
            fault = "there are too many files in it" if len(members) > MOST_MEMBERS else ""
    if not members and not fault:
        fault = "this is no archive"
    names = [member.name for member in members]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults = [fault] if fault else []
    faults += [f"{name} is in it more than once" for name in twice]
    if not fault:
        faults += _changed(content, members)
    return FoundArchive(members=tuple(members), faults=tuple(faults))


def _member_at(content: bytes, offset: int) -> tuple[ArchiveMember | None, str]:
    """Read the member that begins at a byte, or say why it is none."""
    head = content[offset : offset + _LOCAL.size]
    if len(head) < _LOCAL.size:
        return None, f"the archive is cut off at byte {len(content):,}"
    _mark, _needed, _flags, method, *_rest, packed, length, name_length, _extra = _LOCAL.unpack(
        head
    )
    start = offset + _LOCAL.size
    name = content[start : start + name_length].decode("latin-1")
    if not NAME.fullmatch(name):
        return None, f"there is a name at byte {start:,} that no file of a pack has"
    if method or packed != length:
        return None, f"{name} is compressed, which no file of a pack is"
    start += name_length
    if start + length > len(content):
        return None, f"{name} is cut off"
    return ArchiveMember(name=name, content=content[start : start + length]), ""


def _changed(content: bytes, members: Sequence[ArchiveMember]) -> list[str]:
    """Compare a file with the archive of its members."""
    offset = 0
    for piece in _pieces(members):
        found = content[offset : offset + len(piece)]
        if found != piece:
            offset += next((at for at, byte in enumerate(found) if byte != piece[at]), len(found))
            return [_NOT_SPELLED.format(offset)]
        offset += len(piece)
    return [] if offset == len(content) else [_NOT_SPELLED.format(offset)]
