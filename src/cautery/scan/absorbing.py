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
from cautery.scan.deciding import carried_exchanges, deciding_templates
from cautery.scan.facts import Facts
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
        is a member of its group by private templates alone, minus infinity where they say nothing.
    """
    tokens, owner = deciding_templates(facts, candidates, incidences.get("template"))
    if tokens.size == 0:
        return candidates, np.full(candidates.group_of.size, -np.inf)
    account, group, carried = carried_exchanges(facts, tokens, owner, len(candidates.basis))
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
    joined = np.where(joins, where, group_of)
    odds = np.where(joins, best, own)
    # Strangers ask a public pipeline's prompts too, each for himself.
    public = np.unique(owner[np.isin(tokens, known_shingles())])
    odds[np.isin(joined, public)] = -np.inf
    return renumbered(joined, candidates.basis, candidates.speaking), odds
