"""The head of a request, by a grammar that leaves no room for two readings.

Request smuggling lives on what one parser forgives and the next does not (RFC 9112, section 11.2).
So nothing is forgiven here: no bare line feed, no folded line, no blank before a colon, one
``host``, at most one length, never both a length and chunks. The head is matched as a whole before
any of it is used. What goes on to the server is written anew, with a length that the guard counted.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from cautery.guard.answers import Refusal
from cautery.records.identity import CredentialScheme
from cautery.records.key import Secret

_HEAD: Final = re.compile(
    rb"([A-Z]{1,16}+) ([\x21-\x7e]++) HTTP/1\.([01])\r\n"
    rb"((?>[!#$%&'*+.^_`|~0-9A-Za-z-]++:[\t\x20-\x7e\x80-\xff]*+\r\n)*+)\r\n"
)
"""Nothing in it goes back over what it matched, so that its time grows with the length only."""
_HOST: Final = re.compile(rb"[A-Za-z0-9._~-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_MOST_DIGITS: Final = 15
_LENGTH_LINE: Final = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})(?=\r\n)", re.IGNORECASE)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})
"""What is passed on; CONNECT and TRACE have no business with a model server."""
ALLOW: Final = ("allow", ", ".join(sorted(METHODS)))
"""Header that goes with 405 (RFC 9110, section 15.5.6)."""
_BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_HEADERS: Final = 100


class BadHeadError(ValueError):
    """A head that is refused; nothing of it is in the text."""

    def __init__(self, refusal: Refusal, reason: str) -> None:
        super().__init__(reason)
        self.refusal: Refusal = refusal


class RequestHead(msgspec.Struct, kw_only=True):
    """A head that has one reading; what is worked out from it once is kept with it."""

    method: str
    """One of ``METHODS``."""
    target: str
    """As on the request line; printable ASCII."""
    headers: list[tuple[bytes, bytes]]
    """Names in lower case and values without blanks around them, in the order of the wire."""
    named: dict[bytes, bytes]
    """The same, by name; of a repeated name the last."""
    content_length: int
    """Bytes of the body, 0 without one; not known if ``chunked``."""
    chunked: bool
    """Whether the body comes in chunks."""
    keep_alive: bool
    """Whether the client wants to send more on this connection."""
    http_1_1: bool
    """Whether the client speaks HTTP/1.1, and not 1.0."""
    expects_continue: bool
    """Whether it waits for a word before it sends the body."""
    header_order: str = ""
    """Names in the order of the wire, as the exchange table has them."""
    credential: Secret | None = None
    """What it presents, once that was looked for (``presenting``)."""
    scheme: CredentialScheme = ""
    """How."""
    passed_by: object = None
    """Whose ``passed_lines`` these are (``header_rules``)."""
    passed_lines: bytes = b""
    """What goes on to the server of it."""


def values_of(head: RequestHead, name: bytes) -> list[bytes]:
    """Give the values of a header, in the order of the wire.

    Args:
        head: As it was read.
        name: In lower case.

    Returns:
        One for each time that it stands there.
    """
    value = head.named.get(name)
    if value is None:
        return []
    if len(head.named) == len(head.headers):
        return [value]
    return [value for one, value in head.headers if one == name]


def parse_head(head: bytes) -> RequestHead:
    r"""Read a head.

    Args:
        head: All of it, the empty line at its end included.

    Returns:
        The head.

    Raises:
        BadHeadError: It can be read in more than one way, or asks for what is not served.

    Example:
        >>> parse_head(b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n").target
        '/v1/models'
    """
    match = _HEAD.fullmatch(head)
    if match is None:
        raise BadHeadError("bad_request", "the head is not one of HTTP/1.1")
    verb, target, minor, block = match.groups()
    headers = []
    named: dict[bytes, bytes] = {}
    lines = block.split(b"\r\n")
    lines.pop()
    for line in lines:
        name, _, value = line.partition(b":")
        name = name.lower()
        named[name] = value = value.strip(b" \t")
        headers.append((name, value))
    if len(headers) > MOST_HEADERS:
        raise BadHeadError("head_too_large", "too many headers")
    method, http_1_1 = verb.decode(), minor == b"1"
    if method not in METHODS:
        raise BadHeadError("method_not_allowed", "the method is not served")
    if len(named) != len(headers):
        _refuse_repeated(headers)
    _check_host(named, http_1_1)
    chunked = _is_chunked(named, http_1_1)
    length = 0 if chunked else _length(named)
    if (chunked or length) and method in _BODILESS:
        raise BadHeadError("bad_request", f"a body under {method}")
    return RequestHead(
        method=method,
        target=target.decode(),
        headers=headers,
        named=named,
        content_length=length,
        chunked=chunked,
        keep_alive=_keeps_alive(named.get(b"connection", b"").lower(), http_1_1),
        http_1_1=http_1_1,
        expects_continue=b"expect" in named and _expects(named[b"expect"]),
        header_order=b",".join([name for name, _ in headers]).decode("latin-1"),
    )


SINGLE_HEADERS: Final = frozenset(
    {
        b"host",
        b"content-length",
        b"transfer-encoding",
        b"content-type",
        b"content-encoding",
        b"authorization",
        b"x-api-key",
        b"expect",
        b"connection",
    }
)
"""Headers of which one parser takes the first and another the last."""


def _refuse_repeated(headers: list[tuple[bytes, bytes]]) -> None:
    seen = set()
    for name, _ in headers:
        if name in SINGLE_HEADERS and name in seen:
            raise BadHeadError("bad_request", "a header that may stand once stands twice")
        seen.add(name)


def _check_host(named: dict[bytes, bytes], http_1_1: bool) -> None:
    host = named.get(b"host")
    if host is None:
        if http_1_1:
            raise BadHeadError("bad_request", "no host")
    elif not _is_host(host):
        raise BadHeadError("bad_request", "the host is not one")


@lru_cache(maxsize=256)
def _is_host(host: bytes) -> bool:
    return _HOST.fullmatch(host) is not None


def _is_chunked(named: dict[bytes, bytes], http_1_1: bool) -> bool:
    encoding = named.get(b"transfer-encoding")
    if encoding is None:
        return False
    if not http_1_1 or b"content-length" in named or encoding.lower() != b"chunked":
        raise BadHeadError("bad_request", "two ways to tell where the body ends, or an unknown one")
    return True


def _length(named: dict[bytes, bytes]) -> int:
    written = named.get(b"content-length")
    if written is None:
        return 0
    if not written.isdigit() or len(written) > _MOST_DIGITS:
        raise BadHeadError("bad_request", "the length is no number")
    return int(written)


def _keeps_alive(connection: bytes, http_1_1: bool) -> bool:
    if not connection:
        return http_1_1
    words = {word.strip() for word in connection.split(b",")}
    return b"close" not in words if http_1_1 else b"keep-alive" in words


def _expects(expectation: bytes) -> bool:
    if expectation.lower() != b"100-continue":
        raise BadHeadError("expectation_failed", "an expectation that is not known")
    return True


class HeadReader:
    r"""Reads the heads of one connection, most of which differ in their length only.

    A client library sends the same head with every request of a connection but for
    ``content-length``. If what is left without that line is what was read before, to the byte, it
    means what it meant before.

    Example:
        >>> reader = HeadReader()
        >>> first = reader.read(b"POST /v1/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
        >>> again = reader.read(b"POST /v1/a HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n")
        >>> again is first, reader.length
        (True, 7)
    """

    __slots__ = ("_after", "_before", "last", "length")

    def __init__(self) -> None:
        # What stands before the length and after it, blanks and ends of lines included.
        self._before = self._after = b""
        self.last: RequestHead | None = None
        """The head that ``begins`` compares with."""
        self.length = 0
        """Bytes of the body of the head that was read last; its own ``content_length`` is that of
        the first of its kind."""

    def read(self, content: bytes) -> RequestHead:
        """Read a head.

        Args:
            content: All of it, the empty line at its end included.

        Returns:
            The head, shared between requests that differ in their length only.

        Raises:
            BadHeadError: As of ``parse_head``.
        """
        if self.last is not None and self.begins(content) == len(content):
            return self.last
        self.last = None
        head = parse_head(content)
        self.length = head.content_length
        match = _LENGTH_LINE.search(content)
        if match is not None:
            self.last = head
            self._before, self._after = content[: match.start(1)], content[match.end(1) :]
        return head

    def begins(self, content: bytes) -> int:
        """Say whether bytes begin with a head that differs from the last one in its length only.

        Args:
            content: As it came from the network.

        Returns:
            Bytes of that head, whose body has ``length`` bytes; 0 if it may be another one.
        """
        before = self._before
        if self.last is None or not content.startswith(before):
            return 0
        begin = len(before)
        end = content.find(b"\r", begin, begin + _MOST_DIGITS + 1)
        digits = content[begin:end]
        if end < 0 or not digits.isdigit() or not content.startswith(self._after, end):
            return 0
        self.length = int(digits)
        return end + len(self._after)
