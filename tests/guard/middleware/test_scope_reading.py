from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from tests.guard.certificates import Authority
from tests.guard.deciders import NOW, FakeAuthenticator, FakeDecider

from cautery.guard.middleware.scope_reading import (
    ScopeHead,
    passed_scope,
    presented_in,
    read_scope,
)
from cautery.guard.proxying.client_addresses import TrustedProxies
from cautery.guard.proxying.settings import ExchangeSettings


def scope(*headers: tuple[bytes, bytes], **more: Any) -> dict[str, Any]:
    """Write a scope as servers do."""
    known = {"type": "http", "method": "POST", "path": "/v1/a", "scheme": "https"}
    return {**known, "headers": list(headers), "client": ("192.0.2.1", 5), **more}


def read(given: dict[str, Any]) -> ScopeHead:
    head = read_scope(given)
    assert head is not None
    return head


def test_reads_what_the_server_says() -> None:
    """Path as on the wire, query and address included."""
    head = read(
        scope((b"Host", b"a"), (b"x-api-key", b"sk-1"), raw_path=b"/v1/%61", query_string=b"b=1")
    )
    assert (head.target, head.peer, head.header_order) == (
        "/v1/%61?b=1",
        "192.0.2.1",
        "host,x-api-key",
    )
    assert read(scope(client=None)).peer == ""


def test_headers_with_two_readings_are_refused() -> None:
    """Twice what may stand once, and too many of all."""
    twice = [(b"authorization", b"Bearer a"), (b"Authorization", b"Bearer b")]
    assert read_scope(scope(*twice)) is None
    assert read_scope(scope(*[(b"a%d" % number, b"") for number in range(101)])) is None
    assert read_scope(scope((b"accept", b"a"), (b"accept", b"b"))) is not None


def test_presents_credential_proofs_and_certificate(tmp_path: Path) -> None:
    """The certificate is the TLS extension's, or what a trusted proxy tells."""
    pem = Authority(tmp_path).issue("client").certificate.read_text()
    leaf = pem[: pem.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")]
    settings = ExchangeSettings(
        decider=FakeDecider(),
        authenticator=FakeAuthenticator(),
        proxies=TrustedProxies(["192.0.2.0/24"]),
    )
    head = read(
        scope(
            (b"host", b"api"),
            (b"authorization", b"DPoP token"),
            (b"dpop", b"one"),
            (b"dpop", b"two"),
            extensions={"tls": {"client_cert_chain": [leaf]}},
        )
    )
    presented = presented_in(head, "192.0.2.1", NOW, settings)
    assert (presented.scheme, presented.credential.reveal()) == ("dpop", b"token")
    assert presented.proofs == ("one", "two")
    assert presented.url == "https://api/v1/a"
    assert presented.client_certificate == ssl.PEM_cert_to_DER_cert(leaf)
    broken = read(scope(extensions={"tls": {"client_cert_chain": ["no certificate"]}}))
    assert broken.certificate == b""


def test_what_the_application_gets() -> None:
    """The guard's request id and length; neither compression nor a way round the guard."""
    given = scope(
        (b"host", b"api"),
        (b"accept-encoding", b"gzip"),
        (b"transfer-encoding", b"chunked"),
        (b"x-request-id", b"mine"),
        (b"x-cautery-key", b"mine"),
        (b"x-tag", b"mine"),
        (b"x-secret", b"mine"),
        (b"x-forwarded-for", b"192.0.2.9"),
        extensions={"http.response.pathsend": {}, "tls": {"tls_version": 772}},
        state={"kept": 1},
    )
    passed = passed_scope(
        given,
        read(given),
        length=7,
        request_id="req_1",
        stripped={"x-secret"},
        tag_header="x-tag",
        key_id="wm-1",
    )
    assert passed["headers"] == [
        (b"host", b"api"),
        (b"x-forwarded-for", b"192.0.2.9"),
        (b"accept-encoding", b"identity"),
        (b"x-request-id", b"req_1"),
        (b"content-length", b"7"),
        (b"x-tag", b"wm-1"),
    ]
    assert passed["extensions"] == {"tls": {"tls_version": 772}}
    assert passed["state"] == {"kept": 1}
