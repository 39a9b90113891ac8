"""CooRTweet's method, written anew from its documentation: who shares the same things together.

Righetti and Balluff, "CooRTweet: A Generalized R Software for Coordinated Network Detection",
Computational Communication Research 7(1), 2025 (the package is MIT; none of its code is here).
Step 1 (``detect_groups``) finds pairs of posts of one object by different accounts within a time
window, among accounts that take part often enough. Step 2 (``generate_coordinated_network``)
counts the pairs of each two accounts and keeps the edges heavier than a percentile of all edges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

TIME_WINDOW_SECONDS: Final = 10.0
"""The package's default."""

LEAST_PARTICIPATION: Final = 2
"""The package's default: posts that an account needs."""

EDGE_PERCENTILE: Final = 0.5
"""The package's default: edges above the median weight are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One post that shares an object."""

    object_id: str
    account_id: str
    content_id: str
    moment: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPair:
    """Two posts of one object by two accounts, the older first."""

    object_id: str
    older: Share
    newer: Share


def coordinated_pairs(
    shares: Sequence[Share],
    *,
    window_seconds: float = TIME_WINDOW_SECONDS,
    least_participation: int = LEAST_PARTICIPATION,
) -> list[SharedPair]:
    """Find the pairs of posts that share an object within the window (step 1).

    Args:
        shares: All posts.
        window_seconds: Largest gap of a pair, inclusive.
        least_participation: Posts that an account needs, at first among all and then among those
            that are in a pair; a pair stays if either of its posts belongs to such an account.

    Returns:
        The pairs. An account does not pair with itself, nor a post with its own repost.
    """
    posts = Counter(share.account_id for share in shares)
    by_object: dict[str, list[Share]] = {}
    for share in shares:
        if posts[share.account_id] >= least_participation:
            by_object.setdefault(share.object_id, []).append(share)
    pairs = [
        pair
        for together in by_object.values()
        for pair in _pairs_of_object(together, window_seconds)
    ]
    paired = {share.content_id for pair in pairs for share in (pair.older, pair.newer)}
    active = [share for together in by_object.values() for share in together]
    active = [share for share in active if share.content_id in paired]
    counts = Counter(share.account_id for share in active)
    kept = {s.content_id for s in active if counts[s.account_id] >= least_participation}
    return [p for p in pairs if p.older.content_id in kept or p.newer.content_id in kept]


def _pairs_of_object(together: list[Share], window_seconds: float) -> Iterable[SharedPair]:
    ordered = sorted(together, key=lambda share: (share.moment, share.content_id))
    first = 0
    for place, newer in enumerate(ordered):
        while newer.moment - ordered[first].moment > window_seconds:
            first += 1
        for older in ordered[first:place]:
            names = {older.content_id, newer.content_id}
            if older.account_id != newer.account_id and len(names - {older.object_id}) == 2:
                yield SharedPair(object_id=older.object_id, older=older, newer=newer)


Edges = dict[tuple[str, str], int]
"""Pairs of posts by two accounts, in the order of their names."""


def edge_weights(pairs: Iterable[SharedPair]) -> Edges:
    """Count the pairs of posts of each two accounts.

    Args:
        pairs: What ``coordinated_pairs`` found.

    Returns:
        The weight of each edge.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for pair in pairs:
        first, second = sorted((pair.older.account_id, pair.newer.account_id))
        counts[first, second] += 1
    return dict(counts)


def heavy_edges(edges: Mapping[tuple[str, str], int], percentile: float = EDGE_PERCENTILE) -> Edges:
    """Keep the edges above a percentile of the weights (step 2).

    Args:
        edges: All edges.
        percentile: Part of the edges that lies at or below the threshold.

    Returns:
        The edges whose weight exceeds the threshold; with most weights at 1, the median keeps
        all edges of weight 2 and more.
    """
    if not edges:
        return {}
    threshold = float(np.quantile(list(edges.values()), percentile))
    return {pair: weight for pair, weight in edges.items() if weight > threshold}


def components(edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Group the accounts that edges connect.

    Args:
        edges: Pairs of accounts.

    Returns:
        The group of each account; it bears the name of its first account.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for first, second in edges:
        one, other = root(first), root(second)
        parent[max(one, other)] = min(one, other)
    return {name: root(name) for name in sorted(parent)}
