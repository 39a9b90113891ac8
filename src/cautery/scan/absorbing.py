"""Absorbing: accounts that work through a group's own templates as its members do join it.

An account with few exchanges may never repeat a shingle itself, half of a careful operator's cards
are single, and a pass on infrastructure may have put some accounts of a campaign aside. The
templates tell where they belong.
"""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class TemplateUses:
    """Who uses which group's private templates; one entry a pair of account and group."""

    account: Integers
    group: Integers
    """Number of the group as it stands in ``origin``."""
    exchanges: Integers
    """Exchanges of the account that carry one of the group's templates."""
    bits: Floats
    """Log-odds that the account is a member of the group, by these templates alone."""
    origin: Integers
    """Group of each account once all have been absorbed, before groups were renumbered."""


@dataclass(frozen=True, kw_only=True)
class Absorbed:
    """Groups after accounts were brought in, and what was measured on the way."""

    candidates: Candidates
    """The groups, some larger, some emptied."""
    odds: Floats
    """Log-odds, in bits, that each account is a member of its group by private templates alone;
    minus infinity where they say nothing."""
    uses: TemplateUses
    private: Integers
    """Own shingles of groups with a stock prompt that are no piece of it, sorted."""


def absorb(facts: Facts, candidates: Candidates, incidences: dict[str, Incidences]) -> Absorbed:
    """Bring accounts that live on a group's own templates into that group.

    Args:
        facts: What the log says.
        candidates: Disjoint candidate groups.
        incidences: Account-token pairs of every link.

    Returns:
        The groups, the odds, and the uses of all groups' templates.
    """
    deciding = deciding_templates(facts, candidates, incidences.get("template"))
    tokens, owner, private = deciding.tokens, deciding.owner, deciding.private
    group_of, totals = candidates.group_of, facts.totals["exchanges"]
    own, best = np.full(group_of.size, -np.inf), np.full(group_of.size, -np.inf)
    if tokens.size == 0:
        return Absorbed(candidates=candidates, odds=own, uses=_uses([], group_of), private=private)
    account, group, carried = carried_exchanges(facts, tokens, owner, len(candidates.basis))
    where = np.zeros(group_of.size, dtype=np.int64)
    speaks = np.append([kind == "both" for kind in candidates.basis], False)
    outside = ~speaks[group_of]
    found: list[tuple[Integers, int, Integers, Floats]] = []
    for number in np.unique(owner).tolist():
        rows = np.flatnonzero(group == number)
        count = np.zeros(group_of.size, dtype=np.int64)
        count[account[rows]] = carried[rows]
        bits = member_bits(count, totals, group_of == number, outside)
        bits[count < ABSORB_FEWEST] = -np.inf
        users = np.flatnonzero(count >= ABSORB_FEWEST)
        found.append((users, number, count[users], bits[users]))
        own = np.where(group_of == number, bits, own)
        better = bits > best
        best, where = np.where(better, bits, best), np.where(better, number, where)
    joins = np.where(outside, best >= ABSORB_BITS, best >= np.maximum(own, 0.0) + MOVE_BITS)
    joined = np.where(joins, where, group_of)
    odds = np.where(joins, best, own)
    # Strangers ask a public pipeline's prompts too, each for himself.
    public = np.unique(owner[np.isin(tokens, known_shingles())])
    odds[np.isin(joined, public)] = -np.inf
    return Absorbed(
        candidates=renumbered(joined, candidates.basis, candidates.speaking),
        odds=odds,
        uses=_uses([row for row in found if row[1] not in set(public.tolist())], joined),
        private=private,
    )


def _uses(found: list[tuple[Integers, int, Integers, Floats]], origin: Integers) -> TemplateUses:
    """Put the users of all groups' templates into one table."""
    none = np.zeros(0, dtype=np.int64)
    return TemplateUses(
        account=np.concatenate([none, *(users for users, *_rest in found)]),
        group=np.concatenate([none, *(np.full(row[0].size, row[1]) for row in found)]),
        exchanges=np.concatenate([none, *(row[2] for row in found)]),
        bits=np.concatenate([np.zeros(0), *(row[3] for row in found)]),
        origin=origin,
    )
