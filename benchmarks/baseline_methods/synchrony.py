"""SynchroTrap's idea: accounts that do the same thing in the same hour, again and again.

After Cao, Yang, Yu and Palow (CCS 2014): an account's actions are (object, hour) pairs, two
accounts are alike by the Jaccard index of their pairs, and groups are connected components.
Objects here are the client address and the head of the prompt. The similarity threshold, the
window of an hour and the cap on popular pairs are ours in the form of the paper's; its text was
not at hand to copy the tuned values.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from benchmarks.baseline_methods.plain_log import PlainLog
from benchmarks.baseline_methods.shared_infrastructure import LEAST_ACCOUNTS

LEAST_JACCARD = 0.5
"""Two accounts with at least half of their (object, hour) pairs in common act together."""

MOST_ACCOUNTS_ON_PAIR = 500
"""More popular pairs are left out: they cost the square of their accounts."""

HEAD_WORDS = 8
"""Words of the prompt that make an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Pairs of accounts that share an action, and how much of their actions is common."""

    names: list[str]
    first: Any
    """Number of one account of each pair."""
    second: Any
    """Number of the other."""
    jaccard: Any
    """Jaccard index of each pair."""


def likeness_of(log: PlainLog) -> Likeness:
    """Compare all accounts that share an action.

    Args:
        log: The log.

    Returns:
        Their pairs.
    """
    names = log.names
    matrix = _incidence(log, names)
    common = (matrix @ matrix.T).tocoo()
    sizes = matrix.sum(axis=1).A1
    union = sizes[common.row] + sizes[common.col] - common.data
    return Likeness(names=names, first=common.row, second=common.col, jaccard=common.data / union)


def synchronous_groups(likeness: Likeness, least_jaccard: float = LEAST_JACCARD) -> dict[str, str]:
    """Group the accounts that act together.

    Args:
        likeness: The pairs of a log.
        least_jaccard: Similarity from which two accounts are joined.

    Returns:
        The group of each account that is in one of at least ``LEAST_ACCOUNTS``.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    kept = likeness.jaccard >= least_jaccard
    pairs = (likeness.first[kept], likeness.second[kept])
    shape = (len(likeness.names), len(likeness.names))
    edges = coo_matrix((likeness.jaccard[kept], pairs), shape=shape)
    _, group = connected_components(edges, directed=False)
    counts = Counter(group.tolist())
    return {
        name: str(own)
        for name, own in zip(likeness.names, group.tolist(), strict=True)
        if counts[own] >= LEAST_ACCOUNTS
    }


def _incidence(log: PlainLog, names: list[str]) -> Any:
    import numpy as np
    from scipy.sparse import csr_matrix

    numbers = {name: number for number, name in enumerate(names)}
    pairs: set[tuple[int, tuple[str, int]]] = set()
    rows = zip(log.accounts, log.times, log.addresses, log.texts, strict=True)
    for name, moment, address, text in rows:
        hour = int(moment // 3_600)
        head = " ".join(re.findall(r"[a-z]+", text.lower()[:200])[:HEAD_WORDS])
        pairs.update(
            (numbers[name], (item, hour)) for item in (f"@{address}", f"#{head}") if len(item) > 1
        )
    popular = Counter(action for _, action in pairs)
    shared = {
        action: number
        for number, action in enumerate(
            sorted(a for a, count in popular.items() if count <= MOST_ACCOUNTS_ON_PAIR)
        )
    }
    kept = [(account, shared[action]) for account, action in pairs if action in shared]
    shape = (len(names), max(1, len(shared)))
    accounts = np.array([account for account, _ in kept], dtype=np.int64)
    actions = np.array([action for _, action in kept], dtype=np.int64)
    ones = np.ones(len(kept), dtype=np.int64)
    return csr_matrix((ones, (accounts, actions)), shape=shape)
