"""Fetches the public keys of an issuer: bounded in size and time, from the address it was told."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import suppress
from typing import Final
from urllib.parse import SplitResult, urlsplit

from cautery.errors import ConfigurationError
from cautery.guard.authentication.key_set import LARGEST_KEY_SET
from cautery.guard.authentication.token_issuer import check_url

FETCH_SECONDS: Final = 5.0
"""For the whole answer: an issuer that drips bytes is as good as none."""


def fetch_key_set(
    url: str,
    *,
    seconds: float = FETCH_SECONDS,
    trust: ssl.SSLContext | None = None,
) -> bytes:
    """Fetch a key set.

    Redirections are not followed: they would let an issuer's web server choose another host, and
    the address is the operator's word. Proxies of the environment are not used.

    Args:
        url: Its address.
        seconds: How long it may take as a whole.
        trust: Certificates to trust; the system's if None.

    Returns:
        The body of the answer.

    Raises:
        ConfigurationError: It cannot be fetched; the guard goes on with the keys that it has.
    """
    check_url(url, url)
    parts = urlsplit(url)
    connection = _connection(parts, seconds, trust)
    # A timeout of the socket is for one wait only; this one ends the whole. The socket is kept
    # apart, because a connection that is to be closed after its answer forgets its own.
    held: list[socket.socket] = []
    late = threading.Event()
    ending = threading.Timer(seconds, _cut, [held, late])
    ending.daemon = True
    ending.start()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.connect()
        held.append(connection.sock)
        connection.request("GET", path, headers={"accept": "application/json"})
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise ConfigurationError(f"the issuer answered with {answer.status}", where=url)
        body = _body(answer, url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ConfigurationError(
            f"keys cannot be fetched ({type(error).__name__})", where=url
        ) from error
    finally:
        ending.cancel()
        connection.close()
    if late.is_set():
        # A body without a length ends where the connection was cut.
        raise ConfigurationError(f"keys did not come within {seconds:g} s", where=url)
    return body


def _connection(
    parts: SplitResult, seconds: float, trust: ssl.SSLContext | None
) -> http.client.HTTPConnection:
    host, port = parts.hostname or "", parts.port
    if parts.scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=seconds)
    context = trust or ssl.create_default_context()
    return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)


def _body(answer: http.client.HTTPResponse, url: str) -> bytes:
    body = answer.read(LARGEST_KEY_SET + 1)
    if len(body) > LARGEST_KEY_SET:
        raise ConfigurationError("a key set that has no end", where=url)
    if answer.length:
        raise ConfigurationError("half a key set", where=url)
    return body


def _cut(held: list[socket.socket], late: threading.Event) -> None:
    late.set()
    for stream in held:
        with suppress(OSError):
            stream.shutdown(socket.SHUT_RDWR)
