"""Settling: doubtful members are dropped, and nobody is accused because of a tie.

An account that most runs with redrawn evidence put elsewhere is no member, however well its own
links fit: its chance of belonging is its chance in the group times the share of the runs that have
it there. Where a whole group does not come back, none of its members is surer than a limit; nor is
an account that shares nothing and uses two groups' templates alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from cautery.scan.absorbing import Absorbed, TemplateUses
from cautery.scan.candidates import renumbered
from cautery.scan.companions import companions
from cautery.scan.evidence import chance
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Groups
from cautery.scan.harvest import make_groups
from cautery.scan.incidences import Incidences
from cautery.scan.living import Prompted
from cautery.scan.membership import Membership, measure_membership
from cautery.scan.permitted import split_permitted
from cautery.scan.stability import NOT_TO_BE_TRUSTED, Stability

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST_MEMBERSHIP: Final = 0.5
"""Chance of membership under which an account is dropped from a group."""
AT_HOME: Final = 0.5
"""Share of the runs under which an account is elsewhere in most. Taking the share off everybody's
chance under 0.75 cost linked members of simulated campaigns on cards that two groups use."""
UNSTABLE_MOST_BITS: Final = 3.0
"""Most bits of membership in a group that does not come back: a chance of 0.889, under the floor of
*likely*, so that such a group is looked at and nobody in it accused."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """Groups as they are judged, and how firmly they stand."""

    groups: Groups
    membership: Membership
    group_stability: Floats
    """How far each group comes back when the evidence is redrawn (mean Jaccard coefficient), shape
    (groups,); NaN where it was not measured."""
    account_stability: Floats
    """Share of the runs that have each account in its group, shape (accounts,); NaN likewise."""
    loose: Integers
    """Group from which an account was dropped only because its place is not settled; -1 else."""
    loose_chance: Floats
    """Its chance of belonging there."""
    uses: TemplateUses


def settle(
    facts: Facts,
    absorbed: Absorbed,
    incidences: dict[str, Incidences],
    stability: Stability,
    permitted: NDArray[np.bool_],
) -> Settled:
    """Set permitted accounts apart, drop doubtful members, then fix the groups.

    Args:
        facts: What the log says.
        absorbed: Groups after accounts were brought in.
        incidences: Account-token pairs of every link.
        stability: How the groups that the passes found hold when the evidence is redrawn.
        permitted: Accounts of permitted customers.

    Returns:
        The settled groups with the membership of every account.
    """
    wider = split_permitted(absorbed.candidates, permitted)
    first = make_groups(facts, wider, incidences, counted_only=True)
    known = Prompted(odds=absorbed.odds, private_tokens=absorbed.private)
    plain = measure_membership(facts, first, known)
    before = weakened(plain, first, stability)
    doubtful = before.linked_probability < LEAST_MEMBERSHIP
    left = np.where(doubtful, NO_GROUP, wider.group_of)
    paid = companions(left, wider.basis, before.sure, incidences.get("payment"), facts.customers)
    joins = (paid != NO_GROUP) & ~permitted
    kept = renumbered(np.where(joins, paid, left), wider.basis, wider.speaking)
    groups = make_groups(facts, kept, incidences)
    final = measure_membership(facts, groups, replace(known, nearby=before.nearby))
    of_group, of_account = stability.by_group(groups.group_of, groups.count)
    loose = doubtful & (plain.linked_probability >= LEAST_MEMBERSHIP)
    return Settled(
        groups=groups,
        membership=weakened(final, groups, stability),
        group_stability=of_group,
        account_stability=of_account,
        loose=np.where(loose, _successors(wider.group_of, kept.group_of), NO_GROUP),
        loose_chance=np.where(loose, before.linked_probability, 0.0),
        uses=absorbed.uses,
    )


def _successors(before: Integers, after: Integers) -> Integers:
    """What became of each account's earlier group, -1 if nothing did."""
    successor = np.full(int(before.max(initial=NO_GROUP)) + 2, NO_GROUP, dtype=np.int64)
    still = after != NO_GROUP
    successor[before[still]] = after[still]
    successor[NO_GROUP] = NO_GROUP
    return successor[before]


def weakened(membership: Membership, groups: Groups, stability: Stability) -> Membership:
    """Lower the chance of members whose place, or whose group, is not settled.

    Args:
        membership: What is known of each account by its links and its templates.
        groups: The groups.
        stability: How the groups that the passes found hold when the evidence is redrawn.

    Returns:
        The membership with ``stability_bits``, which are at most 0.
    """
    of_group, of_account = stability.by_group(groups.group_of, groups.count)
    before = membership.linked_probability
    wanted, bits = stability_rows(before, of_account, np.append(of_group, np.nan)[groups.group_of])
    bits = np.where(groups.group_of >= 0, bits, 0.0) + 0.0
    chances = [
        chance(value) if bit < 0 else old
        for value, bit, old in zip(wanted.tolist(), bits.tolist(), before.tolist(), strict=True)
    ]
    return replace(membership, linked_probability=np.array(chances), stability_bits=bits)


def stability_rows(
    linked_probability: Floats, of_account: Floats, of_group: Floats
) -> tuple[Floats, Floats]:
    """Weigh what redrawn evidence says of accounts.

    Args:
        linked_probability: Chance of each account to belong, by its links and templates.
        of_account: Share of the runs that have it in its group; NaN if not measured.
        of_group: How far its group comes back; NaN likewise.

    Returns:
        The bits of membership that are left, and those that are taken back, at most 0.
    """
    share = np.where(of_account < AT_HOME, of_account, 1.0)
    held = np.clip(linked_probability, 1e-6, 1.0 - 1e-6)
    # A row of the waterfall is printed with one decimal.
    total = np.round(logit(held) / np.log(2.0), 1)
    wanted = np.floor(10.0 * logit(np.clip(held * share, 1e-6, None)) / np.log(2.0)) / 10.0
    wanted = np.where(share < 1.0, np.minimum(wanted, total), total)
    wanted = np.where(of_group < NOT_TO_BE_TRUSTED, np.minimum(wanted, UNSTABLE_MOST_BITS), wanted)
    return wanted, np.round(wanted - total, 1) + 0.0
