"""A guard process that recognises tokens, proofs, certificates and keys that many share."""

from __future__ import annotations

import base64
import http.client
import json
import signal
import ssl
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from joserfc import jwk
from tests.guard.authentication.issuers import (
    AUDIENCE,
    ISSUER,
    key_of,
    proof_of,
    public_of,
    token_of,
)
from tests.guard.authentication.key_servers import KeyServer, serving
from tests.guard.certificates import Authority, Files
from tests.guard.guards import model_server, running_guard
from tests.guard.wired import AUDIT, DECISION, KEYS, STRANGER, World, make_world, readiness

from cautery.guard.authentication.client_certificate import certificate_thumbprint
from cautery.guard.authentication.compact_token import base64url

PATH = "/v1/chat/completions"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Keys, ledger, snapshot and policy."""
    return make_world(tmp_path)


def ask(connection: http.client.HTTPConnection, **headers: str) -> tuple[int, dict[str, str], str]:
    """Ask, and give status, headers and the error's code."""
    connection.request("POST", PATH, b"{}", {n.replace("_", "-"): v for n, v in headers.items()})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    found = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, found, body.get("error", {}).get("code", "")


def plain(port: int) -> http.client.HTTPConnection:
    """Open a connection without TLS."""
    return http.client.HTTPConnection("127.0.0.1", port, timeout=20)


def test_tokens_and_proofs(world: World) -> None:
    """An issuer's bound token is taken with a proof and a nonce, once, also across a reload."""
    state = KeyServer()
    state.keys = [{**public_of(key_of("ES256")), "kid": "k-1", "use": "sig"}]
    client = key_of("ES256", "client")
    now = int(datetime.now(UTC).timestamp())
    token = token_of(
        iat=now - 5,
        exp=now + 600,
        sub=STRANGER,
        cnf={"jkt": base64url(sha256(thumbprint_input(client)).digest())},
    )
    with serving(state), model_server() as server:
        issuer = (
            f'[[issuer]]\nissuer = "{ISSUER}"\naudience = "{AUDIENCE}"\n'
            f'keys_url = "{state.url.partition("?")[0]}"\nsender_constrained = true\n'
            f'[proofs]\norigins = ["{AUDIENCE}"]\n'
        )
        path = world.configuration(server.port, DECISION, AUDIT, issuer)
        with running_guard(path) as guard:
            end = time.monotonic() + 20
            while readiness(guard)[0] != 200 and time.monotonic() < end:
                time.sleep(0.02)
            connection = plain(guard.port)
            bearer = ask(connection, authorization=f"Bearer {token.decode()}")
            assert (bearer[0], bearer[2]) == (401, "invalid_api_key")
            scheme = f"DPoP {token.decode()}"
            target = f"{AUDIENCE}{PATH}"
            first = proof_of(token, iat=now, htu=target, nonce=None)
            status, headers, _ = ask(connection, authorization=scheme, dpop=first)
            assert status == 401
            assert "use_dpop_nonce" in headers["www-authenticate"]
            proof = proof_of(token, iat=now, htu=target, nonce=headers["dpop-nonce"])
            assert ask(connection, authorization=scheme, dpop=proof)[0] == 200
            assert ask(connection, authorization=scheme, dpop=proof)[0] == 401
            guard.signal(signal.SIGHUP)
            guard.wait_for("configuration read again")
            assert ask(connection, authorization=scheme, dpop=proof)[0] == 401
            assert 'unrecognised_total{fault="replayed"} 2' in guard.page("/metrics")
            connection.close()
            assert guard.stop() == 0
    assert [one.record["account_id"] for one in world.records()] == [STRANGER]


def thumbprint_input(key: jwk.Key) -> bytes:
    """Write what RFC 7638 takes the digest of."""
    public = public_of(key)
    kept = {name: public[name] for name in ("crv", "kty", "x", "y")}
    return json.dumps(kept, separators=(",", ":"), sort_keys=True).encode()


def secured(port: int, authority: Authority, files: Files | None) -> http.client.HTTPSConnection:
    """Open a connection with TLS, and a certificate if there is one."""
    context = ssl.create_default_context(cafile=authority.certificate)
    if files is not None:
        context.load_cert_chain(files.certificate, files.private_key)
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)


def der_of(files: Files) -> bytes:
    """Give a certificate in DER."""
    return ssl.PEM_cert_to_DER_cert(files.certificate.read_text())


def test_a_key_that_is_bound_to_a_certificate(world: World) -> None:
    """Over our own TLS, only who shows that certificate is served; others need none."""
    authority = Authority(world.folder)
    own, client, other = (authority.issue(name) for name in ("own", "client", "other"))
    thumbprint = certificate_thumbprint(der_of(client))
    bound = world.key(STRANGER, bound_to=f"x5t#S256:{thumbprint}")
    free = world.key(STRANGER)
    tls = (
        f'[tls]\ncertificate = "{own.certificate.name}"\nprivate_key = "{own.private_key.name}"\n'
        f'client_authorities = "{authority.certificate.name}"\nclient_certificates = "optional"\n'
    )
    with model_server() as server:
        path = world.configuration(server.port, KEYS, tls)
        with running_guard(path) as guard:
            found = []
            for files, key in ((client, bound), (other, bound), (None, bound), (None, free)):
                connection = secured(guard.port, authority, files)
                found.append(ask(connection, authorization=f"Bearer {key}")[0])
                connection.close()
            assert found == [200, 401, 401, 200]
            assert guard.stop() == 0


def test_what_a_trusted_proxy_tells(world: World) -> None:
    """Its header is the client's certificate; its word on addresses shows keys that many share."""
    authority = Authority(world.folder)
    client = der_of(authority.issue("client"))
    bound = world.key(STRANGER, bound_to=f"x5t#S256:{certificate_thumbprint(client)}")
    shared = world.key("acct_reseller")
    shared_id = world.issued
    sections = (
        '[certificates]\nheader = "client-cert"\nform = "client-cert"\n'
        '[credentials]\nshared = "enforce"\n'
        "[key_sharing]\nnetworks_at_once = 3\nsystems_at_once = 3\n"
        '[events]\nfile = "events.jsonl"\n'
    )
    with model_server() as server:
        path = world.configuration(server.port, DECISION, KEYS, AUDIT, sections)
        text = path.read_text()
        trusted = 'pepper_file = "pepper"\ntrusted_proxies = ["127.0.0.0/8"]\n'
        path.write_text(text.replace('pepper_file = "pepper"\n', trusted))
        with running_guard(path) as guard:
            connection = plain(guard.port)
            told = f":{base64.b64encode(client).decode()}:"
            assert ask(connection, authorization=f"Bearer {bound}", client_cert=told)[0] == 200
            assert "client-cert" not in {name.lower() for name in server.asked[0]["headers"]}
            assert ask(connection, authorization=f"Bearer {bound}")[0] == 401
            statuses = [
                ask(connection, authorization=f"Bearer {shared}", x_forwarded_for=address)[0]
                for address in ("192.0.2.1", "198.51.100.1", "198.51.100.9", "203.0.113.1")
            ]
            assert statuses == [200, 200, 200, 403]
            connection.close()
            assert guard.stop() == 0
    last = world.records()[-1].record
    assert (last["action"], last["reasons"][0]["rule"]) == ("challenge", "credential-shared")
    [evidence] = last["reasons"][0]["evidence"]
    assert evidence.startswith(f"key {shared_id} was used from 3 networks of 3 providers")
    assert evidence in (world.folder / "events.jsonl").read_text()
