"""The consensus of many runs depends on no order, and is that of most of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from tests.scan.arrays import same_partition

from cautery.scan.communities import partition, partition_both
from cautery.scan.consensus import FEWEST_RUNS, MOST_RUNS, agreed, in_another_order, run_count

Integers = NDArray[np.int64]
MEMBERS = 12
BRIDGES = 3


def pools(seed: int = 0) -> sparse.csr_matrix:
    """Two pools of tokens x accounts, and three accounts that use both alike: ties."""
    generator = np.random.default_rng(seed)
    block = (generator.random((8, MEMBERS)) < 0.7).astype(float)
    block[0] = 1.0
    both = np.kron(np.eye(2), block)
    ties = np.vstack([np.ones((8, BRIDGES)), np.ones((8, BRIDGES))])
    return sparse.csr_matrix(np.hstack([both, ties]))


def accounts_of(weighted: sparse.csr_matrix, seed: int = 0) -> Integers:
    """Community of each account by the consensus of the runs."""
    return partition_both(weighted, weighted, np.ones(weighted.shape[0]), seed).of_account


def test_pools_are_told_apart_for_any_seed() -> None:
    """The members of two pools are two communities whatever the seed, with ties between them."""
    for seed in range(5):
        labels = accounts_of(pools(), seed)
        assert (
            np.unique(labels[:MEMBERS]).size == np.unique(labels[MEMBERS : 2 * MEMBERS]).size == 1
        )
        assert labels[0] != labels[MEMBERS]


def test_any_order_of_nodes() -> None:
    """Other orders of tokens and accounts give the same communities of the pools' members."""
    plain = accounts_of(pools())[: 2 * MEMBERS]
    for seed in range(5):
        generator = np.random.default_rng(seed)
        order = generator.permutation(2 * MEMBERS + BRIDGES)
        mixed = pools()[generator.permutation(16)][:, order]
        labels = np.empty(order.size, dtype=np.int64)
        labels[order] = accounts_of(sparse.csr_matrix(mixed))
        assert same_partition(labels[: 2 * MEMBERS], plain)


def test_the_same_twice() -> None:
    """The same graph and seed give the same labels and the same redrawn runs."""
    one, other = (partition_both(pools(), pools(), np.ones(16), 3) for _again in range(2))
    assert one.of_account.tolist() == other.of_account.tolist()
    assert one.redrawn_accounts.tolist() == other.redrawn_accounts.tolist()
    assert len(one.redrawn_accounts) == run_count(pools().nnz) == MOST_RUNS


def test_no_edges() -> None:
    """A graph without edges has no communities, and its runs none either."""
    empty = sparse.csr_matrix((2, 5))
    found = partition_both(empty, empty, np.ones(2), 0)
    assert found.of_account.tolist() == [-1] * 5
    assert np.unique(found.redrawn_accounts).tolist() == [-1]


def test_an_edge_keeps_its_ends() -> None:
    """Another order of nodes is undone again: labels belong to the nodes as they were given."""
    edges = np.array([(0, 1), (2, 5), (5, 2), (1, 0)]).T
    graph = sparse.csr_matrix((np.ones(4), (edges[0], edges[1])), shape=(6, 6))
    for seed in range(4):
        for spread in (False, True):
            labels = in_another_order(graph, seed, partition, spread=spread)
            assert labels[0] == labels[1] != labels[2] == labels[5]
            assert labels[3] == labels[4] == -1


@pytest.mark.parametrize("spread", [False, True])
def test_what_a_run_is_given(spread: bool) -> None:
    """Each seed gives another order of nodes; weights are redrawn where asked, edges never lost."""
    given: list[sparse.csr_matrix] = []

    def noted(graph: sparse.csr_matrix, _seed: int) -> Integers:
        given.append(graph)
        return np.arange(graph.shape[0])

    edges = sparse.triu(np.ones((9, 9)), k=1)
    graph = sparse.csr_matrix(edges + edges.T)
    orders = [in_another_order(graph, seed, noted, spread=spread).tolist() for seed in range(3)]
    assert all(sorted(order) == list(range(9)) for order in orders)
    assert len({tuple(order) for order in [*orders, range(9)]}) == 4
    assert all(
        run.nnz == graph.nnz and np.array_equal(run.toarray(), run.T.toarray()) for run in given
    )
    changed = [bool((run.data != 1.0).any()) for run in given]
    assert changed == [spread] * 3


def test_redrawn_weights_differ() -> None:
    """Redrawn evidence is another graph: some seed gives another partition of a loose one."""
    generator = np.random.default_rng(1)
    dense = (generator.random((60, 60)) < 0.08) * generator.random((60, 60))
    graph = sparse.csr_matrix(dense + dense.T)
    plain = in_another_order(graph, 0, partition)
    redrawn = [in_another_order(graph, seed, partition, spread=True) for seed in range(3)]
    assert not all(same_partition(plain, labels) for labels in redrawn)


def test_few_runs_of_large_graphs() -> None:
    """The number of runs falls with the edges, and never under the fewest of which most agree."""
    counts = [run_count(edges) for edges in (0, 10, 10**5, 2 * 10**5, 10**9)]
    assert counts == sorted(counts, reverse=True)
    assert (counts[0], counts[-1]) == (MOST_RUNS, FEWEST_RUNS)


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=20),
    st.lists(st.lists(st.integers(0, 3), min_size=8, max_size=8), min_size=3, max_size=3),
)
def test_majority(edges: list[tuple[int, int]], runs: list[list[int]]) -> None:
    """Ends that most runs keep together stay together; labels count up by the smallest node."""
    pairs = [(a, b) for a, b in edges if a != b]
    if not pairs:
        return
    rows, columns = np.array([*pairs, *((b, a) for a, b in pairs)]).T
    graph = sparse.csr_matrix((np.ones(rows.size), (rows, columns)), shape=(8, 8))
    graph.sum_duplicates()
    labelings = np.array(runs)
    labels = agreed(graph, labelings)
    for a, b in pairs:
        if (labelings[:, a] == labelings[:, b]).sum() >= 2:
            assert labels[a] == labels[b]
    order = labels[labels >= 0].tolist()
    assert sorted(set(order)) == list(dict.fromkeys(order))
    for node in range(8):
        assert (labels[node] == -1) == (node not in {end for pair in pairs for end in pair})
