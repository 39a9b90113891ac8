"""Matched cohorts: the accounts outside all groups that are most like the members of a group.

Coarsened exact matching (Iacus, King and Porro, Political Analysis 2012): accounts fall into
cells of equal kind, and an outside account of a cell weighs as much as the group has members
there. Where too few accounts match, the last column goes and the cells get wider, step by step
down to everybody; the group's level says how far.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from ibis import _
from numpy.typing import NDArray

if TYPE_CHECKING:
    from cautery.scan.facts import Facts
    from cautery.scan.groups import Groups

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

COLUMNS: Final = ("volume", "agent", "organisation", "program", "period", "country")
"""What accounts are matched on, the last to be given up first."""
WORDS: Final = {
    "volume": "volume",
    "agent": "agent",
    "organisation": "organisation or none",
    "program": "program",
    "period": "period",
    "country": "country",
}
FEWEST_EFFECTIVE: Final = 30.0
"""Effective accounts (Kish) under which a cohort is widened: a share has then a standard error of
up to 0.09."""
FULL_EFFECTIVE: Final = 20.0
"""Effective accounts from which a cohort proves in full: a standard error of up to 0.11."""
LEAST_MATCHED: Final = 0.8
"""Part of a group's members that must have somebody in their cell."""
LEAST_OUTSIDE: Final = 0.5
"""Part of all accounts outside of groups under which being like them proves less."""
POPULAR_SHARE: Final = 0.005
FEWEST_POPULAR: Final = 5
"""Accounts outside that show a system prompt before it counts as a popular agent's, as a share of
them and at least."""
AGENT_SHARE: Final = 0.5
"""Part of an account's exchanges that make tools or a system prompt its habit."""
VOLUME_CLASSES: Final = 10


@dataclass(frozen=True, kw_only=True)
class Cohorts:
    """The matched accounts of every group."""

    outside: NDArray[np.bool_]
    """Accounts in no group."""
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
    worth_against: Floats
    """How much of its bits a difference from the cohort may prove, 0 to 1: few accounts, little."""
    worth_alike: float
    """The same of being like the cohort: it falls with the part of accounts outside of groups, as
    what is left of a log that is mostly campaign holds its undetected members."""
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
        return np.round(np.where(weight > 0, total / np.maximum(weight, 1e-12), 0.0), 9)

    def capped(self, bits: Floats) -> Floats:
        """Hold bits under what the cohorts can prove.

        Args:
            bits: One weight a group.

        Returns:
            Positive ones scaled by the size of the cohort, negative ones by what is outside too.
        """
        scaled = bits * self.worth_against
        return np.where(scaled < 0, scaled * self.worth_alike, scaled)

    def sample(self, group: int, most: int, known: NDArray[np.bool_] | None = None) -> Integers:
        """Choose accounts of one cohort in the proportions of the group.

        Args:
            group: Number of the group.
            most: Accounts wanted.
            known: Accounts that may be chosen; None for all.

        Returns:
            Account numbers, ascending; the same whatever the order of groups or rows.
        """
        use = self.outside if known is None else self.outside & known
        cell = self.cells[int(self.level[group])]
        first, last = np.searchsorted(self.pair_group, [group, group + 1])
        chosen = []
        for place in range(int(first), int(last)):
            held = np.flatnonzero(use & (cell == self.pair_cell[place]))
            wanted = min(held.size, int(np.ceil(self.pair_share[place] * most - 1e-9)))
            chosen.append(held[np.arange(wanted) * held.size // max(wanted, 1)])
        return np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, dtype=np.int64)

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
        groups.measured[key] = match(_traits(facts, groups, columns), groups.group_of, groups.count)
    found: Cohorts = groups.measured[key]
    return found


def match(traits: list[Integers], group_of: Integers, count: int) -> Cohorts:
    """Match a cohort to every group.

    Args:
        traits: Class of each account by column, most important column first.
        group_of: Group of each account, negative if none.
        count: Number of groups.

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
        cells=tuple(cells),
        level=level,
        size=size,
        effective=effective,
        matched=matched,
        worth_against=np.clip(effective / FULL_EFFECTIVE, 0.0, 1.0),
        worth_alike=min(free / LEAST_OUTSIDE, 1.0),
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


def _traits(facts: Facts, groups: Groups, columns: tuple[str, ...]) -> list[Integers]:
    """Class of each account by column."""
    makers = {
        "volume": _volume,
        "agent": _agent,
        "organisation": lambda known, _groups: (known.organisations != "").astype(np.int64),
        "program": lambda known, _groups: _codes(known.account_texts("program")),
        "period": _period,
        "country": lambda known, _groups: _codes(known.account_texts("country")),
    }
    return [makers[name](facts, groups) for name in columns]


def _codes(texts: NDArray[np.object_]) -> Integers:
    numbers = {text: number for number, text in enumerate(sorted(set(texts.tolist())))}
    return np.fromiter((numbers[text] for text in texts), dtype=np.int64, count=texts.size)


def _volume(facts: Facts, _groups: Groups) -> Integers:
    """Tenth of all accounts by exchanges."""
    exchanges = facts.totals["exchanges"]
    if exchanges.size == 0:
        return np.zeros(0, dtype=np.int64)
    bounds = np.sort(exchanges)[np.arange(1, VOLUME_CLASSES) * exchanges.size // VOLUME_CLASSES]
    return np.searchsorted(bounds, exchanges, side="right").astype(np.int64)


def _period(facts: Facts, _groups: Groups) -> Integers:
    """Whether an account is seen in the first half of the log, in the second, or in both."""
    first, last = facts.totals["first_us"], facts.totals["last_us"]
    middle = (int(first.min(initial=0)) + int(last.max(initial=0))) // 2
    if first.size:
        middle = (int(first.min()) + int(last.max())) // 2
    return (last >= middle).astype(np.int64) * 2 + (first < middle)


def _agent(facts: Facts, groups: Groups) -> Integers:
    """Tools used or not, and no system prompt, one of its own or a popular one."""
    prompts = (
        facts.exchanges.filter(_.system_hash.notnull())
        .group_by(["account", "system_hash"])
        .aggregate(exchanges=_.count())
        .to_pyarrow()
    )
    account = prompts["account"].to_numpy().astype(np.int64)
    held = prompts["exchanges"].to_numpy()
    _names, prompt = np.unique(prompts["system_hash"].to_numpy(), return_inverse=True)
    free = groups.group_of < 0
    users = np.bincount(prompt[free[account]], minlength=int(prompt.max(initial=-1)) + 1)
    popular = users >= max(FEWEST_POPULAR, POPULAR_SHARE * int(free.sum()))
    total = np.maximum(facts.totals["exchanges"], 1)
    count = facts.account_count
    prompted = np.bincount(account, held, count) / total >= AGENT_SHARE
    popularly = np.bincount(account, held * popular[prompt], count) / total >= AGENT_SHARE
    known, with_tools = facts.share_by_account(_.tools > 0)
    tools = with_tools >= AGENT_SHARE * np.maximum(known, 1)
    return tools.astype(np.int64) * 3 + prompted.astype(np.int64) + popularly.astype(np.int64)
