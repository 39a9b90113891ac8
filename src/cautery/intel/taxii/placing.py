"""Decides what becomes of pushed objects, given what is held; the same for every storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cautery.intel.taxii.pushed_objects import PushedObject
from cautery.intel.taxii.storage import Outcome
from cautery.intel.taxii.timestamps import timestamp_of, version_key
from cautery.records.indicator import tlp_rank


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldVersion:
    """A version that a storage holds."""

    version: str
    """Its key."""
    digest: bytes
    """Of its content."""
    first: bool
    """Whether it is the oldest version of its object."""
    last: bool
    """Whether it is the newest version of its object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version to be stored."""

    pushed: PushedObject
    """The object."""
    version: str
    """Key of its version."""
    added: int
    """When it is added, microseconds since 1970."""
    first: bool
    """Whether it is the oldest version of its object, after all of this."""
    last: bool
    """Whether it is the newest version of its object, after all of this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What a storage has to do for an envelope."""

    added: tuple[NewVersion, ...]
    """Versions to store."""
    no_longer_first: tuple[tuple[str, str], ...]
    """Held versions (object, version) that are not the oldest any more."""
    no_longer_last: tuple[tuple[str, str], ...]
    """Held versions that are not the newest any more."""
    outcomes: tuple[Outcome, ...]
    """What became of each object."""
    clock: int
    """The latest time at which anything was added to the collection, after all of this."""

    def rows(self, collection_id: str) -> list[tuple[Any, ...]]:
        """Give the versions to store as rows, in the order of the columns of ``objects``.

        Args:
            collection_id: Where they are stored.

        Returns:
            A row each.
        """
        return [
            (
                collection_id,
                one.added,
                one.pushed.object_id,
                one.version,
                one.pushed.object_type,
                None if one.pushed.label is None else tlp_rank(one.pushed.label),
                one.first,
                one.last,
                one.pushed.digest,
                one.pushed.content,
            )
            for one in self.added
        ]


@dataclass(slots=True)
class _Versions:
    """What is known of one object while an envelope is gone through."""

    digests: dict[str, bytes] = field(default_factory=dict)
    held_first: str = ""
    held_last: str = ""
    first: str = ""
    last: str = ""

    def add(self, version: str, digest: bytes) -> None:
        self.digests[version] = digest
        self.first = min(self.first or version, version)
        self.last = max(self.last, version)


def place(
    objects: Sequence[PushedObject],
    held: Mapping[str, Sequence[HeldVersion]],
    *,
    clock: int,
    now: int,
) -> Placement:
    """Decide what becomes of pushed objects.

    Args:
        objects: Those of an envelope.
        held: By object: its oldest and newest held version, and those that are pushed again.
        clock: When the collection's newest object was added, microseconds since 1970.
        now: The time, the same.

    Returns:
        What to store and to say. Times go up by a microsecond from object to object, and never
        back, whatever the clock of the machine does.
    """
    known = {object_id: _known(versions) for object_id, versions in held.items()}
    placed: list[tuple[PushedObject, str, int]] = []
    outcomes = []
    for pushed in objects:
        outcome, added = _place_one(pushed, known, max(now, clock + 1))
        outcomes.append(outcome)
        if added:
            clock = added
            placed.append((pushed, outcome.version, added))
    return Placement(
        added=_added(placed, known),
        no_longer_first=tuple(
            (object_id, one.held_first)
            for object_id, one in known.items()
            if one.held_first and one.first != one.held_first
        ),
        no_longer_last=tuple(
            (object_id, one.held_last)
            for object_id, one in known.items()
            if one.held_last and one.last != one.held_last
        ),
        outcomes=tuple(outcomes),
        clock=clock,
    )


def _added(
    placed: Sequence[tuple[PushedObject, str, int]], known: Mapping[str, _Versions]
) -> tuple[NewVersion, ...]:
    """Say of each new version whether it is the oldest or the newest of its object."""
    return tuple(
        NewVersion(
            pushed=pushed,
            version=version,
            added=added,
            first=known[pushed.object_id].first == version,
            last=known[pushed.object_id].last == version,
        )
        for pushed, version, added in placed
    )


def _place_one(pushed: PushedObject, known: dict[str, _Versions], time: int) -> tuple[Outcome, int]:
    """Say what becomes of one object, and when it is added: 0 for not at all."""
    # An object without times has the time at which it is added for its version (section 3.2).
    version = pushed.version or version_key(timestamp_of(time)) or ""
    if pushed.fault:
        return _outcome(pushed, version, pushed.fault), 0
    versions = known.setdefault(pushed.object_id, _Versions())
    if not pushed.version and versions.digests.get(versions.last) == pushed.digest:
        return _outcome(pushed, versions.last), 0
    if version in versions.digests:
        same = versions.digests[version] == pushed.digest
        fault = "" if same else "another object with this identifier and version is here already"
        return _outcome(pushed, version, fault), 0
    versions.add(version, pushed.digest)
    return _outcome(pushed, version), time


def _outcome(pushed: PushedObject, version: str, fault: str = "") -> Outcome:
    return Outcome(object_id=pushed.object_id, version=version, fault=fault)


def _known(held: Sequence[HeldVersion]) -> _Versions:
    known = _Versions()
    for one in held:
        known.add(one.version, one.digest)
        if one.first:
            known.held_first = one.version
        if one.last:
            known.held_last = one.version
    return known
