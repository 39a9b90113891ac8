"""Stability: do groups come back, and do accounts stay in them, when the evidence is redrawn?

The runs with redrawn weights (``consensus.in_another_order``) are compared with the groups by the
Jaccard coefficient of each group with the community of the run that is most like it (Hennig 2007,
"Cluster-wise assessment of cluster stability"). A group that a run cuts in two or joins with
another has a coefficient under 1; an account is at home in a run that has it in that community.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.groups import NO_GROUP

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

STABLE: Final = 0.75
"""Mean coefficient from which a group is a stable one (Hennig 2007, section 3), and share of runs
from which an account's place in it counts as settled."""
NOT_TO_BE_TRUSTED: Final = 0.6
"""Mean coefficient under which a group should not be trusted (Hennig 2007)."""


@dataclass(frozen=True, kw_only=True)
class Stability:
    """One entry an account; NaN where no run placed it, as where its templates brought it in."""

    origin: Integers
    """Group of each account as the passes left it, -1 if it was in none or was not placed."""
    of_account: Floats
    """Share of the runs that have the account in the community most like its group."""
    of_group: Floats
    """Mean Jaccard coefficient of its group with that community."""

    def by_group(self, group_of: Integers, group_count: int) -> tuple[Floats, Floats]:
        """Carry the figures over to groups that later steps made of the first ones.

        Args:
            group_of: Group of each account, -1 if none.
            group_count: Number of groups.

        Returns:
            Stability of each group, shape (groups,), and of each account in its group, shape
            (accounts,). NaN where nothing was measured, as for an account of another origin than
            most of its group.
        """
        groups = np.full(group_count, np.nan)
        accounts = np.full(group_of.size, np.nan)
        for group in range(group_count):
            members = np.flatnonzero((group_of == group) & (self.origin != NO_GROUP))
            if members.size == 0:
                continue
            values, counts = np.unique(self.origin[members], return_counts=True)
            kept = members[self.origin[members] == values[counts.argmax()]]
            groups[group] = self.of_group[kept[0]]
            accounts[kept] = self.of_account[kept]
        return groups, accounts


def measure_stability(group_of: Integers, redrawn: Integers) -> Stability:
    """Compare groups with the communities of runs with redrawn evidence.

    Args:
        group_of: Group of each account as the passes left it, -1 if none.
        redrawn: Community of each account in each run, shape (runs, accounts), -1 if none.

    Returns:
        Stability by account.

    Example:
        >>> groups = np.array([0, 0, 0, 0, -1])
        >>> found = measure_stability(groups, np.array([[5, 5, 5, 5, 6], [5, 5, 5, 6, 6]]))
        >>> found.of_account.tolist(), float(found.of_group[0])
        ([1.0, 1.0, 1.0, 0.5, nan], 0.875)
    """
    count = group_of.size
    placed = np.any(redrawn != NO_GROUP, axis=0) if len(redrawn) else np.zeros(count, np.bool_)
    origin = np.where(placed, group_of, NO_GROUP)
    group_count = int(origin.max(initial=NO_GROUP)) + 1
    at_home, coefficients = np.zeros(count), np.zeros(group_count)
    inside = np.flatnonzero(origin != NO_GROUP)
    for labels in redrawn:
        best, coefficient = _most_alike(origin, labels, group_count)
        at_home[inside] += labels[inside] == best[origin[inside]]
        coefficients += coefficient
    runs = max(len(redrawn), 1)
    of_account, of_group = np.full(count, np.nan), np.full(count, np.nan)
    of_account[inside] = at_home[inside] / runs
    of_group[inside] = np.round(coefficients / runs, 9)[origin[inside]]
    return Stability(origin=origin, of_account=of_account, of_group=of_group)


def _most_alike(origin: Integers, labels: Integers, group_count: int) -> tuple[Integers, Floats]:
    """For each group the community of a run that is most like it, and their coefficient."""
    width = int(labels.max(initial=NO_GROUP)) + 1
    both = (origin != NO_GROUP) & (labels != NO_GROUP)
    best = np.full(group_count, NO_GROUP - 1, dtype=np.int64)
    coefficient = np.zeros(group_count)
    if not both.any():
        return best, coefficient
    pairs, common = np.unique(origin[both] * width + labels[both], return_counts=True)
    group, community = pairs // width, pairs % width
    sizes = np.bincount(origin[origin != NO_GROUP], minlength=group_count)
    others = np.bincount(labels[labels != NO_GROUP], minlength=width)
    jaccard = common / (sizes[group] + others[community] - common)
    order = np.lexsort((community, -jaccard, group))
    first = order[np.unique(group[order], return_index=True)[1]]
    best[group[first]] = community[first]
    coefficient[group[first]] = jaccard[first]
    return best, coefficient
