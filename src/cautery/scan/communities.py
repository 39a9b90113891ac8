"""Dense communities of shared infrastructure: what many runs of Leiden agree on.

The graph has accounts and tokens as nodes, so a card of ten accounts costs ten edges and not
forty-five. An edge weighs the rarity of its token, ``log2(N / k)`` bits, less what an account
with many tokens would meet by chance, so that big offices and carrier networks pull weakly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import graspologic_native
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from cautery.ingest.background import in_threads
from cautery.scan.consensus import agreed, in_another_order, run_count
from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]

RESOLUTION: Final = 1.0
"""Modularity resolution of Newman and Girvan. It lies in the range of resolutions over which the
partition of the behaviour graph hardly moves, between neighbouring resolutions and between runs
(decision 0016; ``benchmarks/resolution.py`` draws the curve)."""
PLATEAU: Final = (0.7, 1.0, 1.4)
"""Resolutions of that range; the runs that measure stability take them in turn."""
ALIKE_PROFILES: Final = 0.7
"""Cosine of two communities' profiles from which they are one. Pieces of one campaign measured
0.99 to 1.00, different campaigns and look-alikes at most 0.36."""
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
        as common as this one. Without the second term where nobody meets a token by chance.
    """
    degree = np.bincount(pairs.token, minlength=pairs.token_count)[pairs.token]
    breadth = pairs.breadth(account_count)[pairs.account]
    return np.maximum(np.log2(account_count / (degree * breadth)), 0.0)


@dataclass(frozen=True, kw_only=True)
class Communities:
    """What the runs of one graph agree on, and what they said when the evidence was redrawn."""

    of_token: Integers
    """Community of each token, -1 for those without an edge."""
    of_account: Integers
    """Community of each account, -1 for those without an edge."""
    redrawn_tokens: Integers
    """Community of each token in each run with redrawn weights, shape (runs, tokens)."""
    redrawn_accounts: Integers
    """Community of each account in each of these runs, shape (runs, accounts)."""


def infrastructure_communities(
    shared: list[Incidences], free: NDArray[np.bool_], seed: int
) -> Communities:
    """Group free accounts by rare shared infrastructure.

    Args:
        shared: Account-token pairs of the infrastructure links.
        free: Accounts that no group holds yet.
        seed: Seed of the partition.

    Returns:
        The communities; accounts that share nothing rare have none.
    """
    count = free.size
    rows, bound = [sparse.csr_matrix((0, count))], [np.zeros(0, dtype=np.bool_)]
    for pairs in shared:
        bits = rarity_bits(pairs, count)
        degree = np.bincount(pairs.token, minlength=pairs.token_count)[pairs.token]
        kept = free[pairs.account] & (bits >= LEAST_BITS) & (degree >= 2)
        tokens = pairs.token[kept]
        rows.append(
            sparse.csr_matrix(
                (bits[kept], (tokens, pairs.account[kept])), shape=(pairs.token_count, count)
            )
        )
        bound.append(np.full(pairs.token_count, pairs.bound_to_one))
    weighted = sparse.vstack(rows, format="csr")
    held = np.diff(weighted.indptr) > 0
    weighted = weighted[held]
    uncut = np.flatnonzero(np.concatenate(bound)[held])
    return partition_both(weighted, weighted, np.ones(weighted.shape[0]), seed, uncut)


def partition_both(
    weighted: sparse.csr_matrix,
    usage: sparse.csr_matrix,
    rarity: NDArray[np.float64],
    seed: int,
    uncut: Integers | None = None,
) -> Communities:
    """Partition tokens and accounts together, and join what was cut in two.

    Args:
        weighted: Tokens x accounts, weight of each edge.
        usage: Tokens x accounts, how much each account uses each token.
        rarity: Weight of each token in the profiles, shape (tokens,).
        seed: Seed of the runs.
        uncut: Tokens that no chance gives to two accounts: their accounts stay together.

    Returns:
        What the runs agree on, and the runs with redrawn weights.
    """
    tokens = weighted.shape[0]
    graph = both_sides(weighted)
    count = run_count(weighted.nnz)

    bonds = (weighted[uncut] if uncut is not None else weighted[:0]).tocoo()
    places = (np.zeros(0, dtype=np.int64) if uncut is None else uncut)[bonds.row]

    def joined(labels: Integers) -> Integers:
        merged = np.concatenate(merge_alike(usage, rarity, labels[:tokens], labels[tokens:]))
        return _merged(merged, merged[places], merged[tokens + bonds.col])

    def one_run(run: int) -> Integers:
        """Run on the evidence as it is first, then on redrawn evidence."""
        if run < count:
            return joined(in_another_order(graph, seed + run, partition))
        return joined(redrawn_run(graph, seed, run - count))

    # Leiden lets go of Python's lock.
    runs = np.array(list(in_threads(one_run, ((run,) for run in range(2 * count)))))
    labels, redrawn = joined(agreed(graph, runs[:count])), runs[count:]
    return Communities(
        of_token=labels[:tokens],
        of_account=labels[tokens:],
        redrawn_tokens=redrawn[:, :tokens],
        redrawn_accounts=redrawn[:, tokens:],
    )


