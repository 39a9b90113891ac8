"""Addresses behind proxies."""

from __future__ import annotations

import pytest

from cautery.errors import ConfigurationError
from cautery.guard.proxying.client_addresses import TrustedProxies, plain_address


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.1", [b"6.6.6.6"], "203.0.113.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [b"198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", [b"6.6.6.6", b"198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", [b"6.6.6.6, 198.51.100.7, 10.9.9.9"], "198.51.100.7"),
        ("10.0.0.1", [b"198.51.100.7, junk"], "10.0.0.1"),
        ("10.0.0.1", [b"10.0.0.3"], "10.0.0.3"),
        ("fd00::1", [b"[2001:DB8::7]:443"], "2001:db8::7"),
        ("10.0.0.1", [b"::ffff:10.0.0.5, "], "10.0.0.1"),
    ],
)
def test_reads_from_the_right(peer: str, forwarded: list[bytes], client: str) -> None:
    """Only trusted proxies are believed, and only as far as they are trusted."""
    proxies = TrustedProxies(["10.0.0.0/8", "fd00::/8"])
    assert proxies.resolve(peer, forwarded) == client


def test_nobody_is_trusted_unless_named() -> None:
    """Without networks every header is the client's own."""
    assert TrustedProxies([]).resolve("127.0.0.1", [b"6.6.6.6"]) == "127.0.0.1"


def test_a_wrong_network_is_a_configuration_error() -> None:
    """It says which."""
    with pytest.raises(ConfigurationError, match=r"10\.0\.0\.0/99"):
        TrustedProxies(["10.0.0.0/99"])


def test_spells_addresses_one_way() -> None:
    """Ports, brackets and zones go."""
    assert plain_address("fe80::1%eth0") == "fe80::1"
    assert plain_address("192.0.2.1:80") == "192.0.2.1"
    assert plain_address("unknown") == ""
