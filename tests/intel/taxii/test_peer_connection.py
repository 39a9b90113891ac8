"""Asking a sharing server: patience, bounds, and no secret where it does not belong."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest
from tests.intel.taxii.peer_servers import Asked, PeerServer, Said, peer_server

from cautery.errors import PeerError, UsageError
from cautery.intel.taxii import peer_connection
from cautery.intel.taxii.peer_connection import Patience, PeerConnection, check_answer
from cautery.records.key import Secret

CONTEXT = ssl.create_default_context()


def _connection(server: PeerServer, waits: list[float], **more: object) -> PeerConnection:
    patience = Patience(
        attempts=4, sleep=waits.append, now=lambda: 1_000_000_000.0, chance=lambda: 1.0
    )
    return PeerConnection(
        server.url,
        context=CONTEXT,
        token=Secret(b"the token"),
        patience=patience,
        **more,  # type: ignore[arg-type]
    )


def _in_turn(*said: Said) -> Callable[[int, Asked], Said]:
    return lambda number, _: said[min(number, len(said) - 1)]


def test_a_busy_server_is_asked_again_as_it_says() -> None:
    """Seconds, a date, and nothing at all: each has its wait, and then comes the answer."""
    date = "Sun, 09 Sep 2001 01:47:10 GMT"  # 30 seconds after the clock of this test
    busy = [
        Said(status=429, headers={"retry-after": "7"}),
        Said(status=503, headers={"retry-after": date}),
        Said(status=502),
    ]
    waits: list[float] = []
    with peer_server(_in_turn(*busy, Said(body=b'{"a":1}'))) as server:
        connection = _connection(server, waits)
        assert connection.get("/x/").body == b'{"a":1}'
        connection.close()
    assert waits == [7.0, 30.0, 4.0]


def test_a_lost_connection_is_made_anew() -> None:
    """A connection that breaks is made again, for pushes too."""
    waits: list[float] = []
    with peer_server(_in_turn(Said(body=None), Said(body=b"{}"))) as server:
        connection = _connection(server, waits)
        assert connection.post("/x/", b"body").body == b"{}"
        connection.close()
        assert [one[2] for one in server.asked] == [b"body", b"body"]
    assert waits == [1.0]


def test_patience_ends() -> None:
    """A server that stays busy, or asks for hours, is left alone with a word."""
    for said, count in (
        (Said(status=503), 3),
        (Said(status=429, headers={"retry-after": "9999"}), 0),
    ):
        waits: list[float] = []
        with peer_server(_in_turn(said)) as server:
            connection = _connection(server, waits)
            with pytest.raises(PeerError, match="busy"):
                connection.get("/x/")
            connection.close()
        assert len(waits) == count


def test_a_server_that_is_not_there_is_told() -> None:
    """What cannot be reached is an error of ours, after some patience."""
    with peer_server(_in_turn(Said())) as server:
        pass
    waits: list[float] = []
    with pytest.raises(PeerError, match="cannot be reached"):
        _connection(server, waits).get("/x/")
    assert len(waits) == 3


def test_an_answer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server cannot fill the memory."""
    monkeypatch.setattr(peer_connection, "MOST_ANSWER_BYTES", 1_000)
    with peer_server(_in_turn(Said(body=b"x" * 1_001))) as server:
        connection = _connection(server, [])
        with pytest.raises(PeerError, match="more than"):
            connection.get("/x/")
        connection.close()


def test_an_answer_that_is_cut_off_is_asked_for_again() -> None:
    """Fewer bytes than were promised are no answer; kept connections are used on."""
    cut = Said(body=b"{", headers={"content-length": "100", "connection": "close"})
    waits: list[float] = []
    with peer_server(_in_turn(Said(body=b'{"a":1}'), cut, Said(body=b'{"a":2}'))) as server:
        connection = _connection(server, waits)
        assert connection.get("/x/").body == b'{"a":1}'
        assert connection.get("/x/").body == b'{"a":2}'
        connection.close()
    assert len(waits) == 1


def test_a_server_cannot_drip_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole answer has its time, however steadily it comes."""
    monkeypatch.setattr(peer_connection, "ANSWER_SECONDS", -1.0)
    with peer_server(_in_turn(Said(body=b"{}"))) as server:
        connection = _connection(server, [])
        with pytest.raises(PeerError, match="answers more than"):
            connection.get("/x/")
        connection.close()


def test_redirects_are_not_followed() -> None:
    """The token goes nowhere else; the message says where the server points."""
    elsewhere = Said(status=302, headers={"location": "https://elsewhere.example/"})
    with peer_server(_in_turn(elsewhere)) as server:
        connection = _connection(server, [])
        with pytest.raises(PeerError, match=r"elsewhere\.example"):
            check_answer(connection.get("/x/"), server.url)
        connection.close()
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "said",
    [
        Said(status=401),
        Said(status=500, body=b"\xff\x1b[31m"),
        Said(headers={"content-type": "text/html"}),
        Said(headers={"content-type": "application/taxii+json;version=2.0"}),
    ],
    ids=["401", "500", "html", "2.0"],
)
def test_only_taxii_is_an_answer(said: Said) -> None:
    """Refusals and other languages are errors of ours."""
    with peer_server(_in_turn(said)) as server:
        connection = _connection(server, [])
        with pytest.raises(PeerError):
            check_answer(connection.get("/x/"), server.url)
        connection.close()


def test_the_token_is_sent_as_asked() -> None:
    """As Bearer, or as the password of a name."""
    with peer_server(_in_turn(Said())) as server:
        for name in ("", "acme"):
            connection = _connection(server, [], name=name)
            connection.get("/x/")
            connection.close()
        sent = [one["authorization"] for one in server.headers]
        assert sent == ["Bearer the token", "Basic YWNtZTp0aGUgdG9rZW4="]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://a/b/",
        "https://",
        "https://user:secret@a/b/",
        "https://a/b/?x=1",
        "https://a/b c/",
        "https://a:0/",
        "https://a:b/",
        "http://peer.example/api/collections/one/",
        "https://a/\x00",
    ],
    ids=range(10),
)
def test_what_is_no_url_of_a_collection_is_refused(url: str) -> None:
    """Neither is a token sent in clear to another machine."""
    with pytest.raises(UsageError):
        PeerConnection(url, context=CONTEXT)
