"""Whose address a request comes from, behind proxies that are trusted and for all that are not.

``x-forwarded-for`` grows at its right end: each proxy adds whom it got the request from. So it is
read from the right, through addresses of trusted proxies, up to the first that is not one of them.
All to the left of it was written by the client, and may be anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from cautery.errors import ConfigurationError

_MOST_HOPS: Final = 32


class TrustedProxies:
    """The networks whose word on addresses is taken.

    Args:
        networks: In CIDR notation.

    Raises:
        ConfigurationError: One of them is no network.

    Example:
        >>> proxies = TrustedProxies(["10.0.0.0/8"])
        >>> proxies.resolve("10.0.0.1", [b"6.6.6.6, 203.0.113.9, 10.0.0.2"])
        '203.0.113.9'
        >>> proxies.resolve("203.0.113.9", [b"6.6.6.6"])
        '203.0.113.9'
    """

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = tuple(_network(text) for text in networks)
        self._trusted = lru_cache(maxsize=4096)(self._is_in_a_network)

    def trusts(self, address: str) -> bool:
        """Say whether an address is one of a trusted proxy."""
        return bool(self._networks) and self._trusted(address)

    def resolve(self, peer: str, forwarded_for: list[bytes]) -> str:
        """Find the client's address.

        Args:
            peer: Who is at the other end of the connection.
            forwarded_for: Values of ``x-forwarded-for``, in the order of the wire.

        Returns:
            The address nearest to the guard that is no trusted proxy's; the last that could be
            read, if a hop is no address.
        """
        if not forwarded_for or not self.trusts(peer):
            return peer
        return self.resolve_behind(peer, forwarded_for)

    def resolve_behind(self, nearest: str, forwarded_for: list[bytes]) -> str:
        """Find the client's address behind somebody whose word is taken in any case.

        Args:
            nearest: Address of that somebody; the answer if nothing can be read.
            forwarded_for: Values of ``x-forwarded-for``, in the order of the wire.

        Returns:
            As of ``resolve``.
        """
        hops = b",".join(forwarded_for).split(b",")[-_MOST_HOPS:]
        for hop in reversed(hops):
            address = plain_address(hop.decode("latin-1").strip())
            if not address:
                return nearest
            nearest = address
            if not self.trusts(address):
                return nearest
        return nearest

    def _is_in_a_network(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(
            parsed.version == network.version and parsed in network for network in self._networks
        )


def plain_address(text: str) -> str:
    """Spell an address the usual way, without port or brackets; empty if it is none.

    Example:
        >>> plain_address("[2001:DB8::1]:443"), plain_address("::ffff:192.0.2.1")
        ('2001:db8::1', '192.0.2.1')
    """
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        raise ConfigurationError(f"'{text}' is no network", where="trusted_proxies") from error
