"""Polls a collection of any TAXII 2.1 server into a folder of STIX bundles.

Each page is one bundle, written before the position is moved on: a poll that is broken off anywhere
goes on with the page it missed, and a page that comes twice is the same file. Objects are written
as the bytes that came; nothing is believed of them here (``cautery intel import`` checks them).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from cautery.errors import PeerError
from cautery.intel.taxii.peer_connection import PeerAnswer, PeerConnection, check_answer
from cautery.intel.taxii.poll_state import (
    PollPosition,
    UnfinishedRun,
    read_positions,
    write_positions,
)
from cautery.intel.taxii.timestamps import version_key
from cautery.ledger.durable_files import make_folder, output_errors, write_durably

PAGE_OBJECTS: Final = 1_000
"""Asked for; the server may give fewer."""
MOST_BYTES: Final = 2**30
"""Of one poll; a larger collection takes several."""
_REFUSED_POSITIONS: Final = frozenset({400, 404, 410, 416, 422})
"""How servers answer a ``next`` that they do not know any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What a poll brought."""

    objects: int
    """Objects, those that came twice counted twice."""
    files: tuple[Path, ...]
    """Bundles that were written."""
    complete: bool
    """Whether all was fetched that there is; else the same command goes on."""
    note: str = ""
    """What the server does that makes polling less sure; empty for nothing."""


class _Envelope(msgspec.Struct):
    objects: list[msgspec.Raw] = []
    more: bool = False
    next: str | None = None


def pull(
    connection: PeerConnection,
    folder: Path,
    *,
    types: tuple[str, ...] = (),
    since: str = "",
    most_bytes: int = MOST_BYTES,
    progress: Callable[[int], None] = lambda _: None,
) -> Pulled:
    """Fetch what a collection has got since the last poll into this folder.

    Args:
        connection: To the collection.
        folder: Where bundles and the position are; made if it is not there.
        types: STIX types to fetch; empty for all.
        since: Time to begin after, at the first poll; empty for the beginning.
        most_bytes: At which the poll stops, to be gone on with later.
        progress: Is told the number of objects so far.

    Returns:
        What came.

    Raises:
        PeerError: The server cannot be reached, refuses, or answers what makes no sense.
        OutputError: The folder cannot be written.
        MalformedFileError: The position in the folder cannot be read.
    """
    with output_errors(folder):
        make_folder(folder)
    poll = _Poll(connection, folder, types=types, since=since)
    while poll.step():
        progress(poll.objects)
        if poll.bytes >= most_bytes:
            break
    return poll.result()


class _Poll:
    """One poll, page by page."""

    def __init__(
        self, connection: PeerConnection, folder: Path, *, types: tuple[str, ...], since: str
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._path = f"{urlsplit(connection.url).path.rstrip('/')}/objects/"
        self._filter = {"match[type]": ",".join(types)} if types else {}
        self._key = " ".join([connection.url, *types])
        self._positions = read_positions(folder)
        if self._key not in self._positions:
            self._positions[self._key] = PollPosition(added_after=since)
        self._files: list[Path] = []
        self._done = False
        self._undated = False
        self.objects = 0
        self.bytes = 0

    def step(self) -> bool:
        """Fetch a page; say whether there may be more."""
        position = self._positions[self._key]
        answer = self._ask(position)
        if position.run is not None and answer.status in _REFUSED_POSITIONS:
            # The server has forgotten the page: the whole run again, whose files are the same.
            position = PollPosition(added_after=position.added_after)
            answer = self._ask(position)
        envelope = self._read(answer)
        self._keep(envelope.objects)
        latest = self._latest(answer, position, envelope)
        if envelope.more:
            self._positions[self._key] = self._onward(position, envelope, latest)
        else:
            self._positions[self._key] = PollPosition(added_after=latest)
            self._done = True
        write_positions(self._folder, self._positions)
        return not self._done

    def result(self) -> Pulled:
        note = ""
        if self._undated:
            note = "the server does not say when objects were added: they will come again"
        return Pulled(
            objects=self.objects, files=tuple(self._files), complete=self._done, note=note
        )

    def _ask(self, position: PollPosition) -> PeerAnswer:
        query = {"limit": str(PAGE_OBJECTS), **self._filter}
        if position.added_after:
            query["added_after"] = position.added_after
        if position.run is not None:
            query["next"] = position.run.next
        return self._connection.get(self._path, query)

    def _read(self, answer: PeerAnswer) -> _Envelope:
        body = check_answer(answer, self._connection.url)
        self.bytes += len(body)
        try:
            body.decode()
            return msgspec.json.decode(body, type=_Envelope)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise PeerError(
                f"does not answer with an envelope: {error}"[:300], where=self._connection.url
            ) from error

    def _keep(self, objects: list[msgspec.Raw]) -> None:
        if not objects:
            return
        content = b",\n".join(bytes(one) for one in objects)
        digest = hashlib.sha256(content).digest()
        bundle_id = uuid.UUID(bytes=digest[:16], version=4)
        head = b'{"type":"bundle","id":"bundle--%s","objects":[\n' % str(bundle_id).encode()
        path = self._folder / f"taxii-{digest.hex()[:24]}.stix.json"
        with output_errors(path):
            write_durably(path, head + content + b"\n]}\n", mode=0o600)
        self._files.append(path)
        self.objects += len(objects)

    def _latest(self, answer: PeerAnswer, position: PollPosition, envelope: _Envelope) -> str:
        """Find when the newest object so far was added."""
        before = position.added_after if position.run is None else position.run.latest
        said = answer.headers.get("x-taxii-date-added-last", "").strip()
        key = version_key(said)
        if key is None:
            self._undated = self._undated or bool(envelope.objects)
            return before
        return said if key > (version_key(before) or "") else before

    def _onward(self, position: PollPosition, envelope: _Envelope, latest: str) -> PollPosition:
        """Say where the next page is, and refuse to go in a circle."""
        if envelope.next:
            run = UnfinishedRun(next=envelope.next, latest=latest)
            if position.run is None or position.run.next != envelope.next:
                return PollPosition(added_after=position.added_after, run=run)
        elif envelope.objects and latest != position.added_after:
            return PollPosition(added_after=latest)
        raise PeerError("says that there is more, and not where", where=self._connection.url)
