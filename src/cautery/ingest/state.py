"""A state folder: logs that were read, their parts and their readings, for scans that go on.

Layout::

    state.json              schema and how the logs were read
    reads/00001/            one log: its parts, rejected.jsonl if any, and reading.json
    reads/00002.partial/    a log that was being read when the scan was stopped; removed
    sums/                   what the scan counted in the parts; it may be removed at any time
    dropped.json            logs that were taken out again, which are not read a second time

A read counts once its folder has its final name, so a scan that is stopped at any moment goes on
with the first log that is not there.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from cautery.errors import ConfigurationError, OutputError
from cautery.ingest.reading import Reading
from cautery.ingest.sketches import SKETCH_VERSION
from cautery.ingest.state_documents import (
    DAMAGE,
    DROPPED_FILE,
    FRESH,
    START_ANEW,
    KnownLog,
    read_dropped,
    read_json,
    write_dropped,
    write_json,
)

if TYPE_CHECKING:
    from cautery.ingest.options import IngestOptions

STATE_SCHEMA: Final = "cautery.state/1"
STATE_FILE: Final = "state.json"
_READS: Final = "reads"
SUMS_FOLDER: Final = "sums"
"""Folder in a state that the scan keeps for itself; whatever is in it may be removed."""
_READING_FILE: Final = "reading.json"
_PARTIAL: Final = ".partial"
_NOT_READING: Final = frozenset({"logs", "max_bad_share", "now", "period", "processes"})
"""Options that do not change how a log is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRead:
    """One log in the state."""

    log: KnownLog
    reading: Reading
    folder: Path

    @property
    def parts(self) -> tuple[Path, ...]:
        """Its Parquet parts, in order."""
        return tuple(sorted(self.folder.glob("part-*.parquet")))


