"""Lists of parties that get nothing, each with its version and date (``cautery.denied-list/1``)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

import msgspec

from cautery.errors import ConfigurationError
from cautery.policy.toml_text import decode_toml

Value = TypeVar("Value")
DENIED_SCHEMA: Final = "cautery.denied-list/1"


class DeniedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A denied list as it is written down."""

    name: str
    """As rules and findings call it."""
    version: str
    """Of the list, as its source numbers it."""
    dated: date
    """When it was made."""
    source: str
    """Where it comes from."""
    accounts: tuple[str, ...] = ()
    """Accounts on it."""
    organisations: tuple[str, ...] = ()
    """Organisations on it."""
    networks: tuple[int, ...] = ()
    """Numbers of autonomous systems on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeniedList:
    """One list."""

    name: str
    """As rules and findings call it."""
    evidence: str
    """Name, version, date and digest, for findings."""
    accounts: frozenset[str]
    """Accounts on it."""
    organisations: frozenset[str]
    """Organisations on it."""
    networks: frozenset[int]
    """Autonomous systems on it."""


def read_denied_list(text: str, name: str, sha256: str = "") -> DeniedList:
    """Read a denied list.

    Args:
        text: TOML.
        name: Name of the file, for messages.
        sha256: Digest that it must have; empty if it is not pinned.

    Returns:
        The list.

    Raises:
        ConfigurationError: It is wrong, or another one than the digest says.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    if sha256 and digest != sha256.lower():
        raise ConfigurationError(
            f"the list has sha256 {digest[:16]}..., pinned is {sha256[:16]}...",
            where=name,
            hint="Look at what changed, then pin the new digest.",
        )
    return denied_list_of(decode_toml(text, DeniedFile, DENIED_SCHEMA, name), digest)


def denied_list_of(file: DeniedFile, digest: str) -> DeniedList:
    """Make a list ready to be looked up in.

    Args:
        file: As it was written down.
        digest: SHA-256 of its text.

    Returns:
        The list.
    """
    return DeniedList(
        name=file.name,
        evidence=f"list {file.name} version {file.version} of {file.dated}, sha256 {digest}",
        accounts=frozenset(file.accounts) - {""},
        organisations=frozenset(file.organisations) - {""},
        networks=frozenset(file.networks) - {0},
    )


class DeniedLists:
    """All lists of a policy set, looked up together.

    Args:
        lists: The lists.
    """

    def __init__(self, lists: Sequence[DeniedList]) -> None:
        self.lists = tuple(lists)
        self._accounts = _by_value((item.name, item.accounts) for item in lists)
        self._organisations = _by_value((item.name, item.organisations) for item in lists)
        self._networks = _by_value((item.name, item.networks) for item in lists)

    def names(self, account_id: str, org_id: str, network: int) -> tuple[str, ...]:
        """Name the lists that a request's party stands on.

        Args:
            account_id: The account, empty if unknown.
            org_id: Its organisation, empty if unknown.
            network: Autonomous system of its address, 0 if unknown.

        Returns:
            Names, sorted.
        """
        if not self.lists:
            return ()
        found = (
            *self._accounts.get(account_id, ()),
            *self._organisations.get(org_id, ()),
            *self._networks.get(network, ()),
        )
        return tuple(sorted(set(found))) if found else ()

    def unchecked(self, account_id: str, org_id: str, network: int) -> bool:
        """Say whether a list names a kind of thing that is unknown of the request.

        Args:
            account_id: The account, empty if unknown.
            org_id: Its organisation, empty if unknown.
            network: Autonomous system of its address, 0 if unknown.

        Returns:
            Whether something could not be looked up.
        """
        return bool(
            (self._accounts and not account_id)
            or (self._organisations and not org_id)
            or (self._networks and not network)
        )

    def evidence(self, names: Iterable[str]) -> tuple[str, ...]:
        """Give version, date and digest of lists.

        Args:
            names: Of the lists.

        Returns:
            One text a list, in their order in the policy set.
        """
        wanted = set(names)
        return tuple(item.evidence for item in self.lists if item.name in wanted)


def _by_value(lists: Iterable[tuple[str, Iterable[Value]]]) -> dict[Value, tuple[str, ...]]:
    found: dict[Value, tuple[str, ...]] = {}
    for name, entries in lists:
        for entry in entries:
            found[entry] = (*found.get(entry, ()), name)
    return found
