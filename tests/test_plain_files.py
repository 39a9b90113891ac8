"""Files given by name: what is none is refused unopened, and what is one is read within a bound."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from cautery.errors import ConfigurationError, InputError, MalformedFileError, NoInputError
from cautery.plain_files import (
    open_plain,
    open_plain_text,
    read_plain,
    require_plain,
    why_no_file,
)


def test_what_is_no_file(tmp_path: Path) -> None:
    """Each kind is called by its name; nothing is opened, which would block at the pipe."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    (tmp_path / "file").write_bytes(b"")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    said = {
        name: why_no_file(tmp_path / name)
        for name in ("", "pipe", "socket", "lost", "round", "none", "file/x", "a\x00b", "file")
    }
    assert said == {
        "": "is a folder, not a file",
        "pipe": "is a pipe, not a file",
        "socket": "is a socket, not a file",
        "lost": "is a link that leads nowhere",
        "round": "cannot be read: Too many levels of symbolic links",
        "none": "there is no such file",
        "file/x": "there is no such file",
        "a\x00b": "cannot be read: embedded null byte",
        "file": "",
    }
    assert why_no_file(Path("/dev/zero")) == "is a device, not a file"


def test_a_link_to_a_file_is_one(tmp_path: Path) -> None:
    """What a link leads to counts."""
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert read_plain(tmp_path / "link", 3) == b"abc"


def test_a_bound(tmp_path: Path) -> None:
    """One byte more than is read is an error, of the kind that the caller wants."""
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    with pytest.raises(MalformedFileError, match="file: is larger than the 2 bytes"):
        read_plain(path, 2, error_type=MalformedFileError)
    with pytest.raises(InputError, match=r"file: there is no such file\. Make it\."):
        read_plain(tmp_path / "no-file", 2, hint="Make it.")


def test_a_file_that_nobody_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's reason is given."""
    path = tmp_path / "file"
    path.write_bytes(b"abc")

    def refused(*_words: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(NoInputError, match="cannot be read: Permission denied"):
        read_plain(path, 3)


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder"])
def test_opening_what_is_no_file(tmp_path: Path, kind: str) -> None:
    """It is an error of the system's own kind, with words for people, and nothing waits."""
    path = tmp_path / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(path))
    with pytest.raises(OSError, match=f"it is a {kind}, not a file; name a file") as raised:
        open_plain(path)
    assert raised.value.strerror == f"it is a {kind}, not a file; name a file"
    with pytest.raises(ConfigurationError, match=rf"{kind}: is a {kind}, not a file\. Make one"):
        require_plain(path, hint="Make one", error_type=ConfigurationError)


def test_opening_what_is_not_there(tmp_path: Path) -> None:
    """That stays the error that callers tell apart; a name that no system takes is one too."""
    with pytest.raises(FileNotFoundError):
        open_plain(tmp_path / "none")
    with pytest.raises(OSError, match="embedded null byte"):
        open_plain(Path("a\x00b"))
    with pytest.raises(NoInputError, match="there is no such file"):
        require_plain(tmp_path / "none")


def test_opening_a_file(tmp_path: Path) -> None:
    """Bytes and text come as they are, also the ends of lines."""
    (tmp_path / "file").write_bytes(b"\xef\xbb\xbfa\r\nb")
    with open_plain(tmp_path / "file") as stream:
        assert stream.read() == b"\xef\xbb\xbfa\r\nb"
    with open_plain_text(tmp_path / "file", encoding="utf-8-sig") as text:
        assert text.read() == "a\r\nb"
    require_plain(tmp_path / "file")


def test_a_pipe_where_one_will_do(tmp_path: Path) -> None:
    """What ``<(...)`` hands over is read to its end; a pipe that nobody writes is empty."""
    os.mkfifo(tmp_path / "pipe")
    with open_plain(tmp_path / "pipe", pipes=True) as stream:
        assert stream.read(10) == b""
    reading, writing = os.pipe()
    try:
        os.write(writing, b"secret\n")
        os.close(writing)
        with open_plain_text(Path(f"/dev/fd/{reading}"), pipes=True) as text:
            assert text.read() == "secret\n"
    finally:
        os.close(reading)
    with pytest.raises(OSError, match="is a device, not a file"):
        open_plain(Path("/dev/zero"), pipes=True)
