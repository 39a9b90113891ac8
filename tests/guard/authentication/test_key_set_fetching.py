"""Fetching keys from a real server: bounded, and from nowhere else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from tests.guard.authentication.key_servers import KeyServer, serving

from cautery.errors import ConfigurationError
from cautery.guard.authentication.key_set import LARGEST_KEY_SET
from cautery.guard.authentication.key_set_fetching import fetch_key_set


@pytest.fixture
def server() -> Iterator[KeyServer]:
    """A server that answers with an empty set."""
    with serving(KeyServer()) as state:
        yield state


def test_the_body_is_fetched(server: KeyServer) -> None:
    """What the server answers, to the last byte."""
    assert fetch_key_set(server.url) == b'{"keys": []}'


def test_redirections_are_not_followed(server: KeyServer) -> None:
    """An issuer's web server does not choose another place."""
    server.status, server.location = 302, server.url
    with pytest.raises(ConfigurationError, match="302"):
        fetch_key_set(server.url)
    assert server.asked == 1


def test_errors_of_the_server(server: KeyServer) -> None:
    """Any other answer is none."""
    server.status = 500
    with pytest.raises(ConfigurationError, match="500"):
        fetch_key_set(server.url)


def test_no_end(server: KeyServer) -> None:
    """A body without end is left where it is."""
    server.raw = b" " * (LARGEST_KEY_SET + 1)
    with pytest.raises(ConfigurationError, match="no end"):
        fetch_key_set(server.url)


def test_a_server_that_drips(server: KeyServer) -> None:
    """The time is for the whole answer, not for each byte."""
    server.drip_seconds = 60.0
    with pytest.raises(ConfigurationError, match=r"127\.0\.0\.1"):
        fetch_key_set(server.url, seconds=0.2)


def raw_server(answer: bytes, *, stays: bool) -> tuple[str, socket.socket]:
    """Answer one request with these bytes, then close, or keep the connection open."""
    listener = socket.create_server(("127.0.0.1", 0))

    def work() -> None:
        client, _address = listener.accept()
        with client:
            client.recv(65_536)
            client.sendall(answer)
            if stays:
                client.settimeout(20)
                client.recv(1)

    threading.Thread(target=work, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/keys", listener


def test_a_closing_server_that_never_ends() -> None:
    """The time ends an answer too after which the connection is to be closed."""
    url, listener = raw_server(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{", stays=True)
    with listener, pytest.raises(ConfigurationError, match=r"within|fetched"):
        fetch_key_set(url, seconds=0.3)


def test_half_a_body() -> None:
    """An answer that ends before its length is none."""
    url, listener = raw_server(
        b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"keys": []}', stays=False
    )
    with listener, pytest.raises(ConfigurationError, match="half"):
        fetch_key_set(url)


def test_nobody_there(server: KeyServer) -> None:
    """A port that nobody listens on is an error of the tree."""
    with pytest.raises(ConfigurationError, match="cannot be fetched"):
        fetch_key_set("http://127.0.0.1:1/keys")


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/keys", "ftp://127.0.0.1/keys", "file:///etc/passwd", "keys"]
)
def test_addresses_that_are_never_asked(url: str) -> None:
    """Without TLS only this machine is asked, and only by HTTP."""
    with pytest.raises(ConfigurationError):
        fetch_key_set(url)


def test_a_certificate_of_nobody(server: KeyServer) -> None:
    """A server that speaks no TLS, or whose certificate nobody vouches for, is not believed."""
    with pytest.raises(ConfigurationError, match="cannot be fetched"):
        fetch_key_set(server.url.replace("http:", "https:"), seconds=2.0)