class StateFolder:
    """An opened state folder; nobody else may open it until it is closed.

    Args:
        folder: The folder; it is made if it is not there.
        options: How the logs are read, which must stay the same.

    Raises:
        ConfigurationError: The folder is something else, or was made with other options.
        OutputError: It cannot be written, or another scan is using it.
    """

    def __init__(self, folder: Path, options: IngestOptions) -> None:
        self._folder = folder
        self._lock: IO[bytes] | None = None
        try:
            _refuse_foreign(folder)
            (folder / _READS).mkdir(parents=True, exist_ok=True)
            self._lock = _locked(folder)
            self._check(_fingerprint(options))
            for left in sorted((folder / _READS).glob(f"*{_PARTIAL}")):
                shutil.rmtree(left)
            self.dropped = read_dropped(folder)
            self.reads = [
                self._stored(path) for path in sorted((folder / _READS).iterdir()) if path.is_dir()
            ]
            for read in [read for read in self.reads if read.log in self.dropped]:
                self._remove(read)  # a scan was stopped between noting and removing it
        except OSError as error:
            self.close()
            raise _unwritable(folder, error) from error
        except Exception:
            self.close()
            raise

    def _check(self, fingerprint: dict[str, Any]) -> None:
        path = self._folder / STATE_FILE
        wanted = {"schema": STATE_SCHEMA, "sketch_version": SKETCH_VERSION, "options": fingerprint}
        fresh = all(item.name.endswith(_PARTIAL) for item in (self._folder / _READS).iterdir())
        if not path.is_file():
            if not fresh:
                raise ConfigurationError("is missing", where=str(path), hint=START_ANEW)
            write_json(path, wanted)
            return
        found = read_json(path)
        if not isinstance(found, dict) or found.get("schema") != STATE_SCHEMA:
            raise ConfigurationError(
                f"is no state of schema {STATE_SCHEMA}", where=str(path), hint=START_ANEW
            )
        if fresh:  # nothing was read yet: a wrong option of the first try binds nobody
            write_json(path, wanted)
            return
        if found.get("sketch_version") != SKETCH_VERSION:
            raise ConfigurationError(
                "was made by a version of cautery with other sketches",
                where=str(path),
                hint=START_ANEW,
            )
        before = found.get("options")
        different = [
            name
            for name, value in fingerprint.items()
            if not isinstance(before, dict) or before.get(name) != value
        ]
        if different:
            raise ConfigurationError(
                f"was made with other options: {', '.join(different)}",
                where=str(path),
                hint="Give the same options as before, or another folder.",
            )

    def _stored(self, folder: Path) -> StoredRead:
        path = folder / _READING_FILE
        try:
            int(folder.name)
            document = msgspec.json.decode(path.read_bytes())
            read = StoredRead(
                log=KnownLog(**document["log"]),
                reading=Reading.of(document["reading"]),
                folder=folder,
            )
        except (*DAMAGE, FileNotFoundError) as error:
            raise _damaged(folder) from error
        if not (read.reading.files and read.parts):
            raise _damaged(folder)
        return read

    @property
    def rows(self) -> int:
        """Exchanges in all reads."""
        return sum(read.reading.counter.rows for read in self.reads)

    def new_read(self) -> Path:
        """Make a folder for a log that is about to be read.

        Returns:
            The folder; it counts only once ``keep`` has been told of it.
        """
        last = max((int(read.folder.name) for read in self.reads), default=0)
        folder = self._folder / _READS / f"{last + 1:05d}{_PARTIAL}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def keep(self, folder: Path, log: KnownLog, reading: Reading) -> None:
        """Count a log as read.

        Args:
            folder: What ``new_read`` gave, with the parts in it.
            log: The log.
            reading: What was found in it.
        """
        write_json(folder / _READING_FILE, {"log": asdict(log), "reading": reading.document()})
        final = folder.with_name(folder.name.removesuffix(_PARTIAL))
        folder.rename(final)
        self.reads.append(StoredRead(log=log, reading=reading, folder=final))

    def drop(self, read: StoredRead) -> None:
        """Take a log out: its exchanges go, and it is not read again.

        Args:
            read: One of ``reads``.
        """
        self.dropped.append(read.log)
        write_dropped(self._folder, self.dropped)
        self._remove(read)

    def _remove(self, read: StoredRead) -> None:
        going = read.folder.with_name(f"{read.folder.name}{_PARTIAL}")
        shutil.rmtree(going, ignore_errors=True)
        read.folder.rename(going)
        self.reads.remove(read)
        shutil.rmtree(going)

    def close(self) -> None:
        """Let others use the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


_LOCK_FILE: Final = "lock"
_OWN: Final = frozenset(
    {_READS, _LOCK_FILE, STATE_FILE, DROPPED_FILE, "names.json", "evidence.json", SUMS_FOLDER}
)
"""What may stand in a state folder; names and evidence are of campaigns, kept by the scan."""


def _refuse_foreign(folder: Path) -> None:
    """Raise for a folder of other things before anything is written into it."""
    if not folder.is_dir() or (folder / STATE_FILE).is_file():
        return
    names = sorted(item.name for item in folder.iterdir())
    strange = [name for name in names if name.removesuffix(FRESH) not in _OWN]
    if strange:
        raise ConfigurationError(
            f"holds other things, such as {strange[0][:80]!r}",
            where=str(folder),
            hint="--incremental, or --resume, wants a folder of its own.",
        )


def _fingerprint(options: IngestOptions) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(options):
        value = getattr(options, field.name)
        if field.name in _NOT_READING:
            continue
        if isinstance(value, Path):
            value = hashlib.sha256(value.read_bytes()).hexdigest()
        found[field.name] = sorted(value) if isinstance(value, frozenset) else value
    return dict(msgspec.json.decode(msgspec.json.encode(found)))


def _locked(folder: Path) -> IO[bytes]:
    file = (folder / _LOCK_FILE).open("ab")
    try:
        import fcntl
    except ImportError:  # Windows: two scans at once are the caller's business
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise OutputError(
            "is in use by another scan", where=str(folder), hint="Wait until it has ended."
        ) from error
    return file


def _damaged(folder: Path) -> ConfigurationError:
    return ConfigurationError(
        "is damaged",
        where=str(folder / _READING_FILE),
        hint=f"Remove {folder} to have its log read again.",
    )


def _unwritable(folder: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot keep the state: {error.strerror or error}",
        where=str(folder),
        hint="Choose another folder for --incremental or --resume.",
    )
