"""The registry of markers: who was given what, written before the first answer.

A file of JSON lines for its owner's eyes only. It holds the markers and, for each, the campaigns
that were given it; the choice itself is not in it, but drawn again from the key. Each line carries
a code under the key, so that no marker can be added or changed after the fact.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from cautery.errors import ConfigurationError
from cautery.ledger.durable_files import (
    WriterLock,
    make_folder,
    output_errors,
    synchronise,
    write_all,
)
from cautery.records.key import Secret
from cautery.watermark.marker_reading import MOST_MARKERS, read_markers, seal_of
from cautery.watermark.markers import Marker, PlantedMarker, check_marker, choice_of

_OWNER_ONLY: Final = 0o600


def plant(path: Path, key: Secret, campaign_id: str, marker: Marker) -> str:
    """Write down that a campaign is given a marker; before the first answer with it.

    Args:
        path: The registry; made if it is not there, for its owner's eyes only.
        key: Of the registry, at least 16 bytes.
        campaign_id: The campaign.
        marker: The marker.

    Returns:
        The phrase that the campaign is given.

    Raises:
        ConfigurationError: The key is short, the marker is none, or the campaign has it already.
        MalformedFileError: The registry was changed, or is of another key.
        OutputError: It cannot be written, or another process writes.
    """
    if not plant_all(path, key, [campaign_id], [marker]):
        raise ConfigurationError(
            f"campaign {campaign_id!r} has the marker {marker.marker_id!r} already",
            where=str(path),
        )
    return marker.choices[choice_of(key, campaign_id, marker)]


def plant_all(
    path: Path, key: Secret, campaign_ids: Sequence[str], markers: Sequence[Marker]
) -> int:
    """Write down that campaigns are given markers; those that they have already are passed over.

    Args:
        path: The registry; made if it is not there, for its owner's eyes only.
        key: Of the registry, at least 16 bytes.
        campaign_ids: The campaigns.
        markers: Each is given to every campaign.

    Returns:
        How many lines were added.

    Raises:
        ConfigurationError: The key is short, a marker is none, or a campaign has another one of
            its name; nothing is written then.
        MalformedFileError: The registry was changed, or is of another key.
        OutputError: It cannot be written, or another process writes.
    """
    for campaign_id, marker in itertools.product(campaign_ids, markers):
        check_marker(key, campaign_id, marker)
    with output_errors(path):
        make_folder(path.resolve().parent)
    lock = WriterLock(path.with_name(f"{path.name}.lock"))
    try:
        known = read_markers(path, key) if path.exists() else []
        new = _missing(known, campaign_ids, markers, str(path))
        _append(path, [_sealed(key, one) for one in new])
    finally:
        lock.release()
    return len(new)


def _missing(
    known: Sequence[PlantedMarker],
    campaign_ids: Sequence[str],
    markers: Sequence[Marker],
    name: str,
) -> list[PlantedMarker]:
    """List what is not in a registry yet."""
    there = {(one.campaign_id, one.marker.marker_id): one.marker for one in known}
    new = []
    for campaign_id, marker in itertools.product(campaign_ids, markers):
        given = there.get((campaign_id, marker.marker_id))
        if given is None:
            there[campaign_id, marker.marker_id] = marker
            new.append(PlantedMarker(campaign_id=campaign_id, marker=marker))
        elif given != marker:
            raise ConfigurationError(
                f"campaign {campaign_id!r} has another marker {marker.marker_id!r}",
                where=name,
                hint="Give it another marker_id: what was planted is never changed.",
            )
    if len(there) > MOST_MARKERS:
        raise ConfigurationError(f"more than {MOST_MARKERS:,} markers", where=name)
    return new


def _append(path: Path, planted: Sequence[PlantedMarker]) -> None:
    if not planted:
        return
    rows = b"".join(msgspec.json.encode(one) + b"\n" for one in planted)
    with output_errors(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
        try:
            write_all(descriptor, rows, os.fstat(descriptor).st_size)
            synchronise(descriptor)
        finally:
            os.close(descriptor)


def _sealed(key: Secret, planted: PlantedMarker) -> PlantedMarker:
    return msgspec.structs.replace(planted, code=seal_of(key, planted))
