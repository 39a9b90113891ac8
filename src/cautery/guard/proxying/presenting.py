"""What a request presents to say whose it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from cautery.guard.authentication.client_certificate import forwarded_certificate
from cautery.records.identity import CredentialScheme, Presented
from cautery.records.key import Secret
from cautery.records.making import maker_of

if TYPE_CHECKING:
    from cautery.guard.proxying.client_side import ClientSide
    from cautery.guard.proxying.request_head import RequestHead
    from cautery.guard.proxying.settings import ExchangeSettings

_made_presented: Final = maker_of(Presented)
_SCHEMES: Final[dict[bytes, Literal["bearer", "dpop"]]] = {b"bearer": "bearer", b"dpop": "dpop"}


def presented_by(
    head: RequestHead,
    connection: ClientSide,
    client_address: str,
    arrived_at: datetime,
    settings: ExchangeSettings,
) -> Presented:
    """Take the credential out of a request.

    OpenAI's libraries send ``authorization: Bearer``, Anthropic's ``x-api-key``; if a request has
    both, the first counts, since it is the one that can be bound to a proof.

    Args:
        head: Of the request.
        connection: The client's.
        client_address: After trusted proxies.
        arrived_at: When; UTC.
        settings: Which proxies are trusted to tell a client's certificate.

    Returns:
        What it presents.
    """
    named = head.named
    if head.credential is None:
        head.scheme, head.credential = credential_of(named)
    proofs: tuple[str, ...] = ()
    if b"dpop" in named:
        proofs = tuple(value.decode("latin-1") for name, value in head.headers if name == b"dpop")
    certificate = connection.certificate
    if settings.certificate_header:
        certificate = certificate_of(head.headers, connection.peer, certificate, settings)
    return _made_presented(
        credential=head.credential,
        scheme=head.scheme,
        arrived_at=arrived_at,
        client_address=client_address,
        method=head.method,
        url=_url(head, connection.scheme) if proofs else "",
        proofs=proofs,
        client_certificate=certificate,
    )


def certificate_of(
    headers: Iterable[tuple[bytes, bytes]], peer: str, own: bytes, settings: ExchangeSettings
) -> bytes:
    """Find the client's certificate.

    Args:
        headers: Of the request, names in lower case.
        peer: Address of the other end.
        own: The certificate of our own TLS, in DER; empty if there is none.
        settings: Which proxies are trusted to tell a client's certificate, and how they do.

    Returns:
        That of our own TLS; of a trusted proxy that tells, what it tells alone.
    """
    name = settings.certificate_header
    if not name or not settings.proxies.trusts(peer):
        return own
    values = [value for other, value in headers if other == name]
    return forwarded_certificate(values, settings.certificate_form, peer_is_trusted=True)


def credential_of(named: dict[bytes, bytes]) -> tuple[CredentialScheme, Secret]:
    """Find the credential among headers by name, and how it is presented; empty if none."""
    scheme: CredentialScheme = ""
    credential = b""
    authorization = named.get(b"authorization")
    if authorization is not None:
        word, _, rest = authorization.partition(b" ")
        scheme = _SCHEMES.get(word.lower(), "")
        credential = rest.strip() if scheme else b""
    if not credential and b"x-api-key" in named:
        scheme, credential = "api-key", named[b"x-api-key"]
    return scheme if credential else "", Secret(credential)


def _url(head: RequestHead, scheme: bytes) -> str:
    host = head.named.get(b"host", b"").decode("latin-1")
    return f"{scheme.decode()}://{host}{head.target.partition('?')[0]}"
