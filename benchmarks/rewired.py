"""Rewired networks: every degree kept, and nothing shared for a reason."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]

MOST_ROUNDS: Final = 2_000
"""Rounds of mending; some dozen are usual."""


def rewired(rows: Integers, columns: Integers, generator: np.random.Generator) -> Integers:
    """Deal the ends of all edges anew, and mend what is double.

    Nothing of the old network is left, however large its hubs are: trades between two rows, as in
    the curveball algorithm, need as many rounds as a hub has neighbours before they forget it.

    Args:
        rows: One end of each edge.
        columns: Other end of each edge; no edge twice.
        generator: Source of chance.

    Returns:
        New other ends: every row and every column has as many edges as before, none twice.

    Raises:
        ValueError: If no network of these degrees was found.
    """
    dealt = generator.permutation(columns)
    width = int(columns.max(initial=0)) + 1
    for _round in range(MOST_ROUNDS):
        keys = rows * width + dealt
        order = np.argsort(keys, kind="stable")
        double = order[1:][keys[order][1:] == keys[order][:-1]]
        if double.size == 0:
            return dealt
        for place, other in zip(
            double.tolist(), generator.integers(0, dealt.size, double.size).tolist(), strict=True
        ):
            dealt[place], dealt[other] = dealt[other], dealt[place]
    raise ValueError("no network without double edges was found")


def rewired_pairs(pairs: Incidences, generator: np.random.Generator) -> Incidences:
    """Deal the accounts of one link's tokens anew."""
    account = rewired(pairs.token, pairs.account, generator)
    order = np.lexsort((account, pairs.token))
    return Incidences(
        account=account[order],
        token=pairs.token[order],
        exchanges=pairs.exchanges[order],
        names=pairs.names,
    )


def shared_by(pairs: Incidences, account_count: int) -> sparse.csr_matrix:
    """Tokens x accounts of one link."""
    return sparse.csr_matrix(
        (np.ones(pairs.account.size), (pairs.token, pairs.account)),
        shape=(pairs.token_count, account_count),
    )
