"""Pushes STIX bundles to a collection of any TAXII 2.1 server, and says what became of each object.

Objects are sent as the bytes that stand in the bundle. What is marked above the ceiling is not
sent at all: the server would refuse it, but it would have seen it by then.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from cautery.errors import MalformedFileError, PeerError
from cautery.intel.taxii.object_labels import label_of_object
from cautery.intel.taxii.peer_connection import PeerConnection, check_answer
from cautery.intel.tlp import may_enter
from cautery.plain_files import open_plain
from cautery.records.indicator import Tlp

ENVELOPE_OBJECTS: Final = 1_000
ENVELOPE_BYTES: Final = 8 * 2**20
MOST_FILE_BYTES: Final = 256 * 2**20
STATUS_LOOKS: Final = 60
"""How often a server that takes its time is asked whether it is done."""
STATUS_WAIT_SECONDS: Final = 2.0
_ENVELOPE_MARGIN: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An object that was not taken."""

    object_id: str
    """Its identifier."""
    reason: str
    """Why, in the server's words or ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What became of a push."""

    taken: int
    """Objects that the server has now."""
    refused: tuple[Refused, ...]
    """Objects that it does not have."""
    pending: int = 0
    """Objects of which the server did not say what became of them."""


class _Bundle(msgspec.Struct):
    objects: list[msgspec.Raw]


class _Detail(msgspec.Struct):
    id: str
    message: str = ""


class _Status(msgspec.Struct):
    id: str
    status: str
    success_count: int
    failure_count: int
    pending_count: int
    failures: list[_Detail] = []


class _Root(msgspec.Struct):
    max_content_length: int


def read_bundles(paths: Sequence[Path]) -> list[bytes]:
    """Read the objects of bundles.

    Args:
        paths: The files.

    Returns:
        Each object as it stands in its file.

    Raises:
        MalformedFileError: A file cannot be read, or is no bundle.
    """
    objects: list[bytes] = []
    for path in paths:
        try:
            with open_plain(path) as stream:
                content = stream.read(MOST_FILE_BYTES + 1)
            if len(content) > MOST_FILE_BYTES:
                raise MalformedFileError("is longer than a bundle may be", where=str(path))
            content.decode()
            bundle = msgspec.json.decode(content, type=_Bundle)
        except OSError as error:
            raise MalformedFileError(
                f"cannot be read: {error.strerror}", where=str(path)
            ) from error
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise MalformedFileError(
                f"is no STIX bundle: {error}"[:300], where=str(path)
            ) from error
        objects += [bytes(one) for one in bundle.objects]
    return objects


def push(
    connection: PeerConnection,
    objects: Sequence[bytes],
    *,
    ceiling: Tlp,
    unmarked: Tlp,
    sleep: Callable[[float], None] = time.sleep,
) -> Pushed:
    """Push objects to a collection.

    Args:
        connection: To the collection.
        objects: Each as JSON.
        ceiling: The strictest label that is sent.
        unmarked: Label of what is not marked.
        sleep: Waits that many seconds.

    Returns:
        What became of them.

    Raises:
        PeerError: The server cannot be reached, or refuses an envelope as a whole.
    """
    allowed, refused = _sorted_by_label(objects, ceiling, unmarked)
    path = urlsplit(connection.url).path.rstrip("/")
    root = path.rpartition("/collections/")[0]
    taken = pending = 0
    for envelope in _envelopes(allowed, _most_bytes(connection, root)):
        answer = connection.post(f"{path}/objects/", envelope)
        content = check_answer(answer, connection.url, status=202)
        status = _finished(connection, f"{root}/status", _status_of(connection, content), sleep)
        taken += status.success_count
        pending += status.pending_count
        named = [Refused(object_id=one.id, reason=one.message) for one in status.failures]
        unnamed = max(0, status.failure_count - len(named))
        refused += named + [Refused(object_id="", reason="no reason given")] * unnamed
    return Pushed(taken=taken, refused=tuple(refused), pending=pending)


def _sorted_by_label(
    objects: Sequence[bytes], ceiling: Tlp, unmarked: Tlp
) -> tuple[list[bytes], list[Refused]]:
    allowed, refused = [], []
    for one in objects:
        object_id = ""
        try:
            document = json.loads(one)
            if not isinstance(document, dict):
                raise ValueError("it is no JSON object")  # noqa: TRY004, TRY301 - of a file
            object_id = str(document.get("id", ""))[:200]
            label = label_of_object(document) or unmarked
        except (ValueError, RecursionError) as error:
            refused.append(Refused(object_id=object_id, reason=f"not sent: {error}"))
            continue
        if may_enter([label], ceiling):
            allowed.append(one)
        else:
            reason = f"not sent: TLP:{label.upper()} is above the ceiling"
            refused.append(Refused(object_id=object_id, reason=reason))
    return allowed, refused


def _most_bytes(connection: PeerConnection, root: str) -> int:
    """Ask how long an envelope may be; servers that do not say get short ones."""
    answer = connection.get(f"{root}/")
    try:
        known = msgspec.json.decode(answer.body, type=_Root) if answer.status == 200 else None
    except (msgspec.MsgspecError, RecursionError):
        known = None
    most = ENVELOPE_BYTES if known is None else min(known.max_content_length, ENVELOPE_BYTES)
    return max(most - _ENVELOPE_MARGIN, 1)


def _envelopes(objects: Sequence[bytes], most_bytes: int) -> Iterator[bytes]:
    """Divide objects into envelopes; one that is too long alone is sent alone, and refused."""
    held: list[bytes] = []
    size = 0
    for one in objects:
        if held and (len(held) == ENVELOPE_OBJECTS or size + len(one) + 1 > most_bytes):
            yield b'{"objects":[' + b",".join(held) + b"]}"
            held, size = [], 0
        held.append(one)
        size += len(one) + 1
    if held:
        yield b'{"objects":[' + b",".join(held) + b"]}"


def _finished(
    connection: PeerConnection, path: str, status: _Status, sleep: Callable[[float], None]
) -> _Status:
    """Wait until a server has gone through an envelope."""
    for _ in range(STATUS_LOOKS):
        if status.status == "complete":
            break
        sleep(STATUS_WAIT_SECONDS)
        answer = connection.get(f"{path}/{status.id}/")
        status = _status_of(connection, check_answer(answer, connection.url))
    return status


def _status_of(connection: PeerConnection, content: bytes) -> _Status:
    try:
        status = msgspec.json.decode(content, type=_Status)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PeerError(
            f"does not say what became of it: {error}"[:300], where=connection.url
        ) from error
    if not status.id.replace("-", "").isalnum():
        raise PeerError("names its status in no way that can be asked for", where=connection.url)
    return status
