"""Where the server keeps objects: the port that SQLite and PostgreSQL fill, and its records.

Every object of a collection has a time of its own at which it was added, later than that of any
object before it, and no object becomes visible before an earlier one is. A poll with
``added_after`` at the last time it saw therefore neither loses nor repeats an object, whoever
pushes meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cautery.intel.taxii.filters import Filter
from cautery.intel.taxii.pushed_objects import PushedObject
from cautery.records.indicator import Tlp


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPlace:
    """Which objects of the storage a collection has, and which of them it may serve."""

    collection_id: str
    """Identifier of the collection."""
    ceiling: Tlp
    """The strictest label that may be served."""
    unmarked: Tlp
    """Label of what is not marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One version of an object."""

    added: int
    """When it was added, microseconds since 1970; no other object of the collection has this."""
    object_id: str
    """STIX identifier."""
    version: str
    """Key of its version."""
    content: bytes = b""
    """As it was pushed; empty where only its description was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of what a filter lets through, in the order in which it was added."""

    objects: tuple[StoredObject, ...]
    """The objects."""
    more: bool
    """Whether there are more behind them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a pushed object."""

    object_id: str
    """STIX identifier."""
    version: str
    """Key of its version."""
    fault: str = ""
    """Why it was not taken; empty if it was, or was there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """An envelope on its way into the storage."""

    status_id: str
    """Under which its outcome is kept."""
    root: str
    """API root that it came to."""
    peer: str
    """Who pushed it; nobody else may see its outcome."""
    requested: int
    """When it came, microseconds since 1970; objects are added at this time or later."""
    objects: Sequence[PushedObject]
    """Its objects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStatus:
    """What became of an envelope."""

    status_id: str
    """Its identifier."""
    root: str
    """API root that it came to."""
    peer: str
    """Who pushed it."""
    requested: int
    """When it came, microseconds since 1970."""
    outcomes: tuple[Outcome, ...]
    """One for each object."""


class Storage(Protocol):
    """Keeps objects and outcomes.

    Every method may raise ``StorageBusyError`` if the storage cannot be had in time.
    """

    async def open(self, collections: Sequence[str]) -> None:
        """Make what is not there yet.

        Args:
            collections: Identifiers of all collections.

        Raises:
            OutputError: The storage cannot be used.
        """

    async def close(self) -> None:
        """Let go of files and connections."""

    async def add(self, collection_id: str, push: Push) -> StoredStatus:
        """Take an envelope: all of it and its outcome, or nothing; when this returns, it is kept.

        Args:
            collection_id: Where to.
            push: The envelope.

        Returns:
            What became of each object.
        """

    async def read_page(self, place: CollectionPlace, wanted: Filter, *, most_bytes: int) -> Page:
        """Read objects with their content.

        Args:
            place: Of which collection.
            wanted: Which of them.
            most_bytes: Of all content; a page ends early, behind its first object at the soonest.

        Returns:
            The page.
        """

    async def read_entries(self, place: CollectionPlace, wanted: Filter) -> Page:
        """Read objects without their content.

        Args:
            place: Of which collection.
            wanted: Which of them.

        Returns:
            The page.
        """

    async def delete(self, place: CollectionPlace, wanted: Filter) -> int:
        """Delete versions of objects that may be served.

        Args:
            place: Of which collection.
            wanted: Which of them; ``after`` and ``limit`` do not count.

        Returns:
            How many were deleted.
        """

    async def read_status(self, status_id: str) -> StoredStatus | None:
        """Read what became of an envelope.

        Args:
            status_id: Its identifier.

        Returns:
            The outcome, or None if it is not known (any more).
        """
