"""Union of shared things: accounts with a common payment instrument or network are one group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from benchmarks.baseline_methods.plain_log import PlainLog

LEAST_ACCOUNTS = 5
"""Smaller groups are families and small firms; the same floor is given to every linker here."""


def unions(log: PlainLog) -> set[str]:
    """Name the accounts in a group of at least ``LEAST_ACCOUNTS``.

    Groups are connected components over payment fingerprints and /24 networks, as open-source
    linkers build them (Glasswally's rule without its fixed weights).

    Args:
        log: The log.

    Returns:
        The accounts of every such group.
    """
    pairs = {
        (name, address.rsplit(".", 1)[0])
        for name, address in zip(log.accounts, log.addresses, strict=True)
        if address
    }
    pairs |= set(log.payments.items())
    return members_of_groups(log.names, pairs)


def members_of_groups(names: Iterable[str], pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Join accounts over tokens and name those in large enough components.

    Args:
        names: Every account.
        pairs: Account and token.

    Returns:
        The accounts in components of at least ``LEAST_ACCOUNTS``.
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
    roots = {name: root(("account", name)) for name in names}
    sizes = Counter(roots.values())
    return {name for name, own in roots.items() if sizes[own] >= LEAST_ACCOUNTS}
