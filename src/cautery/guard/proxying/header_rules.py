"""Which headers go on, and which are written anew.

A header that says where a request comes from, who vouches for it or how it is framed is never
passed on as a client wrote it. Neither is one whose name has an underscore: servers in the manner
of CGI take ``x_forwarded_for`` for ``x-forwarded-for``.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from cautery.guard.proxying.answer_heads import AnswerHead
from cautery.guard.proxying.request_head import RequestHead
from cautery.guard.proxying.settings import UpstreamSettings
from cautery.records.key import Secret

_HOP_BY_HOP: Final = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer "
    b"transfer-encoding upgrade http2-settings".split()
)
_WRITTEN_ANEW: Final = frozenset(
    b"host content-length expect accept-encoding x-request-id request-id via".split()
)
_VOUCHED_FOR: Final = frozenset(
    b"forwarded x-real-ip x-client-ip x-cluster-client-ip true-client-ip cf-connecting-ip "
    b"fastly-client-ip x-original-url x-rewrite-url x-original-forwarded-for x-user-id "
    b"x-remote-user x-http-method-override x-method-override x-envoy-external-address".split()
)
_OURS: Final = (b"x-forwarded-", b"x-cautery-", b"x-watermark", b"x-envoy-", b"proxy-")
NOT_PASSED: Final = _HOP_BY_HOP | _WRITTEN_ANEW | _VOUCHED_FOR
"""Headers of a request that never go on as the client wrote them."""
_CREDENTIALS: Final = frozenset({b"authorization", b"x-api-key", b"api-key", b"dpop"})
_NOT_RETURNED: Final = _HOP_BY_HOP | {b"content-length", b"x-request-id", b"request-id"}
_OWN_LINES: Final = b"%b%bx-request-id: %b\r\nx-forwarded-for: %b\r\nx-forwarded-proto: %b\r\n\r\n"
_MOST_KNOWN: Final = 512
_REASONS: Final = {status.value: status.phrase.encode() for status in HTTPStatus}
_START_LINES: Final = {
    code: b"HTTP/1.1 %d %b\r\n" % (code, reason) for code, reason in _REASONS.items()
}


class HeaderRules:
    """Writes heads of requests to one server.

    Args:
        upstream: The server.
        stripped: Further headers that no client may send, in lower case.
        tag_header: Header of the watermark key's identifier, empty for none.
    """

    def __init__(
        self, upstream: UpstreamSettings, stripped: frozenset[str], tag_header: str
    ) -> None:
        dropped = NOT_PASSED | {name.encode() for name in stripped}
        if tag_header:
            dropped |= {tag_header.encode()}
        self._credential = b""
        if upstream.credential != "forward":
            dropped |= _CREDENTIALS
        if isinstance(upstream.credential, Secret):
            self._credential = b"authorization: Bearer %b\r\n" % upstream.credential.reveal()
        self._dropped = dropped
        self._known: dict[bytes, bool] = {}
        self._base = upstream.base_path.encode()
        self._host = b"host: %b\r\naccept-encoding: identity\r\n" % upstream.host_header.encode()
        self._tag_header = tag_header.encode()

    def _passes(self, name: bytes) -> bool:
        """Say whether a header goes on, and remember it of the first names that come."""
        passes = not (name in self._dropped or b"_" in name or name.startswith(_OURS))
        if len(self._known) < _MOST_KNOWN:
            self._known[name] = passes
        return passes

    def request_head(
        self,
        head: RequestHead,
        *,
        length: int,
        request_id: str,
        client_address: str,
        scheme: bytes,
        key_id: str = "",
    ) -> bytes:
        """Write the head of a request to the server.

        Args:
            head: As the client sent it.
            length: Bytes of the body that goes with it.
            request_id: Given by the guard.
            client_address: After trusted proxies.
            scheme: How the client reached the guard: ``http`` or ``https``.
            key_id: Identifier of the watermark key, empty for none.

        Returns:
            The head, the empty line at its end included.
        """
        # A connection's requests share their head, so that this is written once; see HeadReader.
        if head.passed_by is not self:
            head.passed_by, head.passed_lines = self, self._passed_lines(head)
        framing = b"content-length: %d\r\n" % length if length or head.method == "POST" else b""
        if self._tag_header and key_id:
            framing += b"%b: %b\r\n" % (self._tag_header, key_id.encode())
        return _OWN_LINES % (
            head.passed_lines,
            framing,
            request_id.encode(),
            client_address.encode(),
            scheme,
        )

    def _passed_lines(self, head: RequestHead) -> bytes:
        """Write the request line and the headers that go on."""
        lines = [
            b"%b %b%b HTTP/1.1\r\n" % (head.method.encode(), self._base, head.target.encode()),
            self._host,
        ]
        named = head.named.get(b"connection")
        unwanted = {word.strip().lower() for word in named.split(b",")} if named else ()
        for name, value in head.headers:
            passes = self._known.get(name)
            if passes is None:
                passes = self._passes(name)
            if passes and name not in unwanted:
                lines.append(b"%b: %b\r\n" % (name, value))
        lines.append(self._credential)
        return b"".join(lines)


def is_returned(name: bytes) -> bool:
    """Say whether a header of an answer goes on to the client as the server wrote it."""
    return name not in _NOT_RETURNED and not name.startswith(b"x-cautery-")


def status_line(status_code: int) -> bytes:
    """Write the first line of an answer.

    Args:
        status_code: Its status.

    Returns:
        The line, its end included.
    """
    return _START_LINES.get(status_code) or b"HTTP/1.1 %d \r\n" % status_code


def answer_head(
    status_code: int, headers: list[tuple[bytes, bytes]], request_id: str, framing: bytes
) -> bytes:
    """Write the head of an answer to a client.

    Args:
        status_code: The server's.
        headers: The server's, names in lower case.
        request_id: Of the request.
        framing: Lines that say how the body ends and whether the connection stays.

    Returns:
        The head, the empty line at its end included.
    """
    return _head_of(_returned_lines(status_code, headers), request_id, framing)


def relayed_head(head: AnswerHead, request_id: str, framing: bytes) -> bytes:
    """Write the head of the server's answer to a client.

    Args:
        head: The server's.
        request_id: Of the request.
        framing: Lines that say how the body ends and whether the connection stays.

    Returns:
        The head, the empty line at its end included.
    """
    # Answers of a connection share their head, so that this is written once; see KnownHead.
    if not head.returned_lines:
        head.returned_lines = _returned_lines(head.status_code, head.headers)
    return _head_of(head.returned_lines, request_id, framing)


def _returned_lines(status_code: int, headers: list[tuple[bytes, bytes]]) -> bytes:
    lines = [b"%b: %b\r\n" % pair for pair in headers if is_returned(pair[0])]
    return status_line(status_code) + b"".join(lines)


def _head_of(lines: bytes, request_id: str, framing: bytes) -> bytes:
    identifier = request_id.encode()
    return b"%bx-request-id: %b\r\nrequest-id: %b\r\n%b\r\n" % (
        lines,
        identifier,
        identifier,
        framing,
    )
