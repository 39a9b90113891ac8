"""Certificates: the RFC's own, and what proxies say of them."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.authentication.client_certificate import (
    CertificateHeader,
    certificate_thumbprint,
    forwarded_certificate,
    is_bound_to,
)

# RFC 8705, appendix A.
BASE64 = (
    "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx"
    "ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG"
    "SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ"
    "/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID"
    "SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV"
    "bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY="
)
DER = base64.b64decode(BASE64)
THUMBPRINT = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"
PEM = f"-----BEGIN CERTIFICATE-----\n{BASE64[:64]}\n{BASE64[64:]}\n-----END CERTIFICATE-----\n"
ESCAPED = quote(PEM, safe="").encode()
XFCC = b'By=spiffe://a;Hash=00;Subject="CN=x;y";Cert="' + ESCAPED + b'";URI='


def test_the_example_of_the_rfc() -> None:
    """The certificate of RFC 8705, appendix A, has the thumbprint that stands there."""
    assert certificate_thumbprint(DER) == THUMBPRINT
    assert is_bound_to(DER, THUMBPRINT)


@given(place=st.integers(0, len(DER) - 1), byte=st.integers(0, 255))
def test_any_other_certificate_is_not_bound(place: int, byte: int) -> None:
    """One byte off is another certificate."""
    changed = DER[:place] + bytes([byte]) + DER[place + 1 :]
    assert is_bound_to(changed, THUMBPRINT) == (changed == DER)


def test_no_certificate_is_bound_to_nothing() -> None:
    """An empty certificate has a thumbprint too; it counts for nothing."""
    assert not is_bound_to(b"", certificate_thumbprint(b""))


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("escaped-pem", ESCAPED),
        ("client-cert", b":" + BASE64.encode() + b":"),
        ("envoy-xfcc", XFCC),
    ],
)
def test_what_a_trusted_proxy_says(form: CertificateHeader, value: bytes) -> None:
    """Each proxy's own form gives the certificate; from anybody else it gives none."""
    assert forwarded_certificate([value], form, peer_is_trusted=True) == DER
    assert forwarded_certificate([value], form, peer_is_trusted=False) == b""
    assert forwarded_certificate([value, value], form, peer_is_trusted=True) == b""
    assert forwarded_certificate([], form, peer_is_trusted=True) == b""


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("escaped-pem", b""),
        ("escaped-pem", PEM.encode() * 200),
        ("escaped-pem", b"-----BEGIN CERTIFICATE-----!!!-----END CERTIFICATE-----"),
        ("escaped-pem", ESCAPED + ESCAPED),
        ("client-cert", BASE64.encode()),
        ("client-cert", b"::"),
        ("client-cert", b":AAAA:"),
        ("client-cert", b":MIIB\n:"),
        ("envoy-xfcc", XFCC + b"," + XFCC),
        ("envoy-xfcc", b"Hash=00"),
        ("envoy-xfcc", b'Subject="x;Cert=\\"' + ESCAPED + b'\\""'),
        ("envoy-xfcc", XFCC + b';Cert="' + ESCAPED + b'"'),
    ],
    ids=range(12),
)
def test_what_cannot_be_believed(form: CertificateHeader, value: bytes) -> None:
    """Other forms, more than one hop, and certificates inside a name are none."""
    assert forwarded_certificate([value], form, peer_is_trusted=True) == b""


@given(st.binary(max_size=200), st.sampled_from(["escaped-pem", "client-cert", "envoy-xfcc"]))
def test_junk_is_no_certificate(junk: bytes, form: CertificateHeader) -> None:
    """Any bytes are read or left, without an error."""
    forwarded_certificate([junk], form, peer_is_trusted=True)
