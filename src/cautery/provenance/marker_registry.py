"""The registry of markers: who was given what, written before the first answer.

A file of JSON lines for its owner's eyes only. It holds the markers and, for each, the campaigns
that were given it; the choice itself is not in it, but drawn again from the key. Each line carries
a code under the key, so that no marker can be added or changed after the fact.
"""

from __future__ import annotations

import hmac
import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from cautery.errors import ConfigurationError, MalformedFileError, NoInputError
from cautery.ledger.durable_files import (
    WriterLock,
    make_folder,
    output_errors,
    synchronise,
    write_all,
)
from cautery.numbered_lines import decoded
from cautery.provenance.markers import (
    Marker,
    PlantedMarker,
    check_key,
    check_marker,
    choice_of,
    code_of,
)
from cautery.records.key import Secret

MOST_MARKERS: Final = 100_000
MOST_REGISTRY_BYTES: Final = 256 * 1024 * 1024
_OWNER_ONLY: Final = 0o600
_DECODER: Final = msgspec.json.Decoder(PlantedMarker)


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


def read_markers(path: Path, key: Secret) -> list[PlantedMarker]:
    """Read a registry.

    Args:
        path: The registry.
        key: That its lines were written under.

    Returns:
        The markers, in the order in which they were planted.

    Raises:
        NoInputError: It cannot be read.
        ConfigurationError: Others than its owner may read it, or the key is short.
        MalformedFileError: A line was changed, cut off, or is of another key; names the line.
    """
    check_key(key)
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            if status.st_mode & 0o077:
                raise ConfigurationError(
                    "others may read the markers", where=str(path), hint=f"chmod 600 {path}"
                )
            content = stream.read(MOST_REGISTRY_BYTES + 1)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    if len(content) > MOST_REGISTRY_BYTES or content.count(b"\n") > MOST_MARKERS:
        raise MalformedFileError("too long for a registry of markers", where=str(path))
    return list(_lines(content, key, str(path)))


def _lines(content: bytes, key: Secret, name: str) -> Iterator[PlantedMarker]:
    for number, row in enumerate(content.splitlines(), start=1):
        where = f"{name}:{number}"
        found = decoded(
            row,
            _DECODER,
            where=where,
            wanted="a marker",
            hint="If it is the last line, and was cut off as a process died, remove it.",
            error_type=MalformedFileError,
        )
        if not hmac.compare_digest(found.code.encode(), _seal(key, found).encode()):
            raise MalformedFileError(
                "the marker was changed, or was planted under another key", where=where
            )
        yield found


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


def _seal(key: Secret, planted: PlantedMarker) -> str:
    plain = msgspec.structs.replace(planted, code="")
    return code_of(key, b"line", msgspec.json.encode(plain)).hex()


def _sealed(key: Secret, planted: PlantedMarker) -> PlantedMarker:
    return msgspec.structs.replace(planted, code=_seal(key, planted))
