"""Communities are dense, the same for the same seed, and no accident of order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from tests.scan.grouping import things

from cautery.scan.communities import (
    LEAST_BITS,
    infrastructure_communities,
    merge_alike,
    partition,
    rarity_bits,
)
from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]
ACCOUNTS = 200


def grouped(labels: Integers) -> list[list[int]]:
    """List the members of each community, whatever its number."""
    found = [np.flatnonzero(labels == label).tolist() for label in np.unique(labels[labels >= 0])]
    return sorted(found)


def all_free(count: int = ACCOUNTS) -> NDArray[np.bool_]:
    """Nobody is in a group yet."""
    return np.ones(count, dtype=np.bool_)


def graph_of(edges: list[tuple[int, int]], nodes: int) -> sparse.csr_matrix:
    """Make a symmetric graph of edges of weight one."""
    left, right = np.array([*edges, *((b, a) for a, b in edges)]).reshape(-1, 2).T
    return sparse.csr_matrix((np.ones(left.size), (left, right)), shape=(nodes, nodes))


def two_cliques() -> list[tuple[int, int]]:
    """Two cliques of six nodes with a single edge between them."""
    cliques = [(a + 6 * c, b + 6 * c) for c in range(2) for a in range(6) for b in range(a)]
    return [*cliques, (0, 6)]


def test_cliques_are_told_apart() -> None:
    """One weak edge does not make one community of two dense ones, as components would."""
    labels = partition(graph_of(two_cliques(), 12), seed=0)
    assert grouped(labels) == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]


def test_isolated_nodes() -> None:
    """Nodes without an edge are in no community, wherever they stand."""
    moved = [(a + 1, b + 1) for a, b in two_cliques()]
    labels = partition(graph_of(moved, 20), seed=0)
    assert labels[0] == -1
    assert (labels[13:] == -1).all()
    assert len(grouped(labels)) == 2


@pytest.mark.parametrize("nodes", [0, 1, 7])
def test_no_edges(nodes: int) -> None:
    """A graph without an edge has no community, and so has one without a node."""
    assert partition(sparse.csr_matrix((nodes, nodes)), seed=0).tolist() == [-1] * nodes


@given(st.integers(0, 2**31 - 1))
def test_fixed_seed(seed: int) -> None:
    """The same seed gives the same labels, to the number."""
    generator = np.random.default_rng(12)
    dense = np.triu(generator.random((40, 40)) < 0.1, 1) * 1.0
    graph = sparse.csr_matrix(dense + dense.T)
    assert partition(graph.copy(), seed).tolist() == partition(graph.copy(), seed).tolist()


@given(st.permutations(range(len(two_cliques()))))
def test_order_of_edges(order: list[int]) -> None:
    """The order in which edges are named, and naming one twice, change no label."""
    edges = two_cliques()
    plain = partition(graph_of(edges, 12), seed=3)
    moved = partition(graph_of([edges[place] for place in order], 12), seed=3)
    assert moved.tolist() == plain.tolist()


def test_rarity_bits() -> None:
    """A thing of k of N accounts is worth log2(N / k), less what a broad account meets anyway."""
    pairs = things({"card": (0, 1), "hub": range(ACCOUNTS)})
    bits = {
        (int(account), pairs.names[token]): float(value)
        for account, token, value in zip(
            pairs.account, pairs.token, rarity_bits(pairs, ACCOUNTS), strict=True
        )
    }
    assert bits[0, "card"] == pytest.approx(np.log2(ACCOUNTS / 2) - 1.0)
    assert bits[5, "hub"] == 0.0
    assert min(bits.values()) >= 0.0


def test_shared_cards_make_groups() -> None:
    """Accounts that share rare things are together; those that share none are in no group."""
    begins = range(0, 120, 10)
    cards = things({f"card-{b}": (b, b + 1, b + 2) for b in begins} | {"single": (150,)})
    addresses = things({f"address-{b}": (b + 1, b + 2, b + 3) for b in begins})
    labels = infrastructure_communities([cards, addresses], all_free(), seed=0).of_account
    assert grouped(labels) == [[b, b + 1, b + 2, b + 3] for b in begins]


def test_hub_makes_no_group() -> None:
    """What so many accounts have that it is under the least rarity makes no edge."""
    size = int(ACCOUNTS / 2**LEAST_BITS) + 1
    labels = infrastructure_communities(
        [things({"hub": range(size)})], all_free(), seed=0
    ).of_account
    assert grouped(labels) == []


def test_broad_accounts_pull_weakly() -> None:
    """An account that shows everything, as behind a carrier's exits, does not join others."""
    many = {f"n{i}": (0, i + 1) for i in range(64)}
    labels = infrastructure_communities([things(many)], all_free(), seed=0).of_account
    assert labels[0] == -1


