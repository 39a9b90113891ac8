"""Matched cohorts: the accounts outside all groups that are most like the members of a group.

Coarsened exact matching (Iacus, King and Porro, Political Analysis 2012): accounts fall into
cells of equal kind, and an outside account of a cell weighs as much as the group has members
there. Where too few accounts match, the last column goes and the cells get wider, step by step
down to everybody; the group's level says how far.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.cohort_traits import COLUMNS, WORDS, account_traits
from cautery.scan.weighing import Curve, on_curve

if TYPE_CHECKING:
    from cautery.scan.facts import Facts
    from cautery.scan.groups import Groups

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

FEWEST_EFFECTIVE: Final = 30.0
"""Effective accounts (Kish) under which a cohort is widened: a share has then a standard error of
up to 0.09."""
FULL_EFFECTIVE: Final = 20.0
"""Effective accounts from which a cohort proves in full: a standard error of up to 0.11."""
LEAST_MATCHED: Final = 0.8
"""Part of a group's members that must have somebody in their cell."""
LEAST_OUTSIDE: Final = 0.5
"""Part of all accounts outside of groups under which being like them proves less."""
ALIKE: Final[Curve] = ((0.05, 0.0), (0.3, 1.0))
"""p-value of a difference from the cohort, and the part of the bits against that counts. In logs
simulated with seeds 1 to 3, all 22 pools of campaigns have 0.02 and less, of others 6 in 10 over
0.2."""
MOST_ACCOUNTS: Final = 200
"""Accounts of a side that are compared at most."""
FULL_MEMBERS: Final = 30
"""Members from which a missing difference counts in full; those pools have 18 and more."""


@dataclass(frozen=True, kw_only=True)
class Cohorts:
    """The matched accounts of every group."""

    outside: NDArray[np.bool_]
    """Accounts in no group."""
    place: Integers
    """Place of each account by what it did, so that no sample depends on names."""
    cells: tuple[Integers, ...]
    """Cell of each account by level, from all columns to none."""
    level: Integers
    """Number of columns that each group's cohort is matched on."""
    size: Integers
    """Accounts in each group's cohort."""
    effective: Floats
    """Effective number of these accounts under their weights (Kish 1965)."""
    matched: Floats
    """Part of each group's members that have somebody in their cell."""
    worth: Floats
    """How much of its bits being like the cohort may prove, 0 to 1: little if it has few accounts,
    or if most accounts are in groups and what is left may hold their undetected members."""
    pair_group: Integers
    """Group of each pair of group and cell, sorted."""
    pair_cell: Integers
    pair_share: Floats
    """Part of the group's matched members that are in the cell."""

    @property
    def count(self) -> int:
        """Number of groups."""
        return self.level.size

    def usual(self, values: Floats, known: NDArray[np.bool_] | None = None) -> Floats:
        """Mean of a value over every group's cohort, each cell weighing as in the group.

        Args:
            values: By account.
            known: Accounts that have a value; None for all.

        Returns:
            One mean a group; 0 where no account of the cohort has a value.
        """
        use = self.outside if known is None else self.outside & known
        total, weight = np.zeros(self.count), np.zeros(self.count)
        for level in np.unique(self.level).tolist():
            cell = self.cells[level][use]
            size = int(self.cells[level].max(initial=-1)) + 1
            held = np.bincount(cell, minlength=size)
            mean = np.bincount(cell, values[use], size) / np.maximum(held, 1)
            pairs = np.flatnonzero(self.level[self.pair_group] == level)
            pairs = pairs[held[self.pair_cell[pairs]] > 0]
            group, share = self.pair_group[pairs], self.pair_share[pairs]
            total += np.bincount(group, share * mean[self.pair_cell[pairs]], self.count)
            weight += np.bincount(group, share, self.count)
        found: Floats = np.where(weight > 0, total / np.maximum(weight, 1e-12), 0.0)
        return found.round(9)

    def alike(self, group: int, p_value: float, members: int, most: float) -> float:
        """Weigh that a group cannot be told from its cohort: it speaks against, or for nothing.

        Args:
            group: Number of the group.
            p_value: Chance of so large a difference if labels of accounts are random.
            members: Accounts of the group that were compared.
            most: Bits against at most, a negative number.

        Returns:
            Bits, less against where a difference would hardly show (few members, few like
            accounts) or where the cohort may hold the group's undetected members.
        """
        power = min(members / FULL_MEMBERS, 1.0) * float(self.worth[group])
        return float(on_curve(ALIKE, np.array([p_value]))[0]) * most * power

    def sample(self, group: int, most: int, known: NDArray[np.bool_] | None = None) -> Integers:
        """Choose accounts of one cohort in the proportions of the group.

        Args:
            group: Number of the group.
            most: Accounts wanted.
            known: Accounts that may be chosen; None for all.

        Returns:
            Account numbers in the order of what they did, whatever accounts are called.
        """
        order, cells = self._outside_by_cell[int(self.level[group])]
        first, last = np.searchsorted(self.pair_group, [group, group + 1])
        begins = np.searchsorted(cells, self.pair_cell[first:last])
        ends = np.searchsorted(cells, self.pair_cell[first:last], side="right")
        chosen = []
        for place, begin, end in zip(range(int(first), int(last)), begins, ends, strict=True):
            held = order[begin:end] if known is None else order[begin:end][known[order[begin:end]]]
            wanted = min(held.size, int(np.ceil(self.pair_share[place] * most - 1e-9)))
            chosen.append(_at_even_distances(held, wanted))
        return self.thinned(
            np.concatenate([np.zeros(0, dtype=np.int64), *chosen]), most + len(chosen)
        )

    def thinned(self, accounts: Integers, most: int = MOST_ACCOUNTS) -> Integers:
        """Take accounts at even distances, in the order of what they did.

        Args:
            accounts: Account numbers.
            most: Accounts wanted.

        Returns:
            At most so many of them.
        """
        return _at_even_distances(accounts[np.argsort(self.place[accounts])], most)

    @cached_property
    def _outside_by_cell(self) -> dict[int, tuple[Integers, Integers]]:
        """By level in use: outside accounts by cell and then by deeds, and the cell of each."""
        outside = np.flatnonzero(self.outside)
        outside = outside[np.argsort(self.place[outside])]
        found = {}
        for level in np.unique(self.level).tolist():
            order = outside[np.argsort(self.cells[level][outside], kind="stable")]
            found[level] = (order, self.cells[level][order])
        return found

    def words(self, group: int) -> str:
        """Say who the cohort is, for people.

        Args:
            group: Number of the group.

        Returns:
            Its size and what it was matched on.
        """
        names = [WORDS[name] for name in COLUMNS[: int(self.level[group])]]
        alike = f"of like {', '.join(names)}" if names else "of any kind"
        return f"{int(self.size[group]):,} accounts {alike}"


