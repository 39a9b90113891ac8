"""Opens a log, compressed or not, and keeps count of its bytes and their digest."""

from __future__ import annotations

import gzip
import io
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import file_digest, sha256
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


class SoughtFile(io.RawIOBase):
    """A file that is read by seeking, and tells how much of it was asked for.

    Args:
        path: The file.
        raw: The same, opened; the caller closes it.
        advance: Told the number of bytes of each read, never more together than the file has.
    """

    def __init__(self, path: Path, raw: BinaryIO, advance: Callable[[int], None]) -> None:
        super().__init__()
        self._raw = raw
        self._advance = advance
        self._left = self.size = path.stat().st_size
        # A reading of its own, beside the decoding: hashing does not hold Python's lock.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="cautery-digest")
        self._digest = self._pool.submit(_file_digest, path)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be sought."""
        return True

    def seek(self, place: int, whence: int = 0, /) -> int:
        """Go to a place."""
        return self._raw.seek(place, whence)

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, counting."""
        count = int(self._raw.readinto(memoryview(buffer)))  # type: ignore[attr-defined]  # see CountedFile
        self._count(count)
        return count

    def _count(self, size: int) -> None:
        told = min(size, self._left)
        self._left -= told
        self._advance(told)

    def finish(self) -> str:
        """Count what nobody wanted and return the digest of the whole file."""
        self._count(self._left)
        return self._digest.result()

    def close(self) -> None:
        """Stop hashing; the caller's file stays open."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        super().close()


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


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
        self._sought = SoughtFile(path, self._raw, advance) if self.is_parquet else None
        self.stream: Any = self._sought or _decompressed(self._counted, magic)

    def finish(self) -> tuple[str, int]:
        """Read what nobody wanted and close the file.

        Returns:
            SHA-256 and size of the file as it is on disk.
        """
        if self._sought is None:
            digest, size = self._counted.drain(), self._counted.bytes_read
        else:
            digest, size = self._sought.finish(), self._sought.size
        self.close()
        return digest, size

    def close(self) -> None:
        """Close the file; harmless if it is closed."""
        if self._sought is not None:
            self._sought.close()
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
