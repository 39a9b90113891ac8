"""Consensus: the partition that many runs of a randomised method agree on.

Leiden breaks ties by the order of nodes and by its seed, and where a graph has several partitions
of nearly the same modularity, one run returns any of them. Many runs are made, each with its own
seed and order of nodes, and how often they keep two nodes together is counted (Lancichinetti and
Fortunato 2012, "Consensus clustering in complex networks"), for the pairs that are edges of the
graph, which bounds the cost by the edges (Tandon and others 2019, "Fast consensus clustering in
complex networks"). Pairs that most runs keep together stay together (majority voting: Fred and Jain
2005, "Combining multiple clusterings using evidence accumulation").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Partition = Callable[[sparse.csr_matrix, int], Integers]
"""Partitions a graph by a seed; -1 for nodes without an edge."""

MOST_RUNS: Final = 10
"""Runs of a small graph. The share of runs that keep two accounts together then has a standard
error of at most 0.16."""
FEWEST_RUNS: Final = 3
"""Runs of the largest graph: the fewest of which most can agree."""
EDGE_VISITS: Final = 1_000_000
"""Edges of all runs together, which bounds the time (4 s of one processor): graphs of 100,000 edges
and fewer get all runs, those of 300,000 and more the fewest."""
AGREEMENT: Final = 0.5
"""Share of the runs that must be exceeded: a majority."""


def run_count(edges: int) -> int:
    """Choose how many runs a graph gets.

    Args:
        edges: Its edges.

    Returns:
        ``MOST_RUNS`` for small graphs, fewer for larger ones.

    Example:
        >>> run_count(5_000), run_count(200_000), run_count(80_000_000)
        (10, 5, 3)
    """
    return max(FEWEST_RUNS, min(MOST_RUNS, EDGE_VISITS // max(edges, 1)))


def in_another_order(
    graph: sparse.csr_matrix, seed: int, partition: Partition, *, spread: bool = False
) -> Integers:
    """Partition a graph with its nodes in a random order, and its weights redrawn if asked.

    Args:
        graph: Symmetric weights, shape (nodes, nodes).
        seed: Draws the order and the weights, and is handed to the partition.
        partition: What partitions.
        spread: Whether each edge's weight is multiplied by a standard exponential draw (the
            Bayesian bootstrap, Rubin 1981): as if the evidence had been sampled once more, with
            no edge lost.

    Returns:
        Community of each node, -1 for nodes without an edge.
    """
    generator = np.random.default_rng([seed, int(spread)])
    count = graph.shape[0]
    order = generator.permutation(count)
    upper = sparse.triu(graph, format="coo")
    weights = upper.data
    if spread:
        weights = weights * generator.exponential(size=weights.size)
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    rows, columns = place[upper.row], place[upper.col]
    shuffled = sparse.csr_matrix(
        (
            np.tile(weights, 2),
            (np.concatenate([rows, columns]), np.concatenate([columns, rows])),
        ),
        shape=graph.shape,
    )
    return partition(shuffled, seed)[place]


def agreed(graph: sparse.csr_matrix, labelings: Integers) -> Integers:
    """Find the partition on which labelings of one graph agree.

    Args:
        graph: Symmetric weights, shape (nodes, nodes).
        labelings: Community of each node in each run, shape (runs, nodes), -1 if none.

    Returns:
        Community of each node, numbered by the smallest node; -1 for nodes without an edge. Two
        nodes are in one if a path of edges joins them of which more than half of the runs keep
        the ends together. Where the runs are the same this is their partition, cut into its
        connected parts.

    Example:
        >>> path = sparse.diags([1.0, 1.0, 1.0], 1)
        >>> labels = np.array([[0, 0, 1, 1], [0, 0, 0, 0], [1, 1, 0, 0]])
        >>> agreed(sparse.csr_matrix(path + path.T), labels).tolist()
        [0, 0, 1, 1]
    """
    upper = sparse.triu(graph, k=1, format="coo")
    rows, columns = upper.row, upper.col
    together = np.zeros(rows.size, dtype=np.int64)
    for labels in labelings:
        together += (labels[rows] == labels[columns]) & (labels[rows] >= 0)
    kept = together > AGREEMENT * len(labelings)
    agreeing = sparse.coo_matrix(
        (np.ones(int(kept.sum())), (rows[kept], columns[kept])), shape=graph.shape
    )
    _count, parts = connected_components(agreeing, directed=False)
    _values, first, inverse = np.unique(parts, return_index=True, return_inverse=True)
    labels = np.asarray(np.argsort(np.argsort(first))[inverse], dtype=np.int64)
    labels[np.diff(graph.indptr) == 0] = -1
    return labels
