"""Heads of requests: one reading, or none."""

from __future__ import annotations

from typing import Any

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.proxying.request_head import BadHeadError, parse_head

START = b"POST /v1/chat/completions HTTP/1.1\r\n"


def head_of(*lines: bytes, start: bytes = START) -> bytes:
    return start + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


SMUGGLED: dict[str, bytes] = {
    "length and chunks": head_of(b"Host: a", b"Content-Length: 5", b"Transfer-Encoding: chunked"),
    "two equal lengths": head_of(b"Host: a", b"Content-Length: 5", b"Content-Length: 5"),
    "two lengths": head_of(b"Host: a", b"Content-Length: 5", b"Content-Length: 6"),
    "list of lengths": head_of(b"Host: a", b"Content-Length: 5, 5"),
    "signed length": head_of(b"Host: a", b"Content-Length: +5"),
    "hexadecimal length": head_of(b"Host: a", b"Content-Length: 0x5"),
    "negative length": head_of(b"Host: a", b"Content-Length: -1"),
    "empty length": head_of(b"Host: a", b"Content-Length:"),
    "length with a blank inside": head_of(b"Host: a", b"Content-Length: 1 0"),
    "blank before the colon": head_of(b"Host: a", b"Content-Length : 5"),
    "tab before the colon": head_of(b"Host: a", b"Transfer-Encoding\t: chunked"),
    "folded line": head_of(b"Host: a", b"X: 1", b" Content-Length: 5"),
    "folded first line": head_of(b" Host: a"),
    "bare line feed": START + b"Host: a\nContent-Length: 5\r\n\r\n",
    "bare carriage return": START + b"Host: a\rContent-Length: 5\r\n\r\n",
    "only line feeds": b"POST / HTTP/1.1\nHost: a\n\n",
    "NUL in a value": head_of(b"Host: a", b"X: a\x00b"),
    "NUL in a name": head_of(b"Host: a", b"X\x00: a"),
    "chunked twice": head_of(b"Host: a", b"Transfer-Encoding: chunked, chunked"),
    "chunked with more": head_of(b"Host: a", b"Transfer-Encoding: gzip, chunked"),
    "chunked in quotes": head_of(b"Host: a", b'Transfer-Encoding: "chunked"'),
    "not quite chunked": head_of(b"Host: a", b"Transfer-Encoding: xchunked"),
    "vertical tab": head_of(b"Host: a", b"Transfer-Encoding: \x0bchunked"),
    "two encodings": head_of(
        b"Host: a", b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"
    ),
    "chunks in HTTP/1.0": head_of(
        b"Host: a", b"Transfer-Encoding: chunked", start=b"POST / HTTP/1.0\r\n"
    ),
    "no host": head_of(b"X: 1"),
    "two hosts": head_of(b"Host: a", b"Host: b"),
    "host with a path": head_of(b"Host: a/b"),
    "host with a user": head_of(b"Host: x@a"),
    "two credentials": head_of(b"Host: a", b"Authorization: Bearer a", b"Authorization: Bearer b"),
    "HTTP/2.0": head_of(b"Host: a", start=b"POST / HTTP/2.0\r\n"),
    "HTTP/1.2": head_of(b"Host: a", start=b"POST / HTTP/1.2\r\n"),
    "HTTP/0.9": b"GET /\r\n\r\n",
    "two blanks": head_of(b"Host: a", start=b"POST  / HTTP/1.1\r\n"),
    "blank in the target": head_of(b"Host: a", start=b"POST /a b HTTP/1.1\r\n"),
    "lower-case method": head_of(b"Host: a", start=b"post / HTTP/1.1\r\n"),
    "empty line first": b"\r\n" + head_of(b"Host: a"),
    "no colon": head_of(b"Host: a", b"X"),
    "empty name": head_of(b"Host: a", b": x"),
    "body under GET": head_of(b"Host: a", b"Content-Length: 5", start=b"GET / HTTP/1.1\r\n"),
    "tunnel": head_of(b"Host: a", start=b"CONNECT a:443 HTTP/1.1\r\n"),
    "trace": head_of(b"Host: a", start=b"TRACE / HTTP/1.1\r\n"),
    "unknown expectation": head_of(b"Host: a", b"Expect: 200-ok"),
    "too many headers": head_of(b"Host: a", *[b"X-%d: 1" % i for i in range(200)]),
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_refuses(name: str) -> None:
    """What two parsers may read in two ways is refused."""
    with pytest.raises(BadHeadError):
        parse_head(SMUGGLED[name])


def test_reads_an_ordinary_head() -> None:
    """What client libraries send is read."""
    head = parse_head(
        head_of(b"Host: api.example.org:8443", b"Content-Length: 12", b"X-Stainless-Lang:  python ")
    )
    assert (head.method, head.target, head.content_length) == ("POST", "/v1/chat/completions", 12)
    assert head.named[b"x-stainless-lang"] == b"python"
    assert head.keep_alive
    assert not head.expects_continue


@pytest.mark.parametrize(
    ("version", "connection", "keeps"),
    [
        (b"1.1", b"", True),
        (b"1.1", b"close", False),
        (b"1.1", b"X, Close", False),
        (b"1.1", b"keep-alive", True),
        (b"1.0", b"", False),
        (b"1.0", b"keep-alive", True),
    ],
)
def test_keeps_connections_alive_as_told(version: bytes, connection: bytes, keeps: bool) -> None:
    """The rules of RFC 9112, section 9.3."""
    lines = [b"Host: a", *([b"Connection: " + connection] if connection else [])]
    assert parse_head(head_of(*lines, start=b"GET / HTTP/" + version + b"\r\n")).keep_alive == keeps


class Reference:
    """What llhttp reads."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.target = b""

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value.strip(b" \t")))


PIECES = st.sampled_from(
    [
        *SMUGGLED.values(),
        head_of(b"Host: a"),
        head_of(b"Host: [::1]:80", b"Content-Length: 3"),
        head_of(b"Host: a", b"transfer-encoding: chunked"),
    ]
)


@given(PIECES, st.data())
def test_whatever_is_accepted_llhttp_reads_alike(head: bytes, data: Any) -> None:
    """A mutated head that is accepted has the same target and headers for another parser."""
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(head)))
        piece = data.draw(st.binary(max_size=2) | st.sampled_from([b"\r\n", b" ", b":", b"\n"]))
        head = head[:place] + piece + head[place + data.draw(st.integers(0, 2)) :]
    try:
        ours = parse_head(head)
    except BadHeadError:
        return
    reference = Reference()
    parser = httptools.HttpRequestParser(reference)
    try:
        parser.feed_data(head)
    except httptools.HttpParserUpgrade:
        return
    assert reference.target.decode() == ours.target
    assert reference.headers == ours.headers
    assert parser.get_method().decode() == ours.method
