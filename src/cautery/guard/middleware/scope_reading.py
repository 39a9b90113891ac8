"""Reads an ASGI scope with as little forgiveness as the proxy has for a head.

The server has parsed the request already, so that its framing is not a question any more. What is
left are headers that stand twice, and paths with two spellings.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import msgspec

from cautery.guard.middleware.messages import Scope
from cautery.guard.proxying.client_addresses import plain_address
from cautery.guard.proxying.presenting import certificate_of, credential_of
from cautery.guard.proxying.request_head import MOST_HEADERS, SINGLE_HEADERS
from cautery.guard.proxying.settings import ExchangeSettings
from cautery.records.identity import Presented

_REWRITTEN: Final = frozenset(
    b"content-length transfer-encoding accept-encoding x-request-id request-id expect".split()
)
"""Headers that are written anew, or whose work is done."""
_OURS: Final = (b"x-cautery-", b"x-watermark")
"""Beginnings of names by which guards speak to engines."""
_PASSED_ON: Final = frozenset({"tls"})
"""Extensions the application may use; the others send answers that the guard does not see."""


class ScopeHead(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a request that has one reading."""

    method: str
    """As the client wrote it."""
    target: str
    """Path and query, as on the request line."""
    headers: list[tuple[bytes, bytes]]
    """Names in lower case and values, in the order of the wire."""
    named: dict[bytes, bytes]
    """The same, by name."""
    peer: str
    """Address of the other end, empty if it is not known."""
    scheme: bytes
    """``http`` or ``https``."""
    certificate: bytes
    """The client's, in DER; empty if it has none, or the server does not say."""

    @property
    def header_order(self) -> str:
        """Names in the order of the wire."""
        return b",".join([name for name, _ in self.headers]).decode("latin-1")


def read_scope(scope: Scope) -> ScopeHead | None:
    """Read the scope of a request.

    Args:
        scope: Of type ``http``.

    Returns:
        The head; None if it can be read in more than one way.

    Example:
        >>> head = read_scope({"method": "GET", "path": "/v1/models", "headers": []})
        >>> head.target, head.peer
        ('/v1/models', '')
    """
    headers = [(bytes(name).lower(), bytes(value)) for name, value in scope["headers"]]
    named: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in named and name in SINGLE_HEADERS:
            return None
        named[name] = value
    if len(headers) > MOST_HEADERS:
        return None
    client = scope.get("client")
    return ScopeHead(
        method=scope["method"],
        target=_target(scope),
        headers=headers,
        named=named,
        peer=plain_address(str(client[0])) if client else "",
        scheme=str(scope.get("scheme", "http")).encode(),
        certificate=_certificate(scope),
    )


def _target(scope: Scope) -> str:
    raw = scope.get("raw_path")
    path = scope["path"] if raw is None else bytes(raw).partition(b"?")[0].decode("latin-1")
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    return f"{path}?{query}" if query else str(path)


def _certificate(scope: Scope) -> bytes:
    """Take the client's certificate of the TLS extension (asgi.readthedocs.io, specs/tls)."""
    tls = (scope.get("extensions") or {}).get("tls") or {}
    chain = tls.get("client_cert_chain") or ()
    try:
        return ssl.PEM_cert_to_DER_cert(chain[0]) if chain else b""
    except ValueError:
        return b""


def presented_in(
    head: ScopeHead, client_address: str, arrived_at: datetime, settings: ExchangeSettings
) -> Presented:
    """Take out of a request what it presents to say whose it is.

    Args:
        head: Of the request.
        client_address: After trusted proxies.
        arrived_at: When; UTC.
        settings: Which proxies are trusted to tell a client's certificate.

    Returns:
        What it presents.
    """
    scheme, credential = credential_of(head.named)
    proofs = tuple(value.decode("latin-1") for name, value in head.headers if name == b"dpop")
    host = head.named.get(b"host", b"").decode("latin-1")
    url = f"{head.scheme.decode()}://{host}{head.target.partition('?')[0]}"
    return Presented(
        credential=credential,
        scheme=scheme,
        arrived_at=arrived_at,
        client_address=client_address,
        method=head.method,
        url=url if proofs else "",
        proofs=proofs,
        client_certificate=certificate_of(head.headers, head.peer, head.certificate, settings),
    )


def passed_scope(
    scope: Scope,
    head: ScopeHead,
    *,
    length: int,
    request_id: str,
    stripped: Collection[str] = (),
    tag_header: str = "",
    key_id: str = "",
) -> dict[str, Any]:
    """Write the scope that the application gets.

    Args:
        scope: As it came.
        head: Of the request.
        length: Bytes of the body that goes with it.
        request_id: Given by the guard.
        stripped: Further headers that no client may send, in lower case.
        tag_header: Header of the watermark key's identifier, empty for none.
        key_id: The identifier, empty for none.

    Returns:
        The scope: the guard's request id, a length that was counted, no compression of what the
        guard has to read, and no extension by which an answer could go round it.
    """
    dropped = {name.encode() for name in (*stripped, tag_header) if name}
    headers = [
        (name, value)
        for name, value in head.headers
        if name not in _REWRITTEN and name not in dropped and not name.startswith(_OURS)
    ]
    headers += [(b"accept-encoding", b"identity"), (b"x-request-id", request_id.encode())]
    if length or head.method == "POST":
        headers.append((b"content-length", str(length).encode()))
    if tag_header and key_id:
        headers.append((tag_header.encode(), key_id.encode()))
    extensions = scope.get("extensions") or {}
    kept = {name: value for name, value in extensions.items() if name in _PASSED_ON}
    return {**scope, "headers": headers, "extensions": kept}
