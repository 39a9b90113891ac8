"""Pushing: what is sent, what is not, and what the server says of it."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any

import pytest
from tests.intel.taxii.peer_servers import Asked, PeerServer, Said, peer_server
from tests.intel.taxii.sharing import indicator, marked, object_id

from cautery.errors import MalformedFileError, PeerError
from cautery.intel.taxii.peer_connection import PeerConnection
from cautery.intel.taxii.pushing import Pushed, push, read_bundles

STATUS: dict[str, Any] = {
    "id": "2d086da7-4bdc-4f91-900e-d77486753710",
    "status": "complete",
    "success_count": 1,
    "failure_count": 0,
    "pending_count": 0,
}


def _said(**more: Any) -> Said:
    return Said(status=202, body=json.dumps({**STATUS, **more}).encode())


def _push(server: PeerServer, *objects: Any, waits: list[float] | None = None) -> Pushed:
    connection = PeerConnection(server.url, context=ssl.create_default_context())
    try:
        return push(
            connection,
            [json.dumps(one).encode() for one in objects],
            ceiling="amber",
            unmarked="amber",
            sleep=(waits if waits is not None else []).append,
        )
    finally:
        connection.close()


def _root(most_bytes: int) -> Said:
    return Said(body=json.dumps({"title": "r", "max_content_length": most_bytes}).encode())


def test_what_is_marked_above_the_ceiling_never_leaves() -> None:
    """Not a byte of it is sent, and the user is told."""

    def answer(_: int, asked: Asked) -> Said:
        return _root(10**7) if asked[0] == "GET" else _said()

    odd = indicator(3, object_marking_refs="red")
    with peer_server(answer) as server:
        pushed = _push(server, marked(1, "red"), marked(2, "green"), odd, marked(4, "amber+strict"))
        sent = b"".join(one[2] for one in server.asked)
    assert object_id(2).encode() in sent
    for number in (1, 3, 4):
        assert object_id(number).encode() not in sent
    assert [one.object_id for one in pushed.refused] == [object_id(n) for n in (1, 3, 4)]
    assert all("not sent" in one.reason for one in pushed.refused)
    assert pushed.taken == 1


def test_envelopes_are_as_long_as_the_server_takes() -> None:
    """Objects are divided by the root's limit, and each stands in one envelope as it was."""
    objects = [indicator(number, name="n" * 300) for number in range(20)]

    def answer(_: int, asked: Asked) -> Said:
        if asked[0] == "GET":
            return _root(2_000)
        return _said(success_count=len(json.loads(asked[2])["objects"]))

    with peer_server(answer) as server:
        pushed = _push(server, *objects)
        bodies = [one[2] for one in server.asked if one[0] == "POST"]
    assert pushed.taken == 20
    assert all(len(body) <= 2_000 for body in bodies)
    assert len(bodies) > 5
    assert [one for body in bodies for one in json.loads(body)["objects"]] == objects


def test_partial_failures_are_told() -> None:
    """Each refused object has its reason; those that the server does not name are counted."""
    failures = [{"id": object_id(1), "version": "2026-01-01T00:00:00Z", "message": "too red"}]
    said = _said(success_count=1, failure_count=2, failures=failures)
    with peer_server(lambda _, asked: _root(10**7) if asked[0] == "GET" else said) as server:
        pushed = _push(server, indicator(1), indicator(2), indicator(3))
    assert [(one.object_id, one.reason) for one in pushed.refused] == [
        (object_id(1), "too red"),
        ("", "no reason given"),
    ]


def test_a_slow_server_is_waited_for() -> None:
    """A pending status is asked for until it is complete."""
    waits: list[float] = []
    looks = [0]

    def answer(_: int, asked: Asked) -> Said:
        if asked[0] == "POST":
            return _said(status="pending", success_count=0, pending_count=1)
        if "/status/" not in asked[1]:
            return Said(status=404)
        looks[0] += 1
        done = looks[0] == 3
        state = {
            **STATUS,
            "status": "complete" if done else "pending",
            "pending_count": int(not done),
        }
        return Said(body=json.dumps({**state, "success_count": int(done)}).encode())

    with peer_server(answer) as server:
        pushed = _push(server, indicator(1), waits=waits)
        assert server.asked[-1][1] == f"/api/status/{STATUS['id']}/"
    assert (pushed.taken, pushed.pending, len(waits)) == (1, 0, 3)


@pytest.mark.parametrize(
    "said",
    [
        Said(status=200),
        Said(status=403),
        Said(status=202, body=b"[]"),
        _said(id="../../x"),
        _said(success_count="many"),
    ],
    ids=range(5),
)
def test_what_is_no_status_is_told(said: Said) -> None:
    """Nobody believes that a push went well unless the server says so."""
    with (
        peer_server(lambda _, asked: _root(10**7) if asked[0] == "GET" else said) as server,
        pytest.raises(PeerError),
    ):
        _push(server, indicator(1))


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"objects":5}', b"\xff", b'{"objects":' + b"[" * 99_999],
    ids=range(5),
)
def test_what_is_no_bundle_is_told(tmp_path: Path, content: bytes) -> None:
    """Nothing is sent of a file that is no bundle."""
    path = tmp_path / "bundle.json"
    path.write_bytes(content)
    with pytest.raises(MalformedFileError, match=r"bundle\.json"):
        read_bundles([path])
    with pytest.raises(MalformedFileError, match="cannot be read"):
        read_bundles([tmp_path / "nothing.json"])
