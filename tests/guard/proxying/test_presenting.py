"""Client certificates that a proxy in front tells."""

from __future__ import annotations

import asyncio

import pytest
from tests.guard.deciders import FakeAuthenticator
from tests.guard.proxying.proxies import request, running, status_of

from cautery.guard.proxying.client_addresses import TrustedProxies
from cautery.records.identity import Identity, Presented, Unrecognised


@pytest.mark.parametrize(
    ("header", "peer_is_trusted", "seen"),
    [
        ("Client-Cert: :MAA=:", True, b"0\x00"),
        ("Client-Cert: :MAA=:", False, b""),
        ("X-Other: 1", True, b""),
        ("Client-Cert: :MAA=:\r\nClient-Cert: :MAA=:", True, b""),
        ("Client-Cert: MAA=", True, b""),
    ],
    ids=range(5),
)
def test_a_proxy_tells_the_clients_certificate(
    header: str, peer_is_trusted: bool, seen: bytes
) -> None:
    """Only one that is trusted, once and in the form that was agreed; it goes no further."""
    presented: list[Presented] = []

    class Noting(FakeAuthenticator):
        def authenticate(self, shown: Presented) -> Identity | Unrecognised:
            presented.append(shown)
            return super().authenticate(shown)

    async def scenario() -> None:
        networks = ["127.0.0.0/8"] if peer_is_trusted else ["10.0.0.0/8"]
        async with running(
            authenticator=Noting(),
            proxies=TrustedProxies(networks),
            certificate_header=b"client-cert",
            stripped_headers=frozenset({"client-cert"}),
        ) as proxy:
            answer = await proxy.exchange(request(b"{}", *header.split("\r\n")))
            if presented:
                assert presented[0].client_certificate == seen
                assert "client-cert" not in {name.lower() for name in proxy.server.asked[0].headers}
            else:
                assert status_of(answer) == 400

    asyncio.run(scenario())
