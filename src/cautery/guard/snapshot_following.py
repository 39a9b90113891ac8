"""Follows a snapshot file: when another one stands in its place, that is used from then on."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from cautery.errors import InputError
from cautery.guard.faults import Fault
from cautery.guard.snapshot import Snapshot
from cautery.guard.structured_logs import log
from cautery.records.key import Secret


class SnapshotFollower:
    """Holds the newest sound snapshot.

    ``current`` is replaced at once, after the new file has been read and checked: a decision sees
    either the old one or the new one, whole. Call ``poll`` outside the path of decisions, or let
    ``follow`` do so in a thread.

    Args:
        path: Where snapshots are published.
        key: Key that seals them, none for a checksum only.
    """

    def __init__(self, path: Path, key: Secret | None = None) -> None:
        self._path = Path(path)
        self._key = key
        self._tried: tuple[int, int, int] | None = None
        self.current: Snapshot | None = None
        """The snapshot in use; none before the first sound one."""
        self.refused: str = ""
        """Why the file that stands there now is not used; empty if it is."""
        self.swaps = 0
        """Snapshots that were taken into use."""
        self.refusals = 0
        """Files that were refused."""

    @property
    def fault(self) -> Fault | None:
        """What is wrong with the file, if anything is."""
        if self.current is None:
            return "no-snapshot"
        return "snapshot-refused" if self.refused else None

    def poll(self) -> bool:
        """Look whether another file stands there, and take it into use.

        Returns:
            Whether a new snapshot is in use now. Never raises: a file that cannot be used leaves
            the old one in use, and ``fault`` says so.
        """
        try:
            status = self._path.stat()
        except OSError as error:
            again = self._tried is None and self.refused
            self._tried = None
            return False if again else self._refuse(f"{self._path}: {error.strerror}")
        found = (status.st_ino, status.st_mtime_ns, status.st_size)
        if found == self._tried:
            return False
        self._tried = found
        try:
            snapshot = Snapshot(self._path, self._key)
        except InputError as error:
            return self._refuse(str(error))
        if self.current is not None and snapshot.created_seconds < self.current.created_seconds:
            return self._refuse(f"{self._path}: it is older than the one in use")
        self.current = snapshot
        self.refused = ""
        self.swaps += 1
        return True

    def follow(self, stop: threading.Event, interval_seconds: float = 1.0) -> None:
        """Poll until told to stop; for a thread of its own.

        Args:
            stop: Ends it.
            interval_seconds: Time between polls.
        """
        while not stop.is_set():
            self.poll()
            stop.wait(interval_seconds)

    def _refuse(self, why: str) -> bool:
        self.refused = why
        self.refusals += 1
        log("a snapshot was refused", logging.WARNING, reason=why)
        return False
