"""Networks of client addresses: the /24 of IPv4 and the /48 of IPv6.

A /24 is the smallest block that is routed on its own, a /48 the usual assignment to one site
(RFC 6177); neighbours in one are often one customer.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4_PATTERN = rf"^({_OCTET}\.){{3}}{_OCTET}$"
"""RE2 expression of IPv4 addresses in the one usual spelling; they are most of every log."""
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
    texts = encoded.dictionary
    usual = is_usual_ipv4(texts)
    names = pc.replace_substring_regex(texts, r"\.[0-9]+$", f".0/{IPV4_PREFIX_BITS}")
    names = pc.if_else(usual, names, pa.scalar(None, pa.string()))
    return map_others(texts, usual, names, network_of).take(encoded.indices)


def is_usual_ipv4(texts: pa.Array) -> pa.Array:
    """Find the IPv4 addresses in their usual spelling.

    Args:
        texts: String array.

    Returns:
        Boolean array; false where there is no text.

    Example:
        >>> is_usual_ipv4(pa.array(["10.0.0.1", "10.0.0.256", "010.0.0.1", None])).to_pylist()
        [True, False, False, False]
    """
    return pc.fill_null(pc.match_substring_regex(texts, pattern=IPV4_PATTERN), False)


def map_others(
    texts: pa.Array, done: pa.Array, results: pa.Array, function: Callable[[str], str | None]
) -> pa.Array:
    """Fill the results of the texts that no expression could give.

    Args:
        texts: String array.
        done: Which texts have their result.
        results: Results, null where not done.
        function: Gives the result of one text.

    Returns:
        All results.
    """
    left = texts.filter(pc.invert(done))
    if not len(left):
        return results
    found = [None if text is None else function(text) for text in left.to_pylist()]
    return pc.replace_with_mask(results, pc.invert(done), pa.array(found, pa.string()))
