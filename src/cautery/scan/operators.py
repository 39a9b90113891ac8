"""Operators: campaigns that share rare things are thought to be one hand."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from cautery.scan.communities import rarity_bits
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups

LEAST_TOKENS: Final = 3
"""Rare tokens that two campaigns must have in common."""
LEAST_BITS: Final = 4.0
"""Rarity of such a token."""
OPERATOR_LINKS: Final = ("payment", "address", "device")


def operator_labels(facts: Facts, groups: Groups, listed: list[int]) -> list[int]:
    """Label listed groups by the operator thought to run them.

    Args:
        facts: What the log says.
        groups: Judged groups.
        listed: Numbers of the listed groups, in their printed order.

    Returns:
        One label a listed group; equal labels are one operator. Labels count up from 0 in the
        order of the listed groups.
    """
    place = np.full(groups.count + 1, -1, dtype=np.int64)
    place[listed] = np.arange(len(listed))
    shared = sparse.csr_matrix((len(listed), len(listed)))
    for name in OPERATOR_LINKS:
        if name not in groups.incidences:
            continue
        pairs = groups.incidences[name]
        row = place[groups.group_of[pairs.account]]
        kept = (row >= 0) & (rarity_bits(pairs, facts.account_count) >= LEAST_BITS)
        holds = sparse.csr_matrix(
            (np.ones(int(kept.sum())), (row[kept], pairs.token[kept])),
            shape=(len(listed), pairs.token_count),
        )
        holds.data[:] = 1.0
        shared = shared + holds @ holds.T
    shared.setdiag(0)
    edges = shared.tocoo()
    often = edges.data >= LEAST_TOKENS
    graph = sparse.coo_matrix(
        (edges.data[often], (edges.row[often], edges.col[often])), shape=shared.shape
    )
    _count, labels = connected_components(graph, directed=False)
    order: dict[int, int] = {}
    return [order.setdefault(int(label), len(order)) for label in labels]
