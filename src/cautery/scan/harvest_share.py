"""Whether an account gives as much of its traffic to a group's templates as its members do."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc

from cautery.scan.groups import Groups
from cautery.scan.likeness import FEWEST_CORE

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

USUAL: Final = 0.02
"""Part of the members that may give so little without being doubted."""
LEAST_SHARE_BITS: Final = -5.0
"""Most bits against an account that gives less than any member."""
FEWEST_DIVIDED: Final = 5
"""Exchanges on the templates from which a member shows how it divides them."""
MOST_COMPARED: Final = 64
"""Members that an account is compared with: quantiles of all, which bounds the time."""


def share_bits(
    groups: Groups, members: NDArray[np.bool_], harvest: Integers, exchanges: Integers
) -> Floats:
    """Weigh how little of its traffic an account gives to its group's templates.

    Null: the account gives as a member does, that is its harvest is binomial with the part that
    one of the members gives, each as likely as any. A user of a common program asks it now and
    then among hundreds of other things; an account of few exchanges may miss the templates by
    chance, and is not doubted.

    Args:
        groups: Judged or unjudged groups.
        members: Accounts that are members for other reasons than their templates.
        harvest: Exchanges of each account on its group's templates.
        exchanges: All exchanges of each account.

    Returns:
        Bits by account, 0 at most: ``log2`` of the chance of so little, over ``USUAL``. 0 for
        groups of fewer than ``FEWEST_CORE`` members, and where the chance is above that.
    """
    bits = np.zeros(groups.group_of.size)
    part = (harvest + 0.5) / (exchanges + 1.0)
    for group in range(groups.count):
        inside = groups.members(group)
        known = np.sort(part[inside[members[inside]]])
        if known.size < FEWEST_CORE:
            continue
        if known.size > MOST_COMPARED:
            known = np.quantile(known, (np.arange(MOST_COMPARED) + 0.5) / MOST_COMPARED)
        seen, of = harvest[inside].astype(np.float64), exchanges[inside].astype(np.int64)
        chance = bdtr(seen[:, None], of[:, None], known[None, :]).mean(axis=1)
        bits[inside] = np.clip(np.log2(np.maximum(chance, 1e-12) / USUAL), LEAST_SHARE_BITS, 0.0)
    return np.round(bits, 1) + 0.0


def focus_bits(
    groups: Groups, members: NDArray[np.bool_], top: Integers, harvest: Integers
) -> Floats:
    """Weigh how much more than its members an account keeps to one of a group's templates.

    Null: the account divides its exchanges as a member does, that is those on its main template are
    binomial with the part that one of the members gives to theirs, each as likely as any. A judge
    or a red team runs one published prompt that a pool runs among others.

    Args:
        groups: Judged or unjudged groups.
        members: Accounts that are members for other reasons than their templates.
        top: Exchanges of each account on the template that it uses most.
        harvest: Exchanges of each account on its group's templates.

    Returns:
        Bits by account, 0 at most, as in ``share_bits``.
    """
    bits = np.zeros(groups.group_of.size)
    for group in range(groups.count):
        inside = groups.members(group)
        core = inside[members[inside] & (harvest[inside] >= FEWEST_DIVIDED)]
        if core.size < FEWEST_CORE:
            continue
        part = (top[core] + 0.5) / (harvest[core] + 1.0)
        known = np.sort(np.minimum(part, 1.0 - 1e-9))
        if known.size > MOST_COMPARED:
            known = np.quantile(known, (np.arange(MOST_COMPARED) + 0.5) / MOST_COMPARED)
        less = np.minimum(top[inside], harvest[inside]).astype(np.float64) - 1.0
        of = harvest[inside].astype(np.int64)
        chance = np.where(
            less[:, None] < 0, 1.0, bdtrc(np.maximum(less, 0.0)[:, None], of[:, None], known[None])
        ).mean(axis=1)
        bits[inside] = np.clip(np.log2(np.maximum(chance, 1e-12) / USUAL), LEAST_SHARE_BITS, 0.0)
    return np.round(bits, 1) + 0.0
