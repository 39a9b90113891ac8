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
LEAST_COHESION_OF_MANY: Final = 0.64
"""The same for halves of ``FEWEST_OF_MANY`` units and more each, whose profiles hardly depend on
chance. One campaign of thousands of accounts cut in two so measured 0.74 to 0.93; two that did the
same work with half of their templates in common 0.52 (decision 0047)."""
FEWEST_OF_MANY: Final = 30
"""Units of either half from which the stricter measure holds. Campaigns in logs of 3,000 accounts
have at most 15, and halves of one to three units measured from 0.53."""
FEWEST_TO_CUT: Final = 5
"""Accounts of a unit that has a say in where a group is cut in two: two accounts with a handful of
exchanges show a handful of a campaign's templates, and are like a half of it by chance."""
MOST_ROUNDS: Final = 20
"""Rounds in which units may change sides; a handful is usual."""
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


def tokens_of_parts(
    usage: sparse.csr_matrix, of_token: Integers, before: Integers, after: Integers
) -> Integers:
    """Give the tokens of a group that fell apart to the parts that use them most.

    Args:
        usage: Tokens x accounts, exchanges of the account that show the token.
        of_token: Group of each token, -1 if none.
        before: Group of each account before, -1 if none.
        after: The same after ``split_unlike``.

    Returns:
        Group of each token; a token that no account of its group shows keeps its group.
    """
    moved = np.flatnonzero((before >= 0) & (before != after))
    labels = of_token.copy()
    for group in np.unique(before[moved]).tolist():
        tokens = np.flatnonzero(of_token == group)
        members = np.flatnonzero(before == group)
        parts, codes = np.unique(after[members], return_inverse=True)
        shown = usage[tokens][:, members]
        by_part = sparse.csr_matrix(
            (np.ones(members.size), (np.arange(members.size), codes)),
            shape=(members.size, parts.size),
        )
        uses = np.asarray((shown @ by_part).todense())
        labels[tokens] = np.where(uses.max(axis=1) > 0, parts[uses.argmax(axis=1)], group)
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
    unit_part = _parts_of_units(profiles, np.bincount(unit[held], minlength=units.size))
    part[held] = unit_part[unit[held]]
    single = np.flatnonzero(unit < 0)
    if single.size and unit_part.max() > 0:
        part[single] = _nearest(shares[members[single]], profiles, unit_part)
    return part


def _parts_of_units(profiles: sparse.csr_matrix, sizes: Integers) -> Integers:
    """Cut units in halves that are unlike, as long as there are such, then set odd units apart.

    Looking at each unit against all the rest is not enough: two campaigns in one group are each
    the half of that rest, and so like it.
    """
    halves = _cut_in_halves(profiles, sizes)
    part = np.zeros(profiles.shape[0], dtype=np.int64)
    following = 0
    for half in range(int(halves.max()) + 1):
        units = np.flatnonzero(halves == half)
        odd = _odd_units(profiles[units])
        part[units] = following + odd
        following += int(odd.max(initial=0)) + 1
    # The part with most accounts keeps the group's number.
    _values, first, part = np.unique(part, return_index=True, return_inverse=True)
    held = np.bincount(part, weights=sizes)
    number = np.empty(first.size, dtype=np.int64)
    number[np.lexsort((first, -held))] = np.arange(first.size)
    return number[part]


def _cut_in_halves(profiles: sparse.csr_matrix, sizes: Integers) -> Integers:
    """Number the parts that units of enough accounts fall into; the others follow the nearest."""
    halves = np.zeros(profiles.shape[0], dtype=np.int64)
    large = np.flatnonzero(sizes >= FEWEST_TO_CUT)
    if large.size < 2:
        return halves
    part = np.zeros(large.size, dtype=np.int64)
    whole_parts, following = [0], 1
    while whole_parts:
        units = np.flatnonzero(part == whole_parts[-1])
        second = _second_half(profiles[large[units]])
        if second.any():
            part[units[second]] = following
            whole_parts.append(following)
            following += 1
        else:
            whole_parts.pop()
    halves[large] = part
    small = np.flatnonzero(sizes < FEWEST_TO_CUT)
    if small.size and following > 1:
        halves[small] = _nearest(profiles[small], profiles[large], part)
    return halves


