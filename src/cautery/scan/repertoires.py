"""Repertoires: accounts that live on the same rare templates, where nothing else joins them.

A campaign whose cards, addresses and sign-ups are not known, or are all different, still works
through one set of templates. One template is what customers of a popular program have in common; a
repertoire of several, in the same proportions, is not. Nobody is accused by this alone: a group
that only its behaviour joins stays under ``likely`` (``limits``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cautery.scan.cohesion import LEAST_COHESION, cosine_with_rest
from cautery.scan.communities import Communities, partition_both
from cautery.scan.distinct import numbered, places_by_number
from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

LIVES_ON: Final = 0.05
"""Part of an account's exchanges that a template must fill to be one that the account lives on.
With 0.15 the pools of simulated February logs stand out as well, but not those with 30 to 70 %
cover, whose accounts work through five and more templates (decision 0030)."""
FEWEST_HOLDERS: Final = 5
"""Accounts that must live on it."""
MOST_SHARE: Final = 0.25
"""Part of all accounts above which a template is popular rather than rare."""
LEAST_RARITY_BITS: Final = 0.5
"""Weight of an edge to a token that nearly everybody shows."""


def repertoires(
    templates: Incidences, exchanges: Integers, free: NDArray[np.bool_], seed: int
) -> Communities:
    """Group free accounts that live on the same rare templates.

    Args:
        templates: Account-token pairs of the template link.
        exchanges: Exchanges of each account, shape (accounts,).
        free: Accounts that no group holds yet.
        seed: Seed of the communities.

    Returns:
        The communities; accounts whose own mixture of templates is unlike that of the rest of
        their community have none.
    """
    count = free.size
    holders = np.bincount(templates.token, minlength=templates.token_count)
    share = templates.exchanges / np.maximum(exchanges[templates.account], 1)
    mine = free[templates.account]
    lives = mine & (share >= LIVES_ON) & (holders <= MOST_SHARE * count)[templates.token]
    living = np.bincount(templates.token[lives], minlength=templates.token_count)
    tokens = np.flatnonzero(living >= FEWEST_HOLDERS)
    place = np.full(templates.token_count, -1, dtype=np.int64)
    place[tokens] = np.arange(tokens.size)
    rarity = np.maximum(np.log2(count / np.maximum(holders[tokens], 1)), LEAST_RARITY_BITS)
    mine &= place[templates.token] >= 0
    rows, columns = place[templates.token[mine]], templates.account[mine]
    shape = (tokens.size, count)
    usage = sparse.csr_matrix((share[mine], (rows, columns)), shape=shape)
    lived_on = lives[mine]
    weighted = sparse.csr_matrix(
        (rarity[rows[lived_on]], (rows[lived_on], columns[lived_on])), shape=shape
    )
    found = partition_both(weighted, usage, rarity, seed)
    return replace(found, of_account=_alike(usage, rarity, found.of_account))


def _alike(usage: sparse.csr_matrix, rarity: Floats, of_account: Integers) -> Integers:
    """Leave out the accounts whose mixture of templates is not their community's."""
    labels = of_account.copy()
    profiles = sparse.csr_matrix((sparse.diags(np.sqrt(rarity)) @ usage).T)
    accounts, first = places_by_number(of_account)
    for community in range(first.size - 1):
        members = accounts[first[community] : first[community + 1]]
        if members.size == 0:
            continue
        mine = _of_used_columns(profiles[members])
        stays = np.ones(members.size, dtype=np.bool_)
        # Twice: what strangers brought along must not make the others look unlike.
        for _round in range(2):
            whole = np.asarray(mine[np.flatnonzero(stays)].sum(axis=0)).ravel()
            stays = cosine_with_rest(mine, whole, stays.astype(np.float64)) >= LEAST_COHESION
        labels[members[~stays]] = -1
    return labels


def _of_used_columns(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Leave the columns out in which no row has an entry: a log has many more than one group."""
    used, place = numbered(rows.indices.astype(np.int64))
    return sparse.csr_matrix((rows.data, place, rows.indptr), shape=(rows.shape[0], used.size))
