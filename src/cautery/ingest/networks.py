"""Networks of client addresses: the /24 of IPv4 and the /48 of IPv6.

A /24 is the smallest block that is routed on its own, a /48 the usual assignment to one site
(RFC 6177); neighbours in one are often one customer.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

IPV4_PREFIX_BITS = 24
IPV6_PREFIX_BITS = 48


@lru_cache(maxsize=200_000)
def network_of(address: str) -> str | None:
    """Name the network of one address.

    Args:
        address: IPv4 or IPv6 in any spelling that the standard library reads.

    Returns:
        The network in CIDR notation, or None if it is not an address.

    Example:
        >>> network_of("203.0.113.77"), network_of("2001:db8:1:2::5"), network_of("unix:")
        ('203.0.113.0/24', '2001:db8:1::/48', None)
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    bits = IPV4_PREFIX_BITS if parsed.version == 4 else IPV6_PREFIX_BITS
    return str(
        ipaddress.ip_network((int(parsed), bits), strict=False)
        if parsed.version == 6
        else ipaddress.IPv4Network((int(parsed), bits), strict=False)
    )


def client_networks(addresses: pa.Array) -> pa.Array:
    """Name the network of every address.

    Args:
        addresses: String array; each distinct value is parsed once.

    Returns:
        String array of the same length, null where there is no address.
    """
    encoded = pc.dictionary_encode(addresses.cast(pa.string()))
    names = pa.array([network_of(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return pc.take(names, encoded.indices)
