"""Polling servers that behave, that break off, and that lie."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.intel.taxii.peer_servers import Asked, PeerServer, Said, peer_server
from tests.intel.taxii.sharing import indicator, object_id

from cautery.errors import MalformedFileError, OutputError, PeerError
from cautery.intel.taxii.peer_connection import Patience, PeerConnection
from cautery.intel.taxii.poll_state import STATE_FILE
from cautery.intel.taxii.pulling import Pulled, pull

LAST = "x-taxii-date-added-last"


def _pull(server: PeerServer, folder: Path, **more: Any) -> Pulled:
    patience = Patience(attempts=1, sleep=lambda _: None)
    connection = PeerConnection(server.url, context=ssl.create_default_context(), patience=patience)
    try:
        return pull(connection, folder, **more)
    finally:
        connection.close()


def _page(numbers: range, *, second: int, more: bool = False, following: str = "") -> Said:
    document: dict[str, Any] = {"more": more, "objects": [indicator(one) for one in numbers]}
    if following:
        document["next"] = following
    return Said(
        body=json.dumps(document).encode(),
        headers={LAST: f"2026-01-01T00:00:{second:02}.000000Z"},
    )


def _query(asked: Asked) -> dict[str, str]:
    return {name: one[0] for name, one in parse_qs(urlsplit(asked[1]).query).items()}


def _ids(folder: Path) -> list[str]:
    return sorted(
        one["id"]
        for path in folder.glob("*.json")
        for one in json.loads(path.read_text(encoding="utf-8"))["objects"]
    )


def test_a_poll_fetches_all_pages_and_the_next_one_what_is_new(tmp_path: Path) -> None:
    """Pages follow each other by `next`, polls by the time of the newest object."""
    pages = [
        _page(range(2), second=1, more=True, following="a"),
        _page(range(2, 4), second=2),
        Said(),
        _page(range(4, 5), second=3),
    ]
    with peer_server(lambda number, _: pages[number]) as server:
        assert _pull(server, tmp_path).objects == 4
        assert _pull(server, tmp_path).objects == 0
        assert _pull(server, tmp_path).objects == 1
        queries = [_query(one) for one in server.asked]
    assert [one.get("next") for one in queries] == [None, "a", None, None]
    times = [one.get("added_after") for one in queries]
    assert times == [None, None, *["2026-01-01T00:00:02.000000Z"] * 2]
    assert _ids(tmp_path) == sorted(object_id(number) for number in range(5))


def test_objects_are_written_as_they_came(tmp_path: Path) -> None:
    """What stands in the bundle is the bytes of the server, and the file is a bundle."""
    text = b'{ "id":"x--1",\n "n":1.10, "s":"\\u00e9\xc3\xa9" }'
    said = Said(body=b'{"objects":[ ' + text + b" ]}", headers={LAST: "2026-01-01T00:00:00Z"})
    with peer_server(lambda *_: said) as server:
        (path,) = _pull(server, tmp_path).files
    assert text in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    bundle = json.loads(path.read_bytes())
    assert bundle["type"] == "bundle"
    assert bundle["id"].startswith("bundle--")


def test_a_poll_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    """After a fault in the middle the page that was missed comes next, and no page twice."""
    broken = [True]

    def answer(_: int, asked: Asked) -> Said:
        if _query(asked).get("next") == "a":
            return Said(body=None) if broken[0] else _page(range(2, 4), second=2)
        return _page(range(2), second=1, more=True, following="a")

    with peer_server(answer) as server:
        with pytest.raises(PeerError):
            _pull(server, tmp_path)
        broken[0] = False
        assert _pull(server, tmp_path).objects == 2
        assert len(server.asked) == 3
    assert _ids(tmp_path) == sorted(object_id(number) for number in range(4))


def test_a_page_that_the_server_has_forgotten_begins_the_run_again(tmp_path: Path) -> None:
    """Nothing is skipped if `next` has expired; pages that come again are the same files."""
    state = {"forgotten": False}

    def answer(_: int, asked: Asked) -> Said:
        if _query(asked).get("next") != "a":
            return _page(range(2), second=1, more=True, following="a")
        if state["forgotten"]:
            state["forgotten"] = False
            return Said(status=404)
        return _page(range(2, 4), second=2)

    with peer_server(answer) as server:
        first = _pull(server, tmp_path, most_bytes=1)
        assert not first.complete
        state["forgotten"] = True
        second = _pull(server, tmp_path)
        assert (second.complete, second.objects) == (True, 4)
    assert len(list(tmp_path.glob("*.json"))) == 2


def test_servers_without_next_are_polled_by_time(tmp_path: Path) -> None:
    """Where there is no `next`, the time of the last object says where to go on."""

    def answer(_: int, asked: Asked) -> Said:
        if _query(asked).get("added_after", "").startswith("2026-01-01T00:00:01"):
            return _page(range(2, 3), second=2)
        return _page(range(2), second=1, more=True)

    with peer_server(answer) as server:
        assert _pull(server, tmp_path).objects == 3


@pytest.mark.parametrize(
    "said",
    [
        _page(range(2), second=1, more=True, following="same"),
        Said(body=b'{"more":true}'),
        Said(body=b'{"more":true,"objects":[{}]}'),
    ],
    ids=["the same next", "more of nothing", "undated"],
)
def test_circles_are_left(tmp_path: Path, said: Said) -> None:
    """A server that leads in a circle is left after two pages at the most."""
    with peer_server(lambda *_: said) as server:
        with pytest.raises(PeerError, match="says that there is more"):
            _pull(server, tmp_path)
        assert len(server.asked) <= 2


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"objects":1}', b'{"objects":["\xff"]}', b'{"objects":' + b"[" * 9_999],
    ids=range(6),
)
def test_nonsense_is_told_and_moves_nothing(tmp_path: Path, body: bytes) -> None:
    """What is no envelope leaves no file, and the position where it was."""
    with peer_server(lambda *_: Said(body=body)) as server, pytest.raises(PeerError):
        _pull(server, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_servers_that_do_not_date_are_noted(tmp_path: Path) -> None:
    """Without the header the next poll brings all again, and the user knows."""
    body = json.dumps({"objects": [indicator(1)]}).encode()
    with peer_server(lambda *_: Said(body=body, headers={LAST: "yesterday"})) as server:
        assert "come again" in _pull(server, tmp_path).note


def test_types_and_the_beginning_are_asked_for(tmp_path: Path) -> None:
    """Polls of other types have positions of their own."""
    with peer_server(lambda *_: _page(range(1), second=9)) as server:
        _pull(server, tmp_path, types=("indicator", "campaign"), since="2025-01-01T00:00:00Z")
        _pull(server, tmp_path, since="2024-01-01T00:00:00Z")
        _pull(server, tmp_path, types=("indicator", "campaign"))
        queries = [_query(one) for one in server.asked]
    assert [one.get("match[type]") for one in queries] == [
        "indicator,campaign",
        None,
        "indicator,campaign",
    ]
    assert [one["added_after"][:4] for one in queries] == ["2025", "2024", "2026"]


def test_a_damaged_position_is_told(tmp_path: Path) -> None:
    """A state file that is not ours stops the poll; nothing is guessed."""
    for text in ("{", '{"schema":"other","collections":{}}', "[]"):
        (tmp_path / STATE_FILE).write_text(text, encoding="utf-8")
        with peer_server(lambda *_: Said()) as server, pytest.raises(MalformedFileError):
            _pull(server, tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file in the folder's place is an error of ours."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with peer_server(lambda *_: Said()) as server, pytest.raises(OutputError):
        _pull(server, tmp_path / "file" / "folder")
