"""The proxy as an adapter: what it carries out, and TLS on both its sides."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from tests.guard.certificates import Authority, Files
from tests.guard.deciders import FakeDecider
from tests.guard.proxying.proxies import ANSWER, Server, body_of, request, status_of

from cautery.errors import ConfigurationError
from cautery.guard.adapters.proxy import MEMBER
from cautery.guard.configuration_sections import TlsSection
from cautery.guard.metrics import Metrics
from cautery.guard.proxy_assembly import load_certificates, server_context
from cautery.guard.proxying.service import ProxyService
from cautery.guard.proxying.settings import ProxySettings, UpstreamSettings
from cautery.ports import Enforcer
from cautery.records.decision import ACTIONS
from cautery.records.identity import Identity, Presented, Unrecognised


class CertificateAuthenticator:
    """Recognises whoever has a certificate, or anybody."""

    def __init__(self, *, anybody: bool = False) -> None:
        self.anybody = anybody
        self.seen: list[bytes] = []

    def authenticate(self, presented: Presented) -> Identity | Unrecognised:
        self.seen.append(presented.client_certificate)
        if presented.client_certificate or self.anybody:
            return Identity(account_id="acct", key_id="certificate")
        return Unrecognised(fault="proof_missing")


def tls_of(files: Files, authority: Path | None) -> TlsSection:
    return TlsSection(
        certificate=files.certificate,
        private_key=files.private_key,
        client_authorities=authority,
    )


def test_carries_out_everything() -> None:
    """It sees requests and answers, so no action has to become a stricter one."""
    assert isinstance(MEMBER, Enforcer)
    assert MEMBER.carries_out == frozenset(ACTIONS)
    assert MEMBER.sees_body
    assert MEMBER.sees_answer


def test_tls_on_both_sides_with_client_certificates(tmp_path: Path) -> None:
    """The server's certificate is checked, and the client's is presented to the authenticator."""
    authority = Authority(tmp_path)
    guard, client, upstream = (authority.issue(name) for name in ("guard", "client", "upstream"))

    async def scenario() -> None:
        server, authenticator = Server(), CertificateAuthenticator()
        listening = await asyncio.start_server(
            server.serve, "127.0.0.1", 0, ssl=server_context(tls_of(upstream, None))
        )
        port = listening.sockets[0].getsockname()[1]
        trusting = ssl.create_default_context(cafile=authority.certificate)
        settings = ProxySettings(
            decider=FakeDecider(),
            authenticator=authenticator,
            upstream=UpstreamSettings(host="127.0.0.1", port=port, tls=trusting),
        )
        service = ProxyService(settings, Metrics(), asyncio.get_running_loop())
        context = server_context(tls_of(guard, authority.certificate))
        proxy = await MEMBER.listen(service, "127.0.0.1", 0, tls=context)
        presenting = ssl.create_default_context(cafile=authority.certificate)
        presenting.load_cert_chain(client.certificate, client.private_key)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", proxy.sockets[0].getsockname()[1], ssl=presenting
        )
        writer.write(request())
        answer = await asyncio.wait_for(reader.read(), 20)
        assert body_of(answer) == ANSWER
        assert server.asked[0].headers["x-forwarded-proto"] == "https"
        assert authenticator.seen[0]
        writer.close()
        proxy.close()
        service.close()
        listening.close()
        await asyncio.sleep(0.05)

    asyncio.run(scenario())


def test_a_server_of_another_authority_is_not_spoken_to(tmp_path: Path) -> None:
    """The request is answered with an error, and none of it is sent."""
    (tmp_path / "other").mkdir()
    upstream = Authority(tmp_path / "other").issue("upstream")
    authority = Authority(tmp_path)

    async def scenario() -> None:
        server = Server()
        listening = await asyncio.start_server(
            server.serve, "127.0.0.1", 0, ssl=server_context(tls_of(upstream, None))
        )
        trusting = ssl.create_default_context(cafile=authority.certificate)
        settings = ProxySettings(
            decider=FakeDecider(),
            authenticator=CertificateAuthenticator(anybody=True),
            upstream=UpstreamSettings(
                host="127.0.0.1", port=listening.sockets[0].getsockname()[1], tls=trusting
            ),
        )
        service = ProxyService(settings, Metrics(), asyncio.get_running_loop())
        proxy = await MEMBER.listen(service, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", proxy.sockets[0].getsockname()[1]
        )
        writer.write(request())
        assert status_of(await asyncio.wait_for(reader.read(), 20)) == 502
        assert service.metrics.value("upstream_failures_total", "refused") == 1
        assert server.asked == []
        writer.close()
        proxy.close()
        service.close()
        listening.close()
        await asyncio.sleep(0.05)

    asyncio.run(scenario())


def test_certificates_that_do_not_belong_together(tmp_path: Path) -> None:
    """They are refused at the start and at a reload, without a trace of the key."""
    authority = Authority(tmp_path)
    one, other = authority.issue("one"), authority.issue("other")
    context = server_context(tls_of(one, None))
    mixed = tls_of(Files(one.certificate, other.private_key), None)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        load_certificates(context, mixed)