def both_sides(weighted: sparse.csr_matrix) -> sparse.csr_matrix:
    """Make the graph of tokens and accounts: tokens first, each edge in both directions.

    Args:
        weighted: Tokens x accounts, weight of each edge.

    Returns:
        Symmetric weights, shape (tokens + accounts, tokens + accounts).
    """
    tokens, accounts = weighted.shape
    edges = weighted.tocoo()
    rows, columns = edges.row, edges.col + tokens
    return sparse.csr_matrix(
        (
            np.tile(edges.data, 2),
            (np.concatenate([rows, columns]), np.concatenate([columns, rows])),
        ),
        shape=(tokens + accounts, tokens + accounts),
    )


def redrawn_run(graph: sparse.csr_matrix, seed: int, run: int) -> Integers:
    """Partition a graph with redrawn weights, at one of the resolutions of the plateau.

    Args:
        graph: Symmetric weights, shape (nodes, nodes).
        seed: Seed of the runs.
        run: Number of the run.

    Returns:
        Community of each node, -1 for nodes without an edge.
    """
    resolution = PLATEAU[run % len(PLATEAU)]
    return in_another_order(
        graph, seed + run, lambda one, number: partition(one, number, resolution), spread=True
    )


def merge_alike(
    usage: sparse.csr_matrix, rarity: NDArray[np.float64], of_token: Integers, of_account: Integers
) -> tuple[Integers, Integers]:
    """Merge communities whose accounts use the same tokens in the same proportions.

    Modularity cuts a dense block in two where the block is most of the graph: a complete
    bipartite block has modularity 0, and so have its halves. The halves of one campaign have the
    same profile, the mean usage of the tokens by their accounts; likeness is the cosine.

    Args:
        usage: Tokens x accounts, exchanges of the account that show the token.
        rarity: Weight of each token, shape (tokens,).
        of_token: Community of each token, -1 if none.
        of_account: Community of each account, -1 if none.

    Returns:
        Both labels, merged once; a merged community has its smallest label.
    """
    count = int(max(of_token.max(initial=-1), of_account.max(initial=-1))) + 1
    if count == 0:
        return of_token, of_account
    inside = np.flatnonzero(of_account >= 0)
    by_community = sparse.csr_matrix(
        (np.ones(inside.size), (of_account[inside], inside)), shape=(count, of_account.size)
    )
    totals = np.asarray(usage.sum(axis=0)).ravel()
    shares = usage @ sparse.diags(1.0 / np.maximum(totals, 1.0))
    profiles = sparse.csr_matrix(by_community @ shares.T @ sparse.diags(np.sqrt(rarity)))
    length = np.sqrt(np.asarray(profiles.multiply(profiles).sum(axis=1)).ravel())
    unit = sparse.diags(1.0 / np.maximum(length, 1e-12)) @ profiles
    cosine = sparse.coo_matrix(unit @ unit.T)
    kept = (cosine.row < cosine.col) & (cosine.data >= ALIKE_PROFILES)
    both = np.concatenate([of_token, of_account])
    joined = _merged(both, cosine.row[kept].astype(np.int64), cosine.col[kept].astype(np.int64))
    return joined[: of_token.size], joined[of_token.size :]


def _merged(labels: Integers, one: Integers, other: Integers) -> Integers:
    """Give communities that are joined, directly or through others, their smallest label."""
    known = (one >= 0) & (other >= 0)
    one, other = one[known], other[known]
    if one.size == 0:
        return labels
    count = int(labels.max(initial=-1)) + 1
    graph = sparse.coo_matrix((np.ones(one.size), (one, other)), shape=(count, count))
    _parts, part = connected_components(graph, directed=False)
    smallest = np.full(count, count, dtype=np.int64)
    np.minimum.at(smallest, part, np.arange(count))
    return np.append(smallest[part], -1)[labels]


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
    labels[connected] = np.fromiter(
        map(found.__getitem__, range(connected.size)), np.int64, connected.size
    )
    return labels
