"""Keyed values: what members of a group can compare and nobody else can read.

HMAC-SHA-256 (RFC 2104) under an epoch key over kind and value. A plain hash of an address, a mail
domain or a payment token is no protection: all IPv4 addresses are hashed in minutes, so there is
no way here to make one. Who holds the epoch key can still try values: see docs/explanation.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from cautery.errors import UsageError
from cautery.intel.epoch_keys import EpochKey
from cautery.records.indicator import CLEAR_KINDS, IndicatorKind

SCHEME: Final = "hmac-sha256"
"""First part of a written keyed value."""
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_PURPOSE: Final = b"cautery.indicator/1"
"""Keeps these values apart from whatever else the same key may ever be used for."""
_MOST_CHARACTERS: Final = 512
_IPV4_BITS: Final = 24
_IPV6_BITS: Final = 48


def normal_value(kind: IndicatorKind, value: str) -> str:
    """Bring a value into the one spelling in which members compare it.

    Args:
        kind: What it is.
        value: As the log or the account table has it.

    Returns:
        The spelling; empty if it is no value of that kind.

    Example:
        >>> normal_value("network", "203.0.113.77"), normal_value("email_domain", "Mail.EXAMPLE. ")
        ('203.0.113.0/24', 'mail.example')
    """
    if len(value) > _MOST_CHARACTERS:
        return ""
    text = unicodedata.normalize("NFKC", value).strip()
    if not text or len(text) > _MOST_CHARACTERS:
        return ""
    return _SPELLINGS.get(kind, str)(text)


def _address(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _network(text: str) -> str:
    try:
        plain = text.partition("/")[0]
        address = ipaddress.ip_address(_address(plain) or plain)
    except ValueError:
        return ""
    bits = _IPV4_BITS if address.version == 4 else _IPV6_BITS
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def _system(text: str) -> str:
    digits = text.upper().removeprefix("AS")
    if not (digits.isascii() and digits.isdecimal()) or not 0 < int(digits) < 2**32:
        return ""
    return str(int(digits))


def _domain(text: str) -> str:
    return text.rpartition("@")[2].rstrip(".").lower()


def _fingerprint(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_]{8,64}", text) else ""


_SPELLINGS: Final[Mapping[IndicatorKind, Callable[[str], str]]] = {
    "address": _address,
    "autonomous_system": _system,
    "email_domain": _domain,
    "network": _network,
    "tls_fingerprint": _fingerprint,
}


def keyed_value(kind: IndicatorKind, value: str, key: EpochKey) -> str:
    """Key a value.

    Args:
        kind: What it is: the same text as a domain and as an account gives two values.
        value: As the log or the account table has it.
        key: The epoch's key.

    Returns:
        64 hexadecimal digits.

    Raises:
        UsageError: It is no value of that kind.
    """
    text = normal_value(kind, value)
    if not text:
        raise UsageError(f"this is no value of the kind {kind}")
    return keyed_digest(kind, text.encode("utf-8", "surrogatepass"), key)


def keyed_digest(kind: str, content: bytes, key: EpochKey) -> str:
    """Key bytes under a purpose of their own.

    Args:
        kind: What they are.
        content: The bytes.
        key: The epoch's key.

    Returns:
        64 hexadecimal digits.
    """
    message = b"\0".join((_PURPOSE, kind.encode(), content))
    return hmac.digest(key.secret.reveal(), message, "sha256").hex()


def clear_value(kind: IndicatorKind, value: str) -> str:
    """Let a value stand in clear, if its kind may.

    Args:
        kind: What it is.
        value: As the log has it.

    Returns:
        The value in its one spelling.

    Raises:
        UsageError: Values of the kind name customers, or it is no value of that kind.
    """
    if kind not in CLEAR_KINDS:
        raise UsageError(f"values of the kind {kind} are never shared in clear")
    text = normal_value(kind, value)
    if not text:
        raise UsageError(f"this is no value of the kind {kind}")
    return text


def written(key_id: str, digest: str) -> str:
    """Write a keyed value with its key's identifier.

    Example:
        >>> written("group/2026-11-23/0a1b2c3d", "00")
        'hmac-sha256:group/2026-11-23/0a1b2c3d:00'
    """
    return f"{SCHEME}:{key_id}:{digest}"


def written_band(key_id: str, place: int, band: str) -> str:
    """Write a keyed band of a template's sketch with its key and its place.

    Example:
        >>> written_band("group/2026-11-23/0a1b2c3d", 3, "00ff")
        'group/2026-11-23/0a1b2c3d:03:00ff'
    """
    return f"{key_id}:{place:02}:{band}"
