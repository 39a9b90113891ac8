"""Dense communities of shared infrastructure, by Leiden with a fixed seed.

The graph has accounts and tokens as nodes, so a card of ten accounts costs ten edges and not
forty-five. An edge weighs the rarity of its token, ``log2(N / k)`` bits, less what an account
with many tokens would meet by chance, so that big offices and carrier networks pull weakly.
"""

from __future__ import annotations

from typing import Final

import graspologic_native
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cautery.scan.facts import Incidences

Integers = NDArray[np.int64]

RESOLUTION: Final = 1.0
"""Modularity resolution of Newman and Girvan."""
LEAST_BITS: Final = 3.0
"""Rarity under which a token (more than an eighth of all accounts) makes no edge worth having."""


def rarity_bits(pairs: Incidences, account_count: int) -> NDArray[np.float64]:
    """Rarity of every account-token pair, in bits.

    Args:
        pairs: Account-token pairs of one link.
        account_count: Number of accounts in the log.

    Returns:
        ``log2(N / k) - log2(d)`` for a token of k accounts and an account of d tokens, at least
        0: minus the logarithm of the chance that a random other account shares one of d tokens
        as common as this one.
    """
    degree = np.bincount(pairs.token, minlength=pairs.token_count)[pairs.token]
    breadth = np.bincount(pairs.account, minlength=account_count)[pairs.account]
    return np.maximum(np.log2(account_count / (degree * breadth)), 0.0)


def infrastructure_communities(
    shared: list[Incidences], free: NDArray[np.bool_], seed: int
) -> Integers:
    """Group free accounts by rare shared infrastructure.

    Args:
        shared: Account-token pairs of the infrastructure links.
        free: Accounts that no group holds yet.
        seed: Seed of the partition.

    Returns:
        A label for each account, -1 for accounts that share nothing rare.
    """
    count = free.size
    labels = np.full(count, -1, dtype=np.int64)
    accounts, tokens, weights, offset = [], [], [], count
    for pairs in shared:
        bits = rarity_bits(pairs, count)
        degree = np.bincount(pairs.token, minlength=pairs.token_count)[pairs.token]
        kept = free[pairs.account] & (bits >= LEAST_BITS) & (degree >= 2)
        accounts.append(pairs.account[kept])
        tokens.append(pairs.token[kept] + offset)
        weights.append(bits[kept])
        offset += pairs.token_count
    account, token = (
        np.concatenate(accounts or [labels[:0]]),
        np.concatenate(tokens or [labels[:0]]),
    )
    if account.size == 0:
        return labels
    weight = np.concatenate(weights)
    nodes, compact = np.unique(np.concatenate([account, token]), return_inverse=True)
    left, right = compact[: account.size], compact[account.size :]
    graph = sparse.csr_matrix(
        (np.tile(weight, 2), (np.concatenate([left, right]), np.concatenate([right, left]))),
        shape=(nodes.size, nodes.size),
    )
    community = partition(graph, seed)
    inside = nodes < count
    labels[nodes[inside]] = community[inside]
    return labels


def partition(graph: sparse.csr_matrix, seed: int, resolution: float = RESOLUTION) -> Integers:
    """Partition a weighted graph by Leiden (Traag, Waltman and van Eck 2019).

    Args:
        graph: Symmetric weights, shape (nodes, nodes); node order decides ties.
        seed: The same seed gives the same communities.
        resolution: Modularity resolution.

    Returns:
        Community of each node, -1 for nodes without an edge.
    """
    graph.sum_duplicates()
    labels = np.full(graph.shape[0], -1, dtype=np.int64)
    # The library panics on nodes without an edge, so only connected ones are handed over.
    connected = np.flatnonzero(np.diff(graph.indptr) > 0)
    if connected.size == 0:
        return labels
    inner = graph[connected][:, connected].tocsr()
    inner.sort_indices()
    _quality, found = graspologic_native.leiden_csr(
        inner.indptr.astype(np.int64),
        inner.indices.astype(np.int32),
        inner.data.astype(np.float64),
        connected.size,
        resolution=resolution,
        seed=seed,
    )
    labels[connected] = [found[node] for node in range(connected.size)]
    return labels
