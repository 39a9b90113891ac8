"""Union of shared things: accounts with a common payment instrument or network are one group."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.baseline_methods.plain_log import PlainLog

LEAST_ACCOUNTS = 5
"""Smaller groups are families and small firms; the same floor is given to every linker here."""


def unions(log: PlainLog) -> dict[str, str]:
    """Group the accounts by shared things, in groups of at least ``LEAST_ACCOUNTS``.

    Groups are connected components over payment fingerprints and /24 networks, as open-source
    linkers build them (Glasswally's rule without its fixed weights).

    Args:
        log: The log.

    Returns:
        The group of each account that is in one.
    """
    pairs = {
        (name, address.rsplit(".", 1)[0])
        for name, address in zip(log.accounts, log.addresses, strict=True)
        if address
    }
    pairs |= set(log.payments.items())
    return groups_over(log.names, pairs)


def groups_over(names: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Join accounts over tokens and keep the large enough components.

    Args:
        names: Every account.
        pairs: Account and token.

    Returns:
        The group of each account in a component of at least ``LEAST_ACCOUNTS``; a group bears the
        name of its first account.
    """
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for name, token in pairs:
        parent[root(("account", name))] = root(("token", token))
    found: dict[tuple[str, str], list[str]] = {}
    for name in sorted(names):
        found.setdefault(root(("account", name)), []).append(name)
    return {
        name: together[0]
        for together in found.values()
        if len(together) >= LEAST_ACCOUNTS
        for name in together
    }
