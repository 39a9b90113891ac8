"""Who sent a record: account, key and address, with the fallbacks of contracts.md, section 1."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cautery.errors import ConfigurationError
from cautery.ingest.coerce import as_text
from cautery.ingest.findings import ACCOUNT_MISSING, RecordRejected
from cautery.ingest.paths import look_up

if TYPE_CHECKING:
    from cautery.ingest.options import ReadOptions

_RAW_KEY: Final = re.compile(
    r"(?:(?:bearer|basic|token)\s+\S|"
    r"(?:sk|pk|rk|gsk|xai|hf|r8|nvapi|pplx|tgp|csk)[-_](?!\*)[\w.\-]{16,}\Z|"
    r"AIza[\w\-]{20,}|AKIA[A-Z0-9]{12,}|eyJ[\w\-]{8,}\.)",
    re.IGNORECASE,
)
"""What API keys and tokens of the big providers look like; LiteLLM's own start with ``sk-``."""
_DIGEST_MARK: Final = "key-sha-"
_DIGEST: Final = re.compile(rf"{_DIGEST_MARK}[0-9a-f]{{32}}\Z")
_PERSON: Final = b"cautery key"
NO_ACCOUNT: Final = frozenset({"", "-", "none", "null", "default_user_id", "anonymous"})
"""Words that software writes when there is no account (LiteLLM: ``default_user_id``)."""
MOST_COLUMNS_NAMED: Final = 30


class Identity(NamedTuple):
    """The identity columns of a row."""

    account_id: str
    account_id_source: str
    key_id: str | None
    client_address: str | None


@lru_cache(maxsize=65_536)
def protect_credential(value: str) -> str:
    """Replace a raw credential by a one-way digest; leave any other identifier alone.

    API keys are long random strings, so that a plain hash of one cannot be searched.

    Args:
        value: What a log holds where an identifier should be.

    Returns:
        The value, or the digest of the credential in it.

    Example:
        >>> protect_credential("customer-7")
        'customer-7'
        >>> protect_credential("Bearer sk-abcdefghijklmnopqrstuvwxyz").startswith("key-sha-")
        True
    """
    if not _RAW_KEY.match(value) or _DIGEST.match(value):
        return value
    secret = re.sub(r"^(?:bearer|basic|token)\s+", "", value, flags=re.IGNORECASE).strip()
    return _DIGEST_MARK + blake2b(secret.encode(), digest_size=16, person=_PERSON).hexdigest()


@lru_cache(maxsize=65_536)
def plain_address(value: str) -> str | None:
    """Spell one address the usual way, without port, brackets or zone.

    Args:
        value: An address as proxies write it.

    Returns:
        The address, IPv4 where it is IPv4 inside IPv6; None if it is not an address.

    Example:
        >>> plain_address("203.0.113.9:51512"), plain_address("[2001:DB8::1]:443")
        ('203.0.113.9', '2001:db8::1')
        >>> plain_address("unknown") is None
        True
    """
    text = value.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


class IdentityReader:
    """Finds account, key and address of each record of one file.

    Args:
        options: The caller's fields and proxies.

    Raises:
        ConfigurationError: A trusted proxy is not an address or network.
    """

    def __init__(self, options: ReadOptions) -> None:
        self._account_field = options.account_field
        self._address_field = options.client_address_field
        self._findings = options.findings
        self._proxies = tuple(_network(text) for text in options.trusted_proxies)
        self._record: Any = None
        self.has_proxies = bool(self._proxies)
        """Whether one's own proxies are passed over."""
        self.wants_record = bool(self._account_field or self._address_field)
        """Whether ``begin`` needs the decoded record."""

    def begin(self, record: Any) -> None:
        """Take the whole decoded record that the next ``identify`` is about."""
        self._record = record

    def identify(self, *, account: Any, key: Any, address: Any) -> Identity:
        """Decide the identity columns of a row: account, else key, else address.

        Args:
            account: What the format calls the account.
            key: What it calls the credential.
            address: What it calls the client's address.

        Returns:
            The four columns.

        Raises:
            RecordRejected: There is nothing to tell accounts by.
        """
        if self._account_field is not None:
            account = look_up(self._record, self._account_field)
        if self._address_field is not None:
            address = look_up(self._record, self._address_field)
        return self.decide(account=account, key=key, address=address)

    def decide(self, *, account: Any, key: Any, address: Any) -> Identity:
        """Decide as ``identify`` does, of values that the caller's own fields already gave.

        Args:
            account: The account.
            key: The credential.
            address: The client's address.

        Returns:
            The four columns.

        Raises:
            RecordRejected: There is nothing to tell accounts by.
        """
        key_id = self._protected(key)
        client_address = self.client_address(address)
        account_id = self._protected(account)
        if account_id is not None and account_id.lower() not in NO_ACCOUNT:
            return Identity(account_id, "account", key_id, client_address)
        if key_id is not None:
            return Identity(key_id, "key", key_id, client_address)
        if client_address is not None:
            return Identity(client_address, "address", key_id, client_address)
        raise RecordRejected(ACCOUNT_MISSING)

    def protect(self, value: Any) -> str | None:
        """Make another identifier, such as the end user's, safe to store."""
        return self._protected(value)

    def _protected(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        text = value if isinstance(value, str) else as_text(value)
        if not text or not text.strip():
            return None
        safe = protect_credential(text)
        if safe != text:
            self._findings.hidden_keys += 1
        return safe

    def client_address(self, value: Any) -> str | None:
        """Find the client in what proxies wrote.

        Args:
            value: One address, or a list of them, as a list or with commas.

        Returns:
            The rightmost that is not one's own proxy, as those before it can be made up; None if
            there is no address.
        """
        if isinstance(value, list):
            value = ",".join(item for item in value if isinstance(item, str))
        if not isinstance(value, str) or not value:
            return None
        if "," not in value and not self._proxies:
            return plain_address(value)
        found = None
        for part in reversed(value.split(",")[-_MOST_HOPS:]):
            found = plain_address(part) or found
            if found is not None and not self._is_proxy(found):
                return found
        return found

    def _is_proxy(self, address: str) -> bool:
        parsed = ipaddress.ip_address(address)
        return any(parsed in network for network in self._proxies)


_MOST_HOPS: Final = 32


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ConfigurationError(
            f"'{text}' is neither an address nor a network",
            where="trusted proxies",
            hint="Write for example 10.0.0.3 or 10.0.0.0/8.",
        ) from None


def columns_of(record: Any) -> tuple[str, ...]:
    """Name the fields of a record, one level deep into objects, for a message.

    Args:
        record: Decoded record.

    Returns:
        At most thirty dotted names, in their order.

    Example:
        >>> columns_of({"a": 1, "b": {"c": 2}})
        ('a', 'b.c')
    """
    if not isinstance(record, Mapping):
        return ()
    names: list[str] = []
    for key, value in record.items():
        inner = list(value) if isinstance(value, Mapping) else []
        names.extend([f"{key}.{name}" for name in inner] or [str(key)])
    return tuple(name[:80] for name in names[:MOST_COLUMNS_NAMED])