def test_tokens_bound_to_one_are_not_cut() -> None:
    """A sparse pool that modularity would cut stays whole where no chance gives its tokens."""
    order = np.random.default_rng(1)
    pairs = {f"{token}": order.choice(12, 2, replace=False).tolist() for token in range(36)}
    sparse_pool = things(pairs)
    cut = infrastructure_communities([sparse_pool], all_free(), seed=0).of_account
    bound = replace(sparse_pool, bound_to_one=True)
    whole = infrastructure_communities([bound], all_free(), seed=0)
    assert grouped(cut) != [list(range(12))]
    assert grouped(whole.of_account) == [list(range(12))]
    assert {len(grouped(run)) for run in whole.redrawn_accounts} == {1}


def test_breadth_costs_nothing_where_nobody_meets_by_chance() -> None:
    """An account with many tokens is as rarely met by them as one with a single one."""
    many = things({f"{token}": [0, token + 1] for token in range(20)})
    assert set(rarity_bits(replace(many, bound_to_one=True), ACCOUNTS)) == {
        float(np.log2(ACCOUNTS / 2))
    }
    assert min(rarity_bits(many, ACCOUNTS)) < float(np.log2(ACCOUNTS / 2)) - 4.0


def test_held_accounts_stay_out() -> None:
    """An account that a group holds already is in no further one, and does not tie others."""
    free = all_free()
    free[1] = False
    labels = infrastructure_communities(
        [things({"c1": (0, 1), "c2": (1, 2)})], free, seed=0
    ).of_account
    assert labels[1] == -1
    assert labels[0] != labels[2] or labels[0] == -1


@pytest.mark.parametrize("shared", [[], [things({})]])
def test_nothing_shared(shared: list[Incidences]) -> None:
    """Without links, or links without pairs, every account stays alone."""
    assert grouped(infrastructure_communities(shared, all_free(), seed=0).of_account) == []


def block(tokens: Iterable[int], accounts: Iterable[int]) -> list[tuple[int, int]]:
    """Every one of some tokens at every one of some accounts."""
    return [(token, account) for token in tokens for account in accounts]


def shown(ones: list[tuple[int, int]]) -> sparse.csr_matrix:
    """Make a matrix of eight tokens and eight accounts."""
    rows, columns = np.array(ones).T
    return sparse.csr_matrix((np.ones(rows.size), (rows, columns)), shape=(8, 8))


HALVES = np.array([0] * 4 + [1] * 4)
EQUAL = np.ones(8)


def test_halves_of_one_block_are_merged() -> None:
    """A complete block that modularity has cut in two is one community again."""
    tokens, accounts = merge_alike(shown(block(range(8), range(8))), EQUAL, HALVES, HALVES)
    assert tokens.tolist() == accounts.tolist() == [0] * 8


def test_two_blocks_stay_two() -> None:
    """Blocks with a stray thing in common are not merged, and who is in none stays so."""
    ones = [*block(range(4), range(4)), *block(range(4, 8), range(4, 7)), (0, 5)]
    alone = np.array([0] * 4 + [1] * 3 + [-1])
    tokens, accounts = merge_alike(shown(ones), EQUAL, HALVES, alone)
    assert tokens.tolist() == HALVES.tolist()
    assert accounts.tolist() == alone.tolist()
