"""Writes each exchange as a row of the exchange table, so that the guard's log feeds a scan.

Rows are gathered in memory and written by a thread, so that a slow disk does not hold up answers.
What waits is bounded: when the disk stays full, the newest rows are dropped and counted. A row that
could be written only in part is taken back, so that every line of a file is a row.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Final, Literal

import msgspec

from cautery.errors import ConfigurationError
from cautery.guard.background_delivery import BackgroundDelivery, Count

TextChoice = Literal["full", "hash", "none"]
"""What is kept of what people wrote."""
_SUFFIX: Final = ".jsonl"
_REMEMBERED_CHARACTERS: Final = 4096
_NUMBERS: Final = count(1)
"""Of files of this process: two writers of one second must not want the same name."""
_ENCODER: Final = msgspec.json.Encoder()


class ExchangeRecord(msgspec.Struct, omit_defaults=True):
    """A row of the exchange table (contracts, section 1); None is *unknown* and is left out."""

    time_start: datetime
    time_end: datetime | None = None
    request_id: str | None = None
    operation: str | None = None
    provider: str | None = None
    request_model: str | None = None
    response_model: str | None = None
    account_id: str | None = None
    account_id_source: str | None = None
    org_id: str | None = None
    key_id: str | None = None
    end_user_id: str | None = None
    client_address: str | None = None
    asn: int | None = None
    country: str | None = None
    user_agent: str | None = None
    header_order: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    n: int | None = None
    seed: int | None = None
    stream: bool | None = None
    logprobs: bool | None = None
    tool_count: int | None = None
    image_count: int | None = None
    message_count: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    finish_reason: str | None = None
    error_type: str | None = None
    status_code: int | None = None
    system_text: str | None = None
    input_text: str | None = None
    output_text: str | None = None
    history_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSettings:
    """Where rows go, and what they hold."""

    folder: Path
    """Folder of the files; it must be there."""
    text: TextChoice = "hash"
    """``full`` keeps texts, ``hash`` a keyed hash of what was asked, ``none`` nothing."""
    text_characters: int = 20_000
    """Most characters of a text that is kept."""
    rotate_bytes: int = 256 * 2**20
    """Size at which a new file is begun."""
    rotate_seconds: int = 3600
    """Age at which a new file is begun."""
    keep_files: int = 0
    """Files that are kept, oldest removed first; 0 keeps all."""
    flush_seconds: float = 0.5
    """How long a row waits in memory at most."""
    waiting_bytes: int = 64 * 2**20
    """Most bytes of rows that wait for the disk."""


def protect_text(text: str | None, choice: TextChoice, key: bytes, most: int) -> str | None:
    """Keep of a text what the operator chose.

    Args:
        text: What somebody wrote.
        choice: What to keep.
        key: At most 64 bytes for the hash, so that nobody can search for texts by it.
        most: Characters of a full text.

    Returns:
        The text, its hash, or None. Equal texts have equal hashes; nothing else shows.
    """
    if text is None or choice == "none":
        return None
    if choice == "full":
        return text[:most]
    if len(text) <= _REMEMBERED_CHARACTERS:
        return _remembered_hash(text, key)
    return _hash(text, key)


def _hash(text: str, key: bytes) -> str:
    digest = blake2b(text.encode("utf-8", "replace"), digest_size=16, key=key)
    return f"hash:{digest.hexdigest()}"


_remembered_hash = lru_cache(maxsize=1024)(_hash)
"""Of texts that come again and again, as system prompts do; bounded in memory."""


def check_folder(folder: Path) -> None:
    """See whether records can be written to a folder; nothing is written.

    Args:
        folder: The folder.

    Raises:
        ConfigurationError: It is not there, or cannot be written to.
    """
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise ConfigurationError(
            "the folder for exchange records is not there, or cannot be written to",
            where=str(folder),
            hint="Create it for the guard's own user.",
        )


class RecordWriter:
    """Writes rows to files that rotate.

    Args:
        settings: Where to, and how.
        counted: Called with an outcome (``written``, ``dropped``, ``failed``) and how many rows.
        clock: The time, UTC.

    Raises:
        ConfigurationError: The folder is not there, or cannot be written to.
    """

    def __init__(
        self,
        settings: RecordingSettings,
        counted: Count,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        check_folder(settings.folder)
        self.settings = settings
        self._clock = clock
        self._file: int | None = None
        self._size = 0
        self._opened_at = clock()
        self._delivery = BackgroundDelivery(
            self._write,
            counted,
            interval_seconds=settings.flush_seconds,
            most_bytes=settings.waiting_bytes,
        )

    def add(self, record: ExchangeRecord) -> None:
        """Take a row; never waits and never raises."""
        self._delivery.add(_ENCODER.encode(record) + b"\n")

    def flush(self) -> None:
        """Write what waits; what cannot be written waits on."""
        self._delivery.flush()

    def close(self) -> None:
        """Write what waits and let go of the file."""
        self._delivery.close()
        if self._file is not None:
            os.fsync(self._file)
            os.close(self._file)
            self._file = None

    def _write(self, lines: Sequence[bytes]) -> None:
        content = b"".join(lines)
        age = (self._clock() - self._opened_at).total_seconds()
        if (
            self._file is None
            or self._size >= self.settings.rotate_bytes
            or age >= self.settings.rotate_seconds
        ):
            self._rotate()
        file = self._file
        if file is None:
            return
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(file, left) :]
        except OSError:
            os.ftruncate(file, self._size)
            raise
        self._size += len(content)

    def _rotate(self) -> None:
        now = self._clock()
        name = f"exchanges-{now:%Y%m%dT%H%M%SZ}-{os.getpid()}-{next(_NUMBERS):06d}{_SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL
        opened = os.open(self.settings.folder / name, flags, 0o600)
        if self._file is not None:
            os.close(self._file)
        self._file, self._size, self._opened_at = opened, 0, now
        if self.settings.keep_files:
            files = sorted(self.settings.folder.glob(f"exchanges-*{_SUFFIX}"))
            for old in files[: -self.settings.keep_files]:
                old.unlink(missing_ok=True)
