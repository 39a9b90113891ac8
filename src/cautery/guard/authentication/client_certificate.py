"""Certificates that a credential is bound to (RFC 8705): of our TLS, or told by a proxy."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final, Literal
from urllib.parse import unquote_to_bytes

from cautery.guard.authentication.compact_token import base64url

LARGEST_CERTIFICATE: Final = 16_384
"""Bytes of a header with a certificate."""

CertificateHeader = Literal["escaped-pem", "client-cert", "envoy-xfcc"]
"""How a proxy tells: nginx's ``$ssl_client_escaped_cert``, RFC 9440's ``client-cert``, or Envoy's
``x-forwarded-client-cert``."""

_PEM: Final = re.compile(
    rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*"
)
_XFCC_CERTIFICATE: Final = re.compile(rb'(?:^|;)\s*cert="([^"\\]+)"', re.IGNORECASE)


def certificate_thumbprint(certificate: bytes) -> str:
    """Compute ``x5t#S256``: the SHA-256 of a certificate (RFC 8705, section 3.1).

    Args:
        certificate: In DER.

    Returns:
        43 characters.
    """
    return base64url(hashlib.sha256(certificate).digest())


def is_bound_to(certificate: bytes, thumbprint: str) -> bool:
    """Say whether a certificate is the one that a credential is bound to.

    Args:
        certificate: What the client showed, in DER; empty if none.
        thumbprint: ``cnf.x5t#S256``.

    Returns:
        Whether it is.
    """
    if not certificate:
        return False
    return hmac.compare_digest(certificate_thumbprint(certificate).encode(), thumbprint.encode())


def forwarded_certificate(
    values: Sequence[bytes], form: CertificateHeader, *, peer_is_trusted: bool
) -> bytes:
    r"""Take a client's certificate out of the header of a proxy that ended TLS.

    The proxy must have verified that the client holds the certificate's key, and must remove the
    header from what clients send.

    Args:
        values: All values of the header.
        form: How that proxy writes it.
        peer_is_trusted: Whether the other end of this connection is that proxy. If it is not, the
            header was written by anybody, and says nothing.

    Returns:
        The certificate in DER; empty if there is none that can be believed.

    Example:
        >>> forwarded_certificate([b":MAA=:"], "client-cert", peer_is_trusted=True)
        b'0\x00'
        >>> forwarded_certificate([b":MAA=:"], "client-cert", peer_is_trusted=False)
        b''
    """
    if not peer_is_trusted or len(values) != 1 or len(values[0]) > LARGEST_CERTIFICATE:
        return b""
    value = values[0].strip()
    if form == "client-cert":
        plain = value[1:-1] if value[:1] == value[-1:] == b":" else b""
        return _der(plain)
    if form == "envoy-xfcc":
        # The last element is of the nearest proxy; more than one hop is more than was trusted.
        found = _XFCC_CERTIFICATE.findall(value)
        if len(found) != 1 or b"," in re.sub(rb'"[^"]*"', b"", value):
            return b""
        value = found[0]
    pem = _PEM.fullmatch(unquote_to_bytes(value))
    return _der(b"".join(pem[1].split())) if pem else b""


def _der(text: bytes) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
    # DER of a certificate is a sequence; its thumbprint is all that is looked at.
    return found if found[:1] == b"\x30" else b""
