"""Markers: a canary that a gateway plants in its answers, where there are no logits to mark.

A marker is a kind of question together with several answers to it that are equally good: a closing
question, the order of a list, a name for an example. A key draws which of them a campaign is given.
A model that learned from these answers repeats them; one that did not has no way to know the draw.
After the interaction-layer markers of *Asking Back* (arXiv 2605.16462, 2026).

The registry is a file of JSON lines for its owner's eyes only. It holds the markers and, for each,
the campaigns that were given it; the choice itself is not in it, but drawn again from the key. Each
line carries a code under the key, so that no marker can be added or changed after the fact.
"""

from __future__ import annotations

import hashlib
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
from cautery.records.key import Secret

MARKERS_SCHEMA: Final = "cautery.markers/1"
FEWEST_KEY_BYTES: Final = 16
MOST_CHOICES: Final = 64
MOST_CHARACTERS: Final = 1_000
"""Of a phrase or word."""
MOST_MARKERS: Final = 100_000
MOST_REGISTRY_BYTES: Final = 256 * 1024 * 1024
_OWNER_ONLY: Final = 0o600


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of question, and equally good answers to it.

    Example:
        >>> marker = Marker(
        ...     marker_id="sorting", words=("sort", "list"), choices=("Shall I time it?", "Tests?")
        ... )
        >>> marker.fits("How do I sort a LIST in Go?")
        True
    """

    marker_id: str
    words: tuple[str, ...]
    """All of them stand in such a question, in any case and order."""
    choices: tuple[str, ...]
    """Phrases of which an answer holds one; none is part of another."""

    def fits(self, question: str) -> bool:
        """Say whether a question is of this kind."""
        folded = question.casefold()
        return all(word.casefold() in folded for word in self.words)

    def chosen_in(self, answer: str) -> int | None:
        """Say which choice an answer holds; None if it holds none, or several."""
        folded = _folded(answer)
        held = [place for place, choice in enumerate(self.choices) if _folded(choice) in folded]
        return held[0] if len(held) == 1 else None


class PlantedMarker(msgspec.Struct, frozen=True, kw_only=True):
    """A marker that a campaign is given."""

    campaign_id: str
    marker: Marker
    schema: str = MARKERS_SCHEMA
    code: str = ""
    """HMAC-SHA-256 of the rest under the key, hexadecimal."""


def choice_of(key: Secret, campaign_id: str, marker: Marker) -> int:
    """Draw which choice a campaign is given: uniform, and secret without the key.

    Args:
        key: At least 16 bytes.
        campaign_id: The campaign.
        marker: The marker.

    Returns:
        A place in its choices.
    """
    draw = _code(key, b"choice", msgspec.json.encode([campaign_id, marker.marker_id]))
    # 256 bits modulo at most 64: uneven by less than 2 to the -250.
    return int.from_bytes(draw, "big") % len(marker.choices)


def phrase_of(key: Secret, planted: PlantedMarker) -> str:
    """Give the phrase of a marker that its campaign is given."""
    return planted.marker.choices[choice_of(key, planted.campaign_id, planted.marker)]


def phrase_for(
    key: Secret, planted: Sequence[PlantedMarker], campaign_id: str, question: str
) -> str:
    """Give the phrase that a gateway puts in an answer; empty if no marker fits.

    Args:
        key: Of the registry.
        planted: Its markers.
        campaign_id: Of the account that asks.
        question: What it asks.

    Returns:
        The phrase of the first marker of the campaign that fits.
    """
    for one in planted:
        if one.campaign_id == campaign_id and one.marker.fits(question):
            return phrase_of(key, one)
    return ""


def closing_of(
    key: Secret, planted: Sequence[PlantedMarker], campaign_id: str, question: str, answer: str
) -> str:
    """Give what a gateway appends to an answer, so that it ends with the campaign's phrase.

    An answer that holds one of the choices is left as it is: two would say nothing.

    Args:
        key: Of the registry.
        planted: Its markers.
        campaign_id: Of the account that asks.
        question: What it asks.
        answer: What the model answered; of a stream, all pieces together.

    Returns:
        A paragraph of its own; empty if nothing is to be appended. A stream gets it as its last
        piece.
    """
    for one in planted:
        if one.campaign_id == campaign_id and one.marker.fits(question):
            folded = _folded(answer)
            if any(_folded(choice) in folded for choice in one.marker.choices):
                return ""
            return f"\n\n{phrase_of(key, one)}"
    return ""


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


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
        _check(key, campaign_id, marker)
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
    _check_key(key)
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
        try:
            found = msgspec.json.decode(row, type=PlantedMarker)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise MalformedFileError(
                f"no marker: {error}",
                where=where,
                hint="If it is the last line, and was cut off as a process died, remove it.",
            ) from error
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


def _code(key: Secret, purpose: bytes, content: bytes) -> bytes:
    # The purpose, of no zero bytes, keeps draws and codes under one key apart.
    return hmac.new(key.reveal(), purpose + b"\0" + content, hashlib.sha256).digest()


def _seal(key: Secret, planted: PlantedMarker) -> str:
    plain = msgspec.structs.replace(planted, code="")
    return _code(key, b"line", msgspec.json.encode(plain)).hex()


def _sealed(key: Secret, planted: PlantedMarker) -> PlantedMarker:
    return msgspec.structs.replace(planted, code=_seal(key, planted))


def _check_key(key: Secret) -> None:
    if len(key) < FEWEST_KEY_BYTES:
        raise ConfigurationError(
            f"a key of {len(key)} bytes is too short; {FEWEST_KEY_BYTES} are the least",
            where="markers",
        )


def _check(key: Secret, campaign_id: str, marker: Marker) -> None:
    _check_key(key)
    texts = (campaign_id, marker.marker_id, *marker.words, *marker.choices)
    if not all(text.strip() and len(text) <= MOST_CHARACTERS for text in texts):
        raise ConfigurationError(
            "a name, word or choice is empty or too long", where=marker.marker_id
        )
    if not marker.words or not 2 <= len(marker.choices) <= MOST_CHOICES:
        raise ConfigurationError(
            f"a marker has a word, and from 2 to {MOST_CHOICES} choices", where=marker.marker_id
        )
    for place, choice in enumerate(marker.choices):
        if marker.chosen_in(choice) != place:
            raise ConfigurationError(
                f"the choice {choice!r} is part of another, or holds one", where=marker.marker_id
            )
