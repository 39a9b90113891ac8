"""Candidates: disjoint groups of accounts as a pass leaves them, before any pool is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.groups import NO_GROUP, Basis

Integers = NDArray[np.int64]

FEWEST_ACCOUNTS: Final = 3
"""Smallest group: two accounts are a couple, not a campaign."""


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Disjoint groups of accounts, numbered by their smallest account."""

    group_of: Integers
    basis: tuple[Basis, ...]
    speaking: Integers
    """Shingles of which most holders are linked: they may bring further accounts in."""
    redrawn: Integers = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    """Community of each account in each run with redrawn evidence, shape (runs, accounts); -1 for
    accounts in none. Only ``find_candidates`` fills it."""


def renumbered(group_of: Integers, basis: Sequence[Basis], speaking: Integers) -> Candidates:
    """Number groups by their smallest account and drop those that are too small.

    Args:
        group_of: Group of each account, ``NO_GROUP`` if none.
        basis: Basis of each group number.
        speaking: Shingles that may bring further accounts in.

    Returns:
        The groups of at least ``FEWEST_ACCOUNTS`` accounts.
    """
    sizes = np.bincount(group_of[group_of != NO_GROUP], minlength=len(basis))
    big = np.append(sizes >= FEWEST_ACCOUNTS, False)
    group_of = np.where(big[group_of], group_of, NO_GROUP)
    inside = group_of[group_of != NO_GROUP]
    order = list(dict.fromkeys(inside.tolist()))
    new = np.full(len(basis) + 1, NO_GROUP, dtype=np.int64)
    new[order] = np.arange(len(order))
    return Candidates(
        group_of=new[group_of], basis=tuple(basis[old] for old in order), speaking=speaking
    )