def _at_even_distances(accounts: Integers, most: int) -> Integers:
    if accounts.size <= most:
        return accounts
    return accounts[np.arange(most) * accounts.size // most]


def cohorts_of(facts: Facts, groups: Groups, *, columns: tuple[str, ...] = COLUMNS) -> Cohorts:
    """Match a cohort to every group; done once and kept with the groups.

    Args:
        facts: What the log says.
        groups: Candidate groups.
        columns: What to match on, most important first; leave out what a signal measures.

    Returns:
        The cohorts.
    """
    key = f"cohorts:{','.join(columns)}"
    if key not in groups.measured:
        traits = account_traits(facts, groups, columns)
        groups.measured[key] = match(traits, groups.group_of, groups.count, by_deeds(facts))
    found: Cohorts = groups.measured[key]
    return found


def by_deeds(facts: Facts) -> Integers:
    """Place accounts by what they did and not by what they are called.

    Args:
        facts: What the log says.

    Returns:
        Place of each account by its times and volume; only of equal ones the ids decide.
    """
    names = ("output_tokens", "exchanges", "last_us", "first_us")
    order = np.lexsort([facts.totals[name] for name in names])
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.arange(order.size)
    return place


def match(traits: list[Integers], group_of: Integers, count: int, place: Integers) -> Cohorts:
    """Match a cohort to every group.

    Args:
        traits: Class of each account by column, most important column first.
        group_of: Group of each account, negative if none.
        count: Number of groups.
        place: Place of each account by what it did.

    Returns:
        The cohorts.
    """
    outside = group_of < 0
    cells = [np.zeros(group_of.size, dtype=np.int64)]
    for trait in traits:
        joint = cells[-1] * (int(trait.max(initial=0)) + 1) + trait
        cells.append(np.unique(joint, return_inverse=True)[1].astype(np.int64))
    level = np.full(count, -1, dtype=np.int64)
    size, effective, matched = np.zeros(count, np.int64), np.zeros(count), np.zeros(count)
    pairs: list[tuple[Integers, Integers, Floats]] = []
    for depth in range(len(traits), -1, -1):
        found = _at_level(cells[depth], group_of, count)
        enough = (found.effective >= FEWEST_EFFECTIVE) & (found.matched >= LEAST_MATCHED)
        taken = (level < 0) & (enough | (depth == 0))
        level[taken] = depth
        size[taken], effective[taken] = found.size[taken], found.effective[taken]
        matched[taken] = found.matched[taken]
        kept = taken[found.group]
        pairs.append((found.group[kept], found.cell[kept], found.share[kept]))
    group, cell, share = (np.concatenate(arrays) for arrays in zip(*pairs, strict=True))
    order = np.lexsort((cell, group))
    free = float(outside.mean()) if outside.size else 0.0
    return Cohorts(
        outside=outside,
        place=place,
        cells=tuple(cells),
        level=level,
        size=size,
        effective=effective,
        matched=matched,
        worth=np.clip(effective / FULL_EFFECTIVE, 0.0, 1.0) * min(free / LEAST_OUTSIDE, 1.0),
        pair_group=group[order],
        pair_cell=cell[order],
        pair_share=share[order],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """Cohorts at one level of detail."""

    group: Integers
    cell: Integers
    share: Floats
    size: Integers
    effective: Floats
    matched: Floats


def _at_level(cell: Integers, group_of: Integers, count: int) -> _Level:
    cells = int(cell.max(initial=0)) + 1
    inside = group_of >= 0
    keys, members = np.unique(group_of[inside] * cells + cell[inside], return_counts=True)
    group, place = keys // cells, keys % cells
    held = np.bincount(cell[~inside], minlength=cells)[place]
    sizes = np.bincount(group, members, count)
    met = held > 0
    group, place, members, held = group[met], place[met], members[met], held[met]
    covered = np.bincount(group, members, count)
    share = members / np.maximum(covered[group], 1.0)
    spread = np.bincount(group, share**2 / held, count)
    return _Level(
        group=group,
        cell=place,
        share=share,
        size=np.bincount(group, held, count).astype(np.int64),
        effective=np.where(spread > 0, 1.0 / np.maximum(spread, 1e-12), 0.0),
        matched=covered / np.maximum(sizes, 1.0),
    )
