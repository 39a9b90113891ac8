"""Cohesion: payers of one group whose accounts ask for something else are set apart.

Public prompts make strangers look like a pool: a red team and a harvester that both use a
published jailbreak stand in one dense community. Accounts of one payer are one unit, and a unit
that works through other templates than the rest of the group is no part of it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST_COHESION: Final = 0.45
"""Cosine with the rest of the group under which a unit is set apart. Cards of one campaign
measured 0.52 to 1.00 (0.77 and more in logs of 3,000 accounts), red teams among them 0.24 to
0.40."""
FEWEST_IN_UNIT: Final = 2
"""Accounts that make a payer a unit; a single account is judged as a member, not as a unit."""


def split_unlike(
    usage: sparse.csr_matrix, rarity: Floats, of_account: Integers, payers: Incidences | None
) -> Integers:
    """Set payers apart that use other tokens than the rest of their group.

    Args:
        usage: Tokens x accounts, exchanges of the account that show the token.
        rarity: Weight of each token, shape (tokens,).
        of_account: Group of each account, -1 if none.
        payers: Account-token pairs of the link that tells owners apart; None if there is none.

    Returns:
        Group of each account; the parts of a group that fell apart have new numbers.
    """
    if payers is None or usage.shape[0] == 0:
        return of_account
    totals = np.asarray(usage.sum(axis=0)).ravel()
    shares = sparse.csr_matrix(
        (sparse.diags(np.sqrt(rarity)) @ usage @ sparse.diags(1.0 / np.maximum(totals, 1.0))).T
    )
    payer = np.full(of_account.size, -1, dtype=np.int64)
    payer[payers.account] = payers.token
    labels = of_account.copy()
    following = int(of_account.max(initial=-1)) + 1
    for group in range(following):
        members = np.flatnonzero(of_account == group)
        part = _parts(shares, members, payer[members])
        for number in range(1, int(part.max(initial=0)) + 1):
            labels[members[part == number]] = following
            following += 1
    return labels


def _parts(shares: sparse.csr_matrix, members: Integers, payer: Integers) -> Integers:
    """Part of each member, 0 for the main one."""
    part = np.zeros(members.size, dtype=np.int64)
    values, codes, counts = np.unique(payer, return_inverse=True, return_counts=True)
    units = np.flatnonzero((values >= 0) & (counts >= FEWEST_IN_UNIT))
    if units.size < 2:
        return part
    place = np.full(values.size, -1, dtype=np.int64)
    place[units] = np.arange(units.size)
    unit = place[codes]
    held = np.flatnonzero(unit >= 0)
    by_unit = sparse.csr_matrix(
        (np.ones(held.size), (unit[held], held)), shape=(units.size, members.size)
    )
    profiles = sparse.csr_matrix(by_unit @ shares[members])
    unit_part = _parts_of_units(profiles)
    part[held] = unit_part[unit[held]]
    single = np.flatnonzero(unit < 0)
    if single.size and unit_part.max() > 0:
        centres = (
            sparse.csr_matrix(
                (np.ones(units.size), (unit_part, np.arange(units.size))),
                shape=(int(unit_part.max()) + 1, units.size),
            )
            @ profiles
        )
        likeness = (_unit_length(shares[members[single]]) @ _unit_length(centres).T).toarray()
        part[single] = likeness.argmax(axis=1)
    return part


def _parts_of_units(profiles: sparse.csr_matrix) -> Integers:
    """Units that are like the rest stay part 0; the others form parts among themselves."""
    count = profiles.shape[0]
    whole = np.asarray(profiles.sum(axis=0)).ravel()
    stays = cosine_with_rest(profiles, whole, np.ones(count)) >= LEAST_COHESION
    kept = np.asarray(profiles[np.flatnonzero(stays)].sum(axis=0)).ravel()
    stays = cosine_with_rest(profiles, kept, stays.astype(np.float64)) >= LEAST_COHESION
    apart = np.flatnonzero(~stays)
    part = np.zeros(count, dtype=np.int64)
    if apart.size == 0:
        return part
    unit = _unit_length(profiles[apart])
    alike = sparse.coo_matrix(unit @ unit.T)
    near = alike.data >= LEAST_COHESION
    graph = sparse.coo_matrix(
        (alike.data[near], (alike.row[near], alike.col[near])), shape=alike.shape
    )
    _count, labels = connected_components(graph, directed=False)
    first = 1 if stays.any() else 0
    part[apart] = labels + first
    return part


def cosine_with_rest(profiles: sparse.csr_matrix, whole: NDArray[Any], held: Floats) -> Floats:
    """Cosine of each profile with the sum of the others that are held in the whole."""
    product = np.asarray(profiles @ whole).ravel()
    square = np.asarray(profiles.multiply(profiles).sum(axis=1)).ravel()
    rest = np.maximum(float(whole @ whole) - held * (2.0 * product - square), 0.0)
    scale = np.sqrt(np.maximum(square * rest, 1e-24))
    return np.asarray((product - held * square) / scale, dtype=np.float64)


def _unit_length(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1.0 / np.maximum(length, 1e-12)) @ rows)
