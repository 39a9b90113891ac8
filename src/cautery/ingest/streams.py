"""Opens a log, compressed or not, and keeps count of its bytes and their digest."""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from cautery.errors import MalformedFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_GZIP_MAGIC: Final = b"\x1f\x8b"
_ZSTANDARD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_PARQUET_MAGIC: Final = b"PAR1"
_BLOCK_BYTES: Final = 2**18
COMPRESSION_SUFFIXES: Final = (".gz", ".zst")


class CountedFile(io.RawIOBase):
    """A file that knows how many of its bytes were read, and their SHA-256.

    Args:
        raw: The opened file.
        advance: Told the number of bytes of each read.
    """

    def __init__(self, raw: BinaryIO, advance: Callable[[int], None]) -> None:
        super().__init__()
        self._raw = raw
        self._advance = advance
        self._digest = sha256()
        self.bytes_read = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, counting."""
        view = memoryview(buffer)
        count = self._raw.readinto(view)  # type: ignore[attr-defined]  # files have it, BinaryIO lacks it
        self._digest.update(view[:count])
        self.bytes_read += count
        self._advance(count)
        return int(count)

    def drain(self) -> str:
        """Read what is left and return the digest of the whole file.

        Returns:
            SHA-256 in hexadecimal digits.
        """
        while self.read(_BLOCK_BYTES):
            pass
        return self._digest.hexdigest()


class OpenLog:
    """An opened log: decompressed bytes and, once read, what the file was.

    Args:
        path: The file.
        advance: Told the number of compressed bytes of each read.
    """

    def __init__(self, path: Path, advance: Callable[[int], None]) -> None:
        self._raw = path.open("rb")
        self._counted = CountedFile(self._raw, advance)
        magic = self._raw.read(4)
        self._raw.seek(0)
        self.is_parquet = magic == _PARQUET_MAGIC
        self.stream: BinaryIO
        if self.is_parquet:
            # Parquet is read by seeking, so the digest takes a reading of its own.
            self._sha256 = self._counted.drain()
            self._raw.seek(0)
            self.stream = self._raw
        else:
            self._sha256 = ""
            self.stream = _decompressed(self._counted, magic)

    def finish(self) -> tuple[str, int]:
        """Read what nobody wanted and close the file.

        Returns:
            SHA-256 and size of the file as it is on disk.
        """
        digest = self._sha256 or self._counted.drain()
        self.close()
        return digest, self._counted.bytes_read

    def close(self) -> None:
        """Close the file; harmless if it is closed."""
        self._raw.close()


def _decompressed(counted: CountedFile, magic: bytes) -> BinaryIO:
    if magic.startswith(_GZIP_MAGIC):
        unzipped = gzip.GzipFile(fileobj=io.BufferedReader(counted, _BLOCK_BYTES), mode="rb")
        return io.BufferedReader(unzipped, _BLOCK_BYTES)
    if magic == _ZSTANDARD_MAGIC:
        import pyarrow as pa

        source = pa.PythonFile(io.BufferedReader(counted, _BLOCK_BYTES), mode="r")
        unpacked: BinaryIO = pa.CompressedInputStream(source, "zstd")
        return unpacked
    return io.BufferedReader(counted, _BLOCK_BYTES)


@contextmanager
def compression_errors(name: str) -> Iterator[None]:
    """Turn what decompressors raise into an error that names the file.

    Args:
        name: The file.

    Yields:
        Nothing; wrap the reading in it.

    Raises:
        MalformedFileError: The compressed data is cut off or damaged.
    """
    try:
        yield
    except EOFError as error:
        raise MalformedFileError(
            "the compressed data is cut off", where=name, hint="Copy it again, or leave it out."
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise MalformedFileError("the compressed data is damaged", where=name) from error
    except OSError as error:
        if error.errno is not None:
            raise MalformedFileError(f"cannot be read: {error.strerror}", where=name) from error
        raise MalformedFileError(
            "the compressed data is cut off or damaged",
            where=name,
            hint="Copy it again, or leave it out.",
        ) from error


def plain_name(name: str) -> str:
    """Take the compression suffix off a file name.

    Example:
        >>> plain_name("part-1.jsonl.zst")
        'part-1.jsonl'
    """
    for suffix in COMPRESSION_SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name
