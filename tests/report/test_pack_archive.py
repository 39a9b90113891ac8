"""The archive of an evidence pack has one spelling, and nothing else is taken for one."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cautery.errors import OutputError
from cautery.report.pack_archive import (
    MOST_MEMBERS,
    ArchiveMember,
    read_archive,
    write_archive,
)

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}\.[a-z]{1,4}", fullmatch=True)
MEMBERS = st.dictionaries(NAMES, st.binary(max_size=40), min_size=1, max_size=6).map(
    lambda files: [ArchiveMember(name=name, content=files[name]) for name in files]
)
SMALL = [ArchiveMember(name="a.txt", content=b"hello"), ArchiveMember(name="b.csv", content=b"")]


@given(MEMBERS)
def test_what_is_written_is_read(members: list[ArchiveMember]) -> None:
    """Members come back in their order, and the bytes follow from them alone."""
    archive = write_archive(members)
    found = read_archive(archive)
    assert (found.members, found.faults) == (tuple(members), ())
    assert write_archive(found.members) == archive


@given(MEMBERS)
def test_other_programs_read_it(members: list[ArchiveMember]) -> None:
    """Python's own reader finds the same files and no fault."""
    with zipfile.ZipFile(io.BytesIO(write_archive(members))) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == [member.name for member in members]
        assert all(opened.read(member.name) == member.content for member in members)
        assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_STORED}
        assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_every_changed_byte_is_found() -> None:
    """Whichever byte is changed, dropped or doubled, and in whatever way, there is a fault."""
    archive = write_archive(SMALL)
    for place in range(len(archive)):
        for bit in range(8):
            changed = bytearray(archive)
            changed[place] ^= 1 << bit
            assert read_archive(bytes(changed)).faults, (place, bit)
        assert read_archive(archive[:place] + archive[place + 1 :]).faults
        assert read_archive(archive[: place + 1] + archive[place:]).faults
        assert read_archive(archive[:place]).faults


@given(MEMBERS, st.data())
def test_any_other_bytes_are_found(members: list[ArchiveMember], data: st.DataObject) -> None:
    """Bytes replaced by any others are a fault, unless they spell an archive of other files."""
    archive = write_archive(members)
    start = data.draw(st.integers(0, len(archive)))
    stop = data.draw(st.integers(start, len(archive)))
    changed = archive[:start] + data.draw(st.binary(max_size=60)) + archive[stop:]
    found = read_archive(changed)
    if changed == archive:
        assert found.faults == ()
    elif not found.faults:
        assert found.members != tuple(members)
        assert write_archive(found.members) == changed


@given(st.binary(max_size=200))
@example(b"PK\x03\x04")
@example(b"PK\x05\x06" + bytes(18))
@example(write_archive(SMALL)[:30])
def test_garbage_is_told(content: bytes) -> None:
    """Whatever the bytes are, they are read without an exception, and found wanting."""
    assert read_archive(content).faults


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Write a ZIP file as other programs do."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return stream.getvalue()


def test_zip_bombs_are_not_unpacked() -> None:
    """What is compressed is refused by its header; nothing is unfolded."""
    bomb = zipped({"case.json": b"0" * 30_000_000}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 40_000
    found = read_archive(bomb)
    assert found.members == ()
    assert found.faults == ("case.json is compressed, which no file of a pack is",)


@pytest.mark.parametrize(
    "name",
    ["../case.json", "/etc/passwd", "a\\b.txt", "C:x.txt", "x/case.json", "case.JSON", "é.txt"],
)
def test_names_that_lead_elsewhere(name: str) -> None:
    """A name with a folder, a drive or another spelling is refused before anything is written."""
    found = read_archive(zipped({name: b"x"}))
    assert found.members == ()
    assert "there is a name at byte 30 that no file of a pack has" in found.faults
    with pytest.raises(OutputError):
        write_archive([ArchiveMember(name=name, content=b"x")])


def test_sizes_that_lie() -> None:
    """A length that is longer than the file is a fault, and no memory is taken for it."""
    archive = bytearray(write_archive(SMALL))
    archive[18:26] = struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF)
    assert read_archive(bytes(archive)).faults == ("a.txt is cut off",)


def test_a_name_twice() -> None:
    """Two files of one name are refused, whichever a reader would take."""
    with pytest.raises(OutputError):
        write_archive([SMALL[0], SMALL[0]])
    assert read_archive(write_twice()).faults[0] == "a.txt is in it more than once"


def write_twice() -> bytes:
    """Write an archive that holds a file twice, in the format's own spelling."""
    archive = write_archive([SMALL[0], ArchiveMember(name="c.txt", content=b"other")])
    return archive.replace(b"c.txt", b"a.txt")


def test_too_many_members() -> None:
    """There is a bound, on writing and on reading."""
    many = [ArchiveMember(name=f"m{index}.txt", content=b"") for index in range(MOST_MEMBERS + 1)]
    with pytest.raises(OutputError, match="--campaign"):
        write_archive(many)
    assert read_archive(zipped({member.name: b"" for member in many})).faults


def test_comments_and_extra_bytes() -> None:
    """What other programs pass over is a fault here: before, behind and between."""
    archive = write_archive(SMALL)
    commented = archive[:-2] + struct.pack("<H", 3) + b"hey"
    assert zipfile.ZipFile(io.BytesIO(commented)).comment == b"hey"
    for other in (commented, archive + b"\n", b"\n" + archive, zipped({"a.txt": b"hello"})):
        assert read_archive(other).faults
