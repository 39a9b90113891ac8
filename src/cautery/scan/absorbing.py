"""Absorbing: accounts that work through a group's own templates as its members do join it.

An account with few exchanges may never repeat a shingle itself, half of a careful operator's cards
are single, and a pass on infrastructure may have put some accounts of a campaign aside. The
templates tell where they belong.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.candidates import Candidates, renumbered
from cautery.scan.facts import Facts
from cautery.scan.harvest import own_templates
from cautery.scan.incidences import Incidences
from cautery.scan.known_templates import known_shingles
from cautery.scan.mixture import member_bits

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

ABSORB_FEWEST: Final = 2
"""Exchanges on a group's own templates that an account needs: one may be a coincidence."""
ABSORB_BITS: Final = 1.0
"""Log-odds of membership by the templates that bring an account in; what else is known of it
is weighed with them afterwards (membership)."""
MOVE_BITS: Final = 3.0
"""How much better another group must explain an account that is in one already."""


def absorb(
    facts: Facts, candidates: Candidates, incidences: dict[str, Incidences]
) -> tuple[Candidates, Floats]:
    """Bring accounts that live on a group's own templates into that group.

    Args:
        facts: What the log says.
        candidates: Disjoint candidate groups.
        incidences: Account-token pairs of every link.

    Returns:
        The groups, some larger, some emptied; and for each account the log-odds, in bits, that it
        is a member of its group by the templates alone, minus infinity where they say nothing.
    """
    tokens, owner = _deciding_templates(candidates, incidences.get("template"))
    if tokens.size == 0:
        return candidates, np.full(candidates.group_of.size, -np.inf)
    account, group, carried = _carried(facts, tokens, owner, len(candidates.basis))
    group_of, totals = candidates.group_of, facts.totals["exchanges"]
    own, best = np.full(group_of.size, -np.inf), np.full(group_of.size, -np.inf)
    where = np.zeros(group_of.size, dtype=np.int64)
    speaks = np.append([kind == "both" for kind in candidates.basis], False)
    outside = ~speaks[group_of]
    for number in np.unique(owner).tolist():
        rows = np.flatnonzero(group == number)
        count = np.zeros(group_of.size, dtype=np.int64)
        count[account[rows]] = carried[rows]
        bits = member_bits(count, totals, group_of == number, outside)
        bits[count < ABSORB_FEWEST] = -np.inf
        own = np.where(group_of == number, bits, own)
        better = bits > best
        best, where = np.where(better, bits, best), np.where(better, number, where)
    joins = np.where(outside, best >= ABSORB_BITS, best >= np.maximum(own, 0.0) + MOVE_BITS)
    wider = renumbered(np.where(joins, where, group_of), candidates.basis, candidates.speaking)
    return wider, np.where(joins, best, own)


def _deciding_templates(
    candidates: Candidates, templates: Incidences | None
) -> tuple[Integers, Integers]:
    """Stored shingles that are the own of one group of both families, sorted, and which one.

    Stock prompts of public pipelines decide only in a group that has nothing else.
    """
    groups, tokens = own_templates(templates, candidates.group_of, candidates.basis)
    speaks = np.array([kind == "both" for kind in candidates.basis], dtype=np.bool_)
    kept = np.isin(tokens, candidates.speaking)
    kept &= speaks[groups] if groups.size else False
    private = ~np.isin(tokens, known_shingles())
    has_private = np.isin(groups, groups[kept & private])
    kept &= private | ~has_private
    # A shingle of several groups says nothing of which one.
    tokens, first, uses = np.unique(tokens[kept], return_index=True, return_counts=True)
    return tokens[uses == 1], groups[kept][first][uses == 1]


def _carried(
    facts: Facts, tokens: Integers, owner: Integers, group_count: int
) -> tuple[Integers, Integers, Integers]:
    """Count how many exchanges of each account carry a shingle of each group.

    Args:
        facts: What the log says.
        tokens: Stored shingles, sorted.
        owner: Group of each shingle.
        group_count: Number of groups.

    Returns:
        Account, group and exchanges of each pair that occurs, in order.
    """
    found: list[tuple[Integers, Integers]] = [(tokens[:0], tokens[:0])]
    for account, batch in facts.batches(["input_shingles"]):
        shingles = batch.column("input_shingles")
        values = shingles.flatten().to_numpy(zero_copy_only=False)
        row = np.repeat(np.arange(len(account)), np.diff(shingles.offsets.to_numpy()))
        place = np.minimum(np.searchsorted(tokens, values), tokens.size - 1)
        hit = np.flatnonzero(tokens[place] == values)
        pairs = np.unique(row[hit] * group_count + owner[place[hit]])
        keys = account[pairs // group_count] * group_count + pairs % group_count
        found.append(np.unique(keys, return_counts=True))
    keys, place = np.unique(np.concatenate([key for key, _ in found]), return_inverse=True)
    carried = np.bincount(place, np.concatenate([count for _, count in found])).astype(np.int64)
    return keys // group_count, keys % group_count, carried