def _nearest(rows: sparse.csr_matrix, profiles: sparse.csr_matrix, part: Integers) -> Integers:
    """The part whose sum of profiles each row is most like."""
    by_part = sparse.csr_matrix(
        (np.ones(part.size), (part, np.arange(part.size))),
        shape=(int(part.max()) + 1, part.size),
    )
    likeness = (_unit_length(rows) @ _unit_length(by_part @ profiles).T).toarray()
    return np.asarray(likeness.argmax(axis=1), dtype=np.int64)


def _odd_units(profiles: sparse.csr_matrix) -> Integers:
    """Units that are like the rest stay part 0; the others form parts among themselves."""
    count = profiles.shape[0]
    whole = np.asarray(profiles.sum(axis=0)).ravel()
    stays = cosine_with_rest(profiles, whole, np.ones(count)) >= LEAST_COHESION
    kept = np.asarray(profiles[np.flatnonzero(stays)].sum(axis=0)).ravel()
    stays = cosine_with_rest(profiles, kept, stays.astype(np.float64)) >= LEAST_COHESION
    apart = np.flatnonzero(~stays)
    part = np.zeros(count, dtype=np.int64)
    if apart.size == 0 or count < 2:
        return part
    unit = _unit_length(profiles[apart])
    alike = sparse.coo_matrix(unit @ unit.T)
    near = alike.data >= LEAST_COHESION
    graph = sparse.coo_matrix(
        (alike.data[near], (alike.row[near], alike.col[near])), shape=alike.shape
    )
    _count, labels = connected_components(graph, directed=False)
    part[apart] = labels + (1 if stays.any() else 0)
    return part


def _second_half(profiles: sparse.csr_matrix) -> NDArray[np.bool_]:
    """Mark the units of one half if two halves are unlike each other; none if they are alike.

    Two means on the sphere (Dhillon and Modha 2001), begun from the unit that is least like the
    whole and the one that is least like it.
    """
    if profiles.shape[0] < 2:
        return np.zeros(profiles.shape[0], dtype=np.bool_)
    unit = _unit_length(profiles)
    whole = np.asarray(profiles.sum(axis=0)).ravel()
    odd = int(np.argmin(unit @ whole))
    to_odd = np.asarray((unit @ unit[[odd]].T).todense()).ravel()
    to_other = np.asarray((unit @ unit[[int(np.argmin(to_odd))]].T).todense()).ravel()
    second = to_odd > to_other
    for _round in range(MOST_ROUNDS):
        sums = [
            np.asarray(profiles[np.flatnonzero(side)].sum(axis=0)).ravel()
            for side in (~second, second)
        ]
        likeness = [
            cosine_with_rest(profiles, total, side.astype(np.float64))
            for total, side in zip(sums, (~second, second), strict=True)
        ]
        moved = likeness[1] > likeness[0]
        # A unit alone has no rest to be like: it leaves only for one that it is like.
        for side in (~second, second):
            if side.sum() == 1:
                lone = int(np.flatnonzero(side)[0])
                other = likeness[0][lone] if second[lone] else likeness[1][lone]
                moved[lone] = second[lone] if other < LEAST_COHESION else not second[lone]
        if np.array_equal(moved, second):
            break
        second = moved
        if second.all() or not second.any():
            return np.zeros(second.size, dtype=np.bool_)
    first_sum, second_sum = (
        np.asarray(profiles[np.flatnonzero(side)].sum(axis=0)).ravel() for side in (~second, second)
    )
    length = np.linalg.norm(first_sum) * np.linalg.norm(second_sum)
    fewest = min(int(second.sum()), int((~second).sum()))
    least = LEAST_COHESION_OF_MANY if fewest >= FEWEST_OF_MANY else LEAST_COHESION
    alike = float(first_sum @ second_sum) >= least * max(float(length), 1e-12)
    return np.zeros(second.size, dtype=np.bool_) if alike else second


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
