"""Newcomers: whether accounts that appear after a group was fixed join it on two sides at once.

A group is fixed with its templates and its accounts' payment (addresses where no payment is
known). Of the customers who appear later, some use one of those templates and some share
infrastructure with the group. Null: which of them use the templates has nothing to do with which
share the infrastructure, so the number that does both is hypergeometric. They are new, so nothing
that was looked at before bears on them: given the past, the test of every scan is a fresh one.

A campaign replaces accounts; a class or an app gains strangers on one side only. A firm that grows
without ever saying that it is one joins on both: the test tells a tie, and no deed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.deciding import carried_exchanges
from cautery.scan.e_values import e_of_discrete, overlap_chances

if TYPE_CHECKING:
    from cautery.scan.facts import Facts
    from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]
Truths = NDArray[np.bool_]

HARD_LINKS: Final = ("payment", "address")
"""Links whose things strangers rarely share; the first that the log can feed is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshGroup:
    """A group as it was fixed by the scan before."""

    accounts: Integers
    """Numbers of its accounts that are in this log, ascending."""
    templates: tuple[int, ...]
    """Its own templates, as stored in ``input_shingles``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a test of one scan found of one group."""

    e_value: float
    observed: str


def newcomers(
    facts: Facts,
    incidences: Mapping[str, Incidences],
    groups: Sequence[FreshGroup],
    horizon_us: int,
    *,
    forgetful: bool = False,
) -> list[Seen | None]:
    """Test every group on the accounts that were first seen after the scan before.

    Args:
        facts: What the log says.
        incidences: Account-token pairs of every link.
        groups: The groups as they were fixed.
        horizon_us: End of the log then, in microseconds since 1970.
        forgetful: Whether old exchanges were let go: an account may then look new that is not, and
            only one that signed up after the horizon counts as new.

    Returns:
        One finding a group; None where the log has no text or no infrastructure, or the group no
        template of its own, or where nobody can tell who is new.
    """
    link = next((name for name in HARD_LINKS if name in incidences), None)
    tokens, owner = _unshared([group.templates for group in groups])
    if link is None or not tokens.size or "input_text" not in facts.present:
        return [None] * len(groups)
    fresh = facts.totals["first_us"] > horizon_us
    if forgetful:
        if "accounts.created_at" not in facts.present:
            return [None] * len(groups)
        fresh &= facts.account_times("created_at") > horizon_us
    account, group, _exchanges = carried_exchanges(facts, tokens, owner, len(groups))
    found: list[Seen | None] = []
    for number, one in enumerate(groups):
        if not np.any(owner == number):
            found.append(None)
            continue
        carries = np.zeros(fresh.size, dtype=np.bool_)
        carries[account[group == number]] = True
        shares = sharing_with(incidences[link], one.accounts, facts.customers)
        units = by_customer(facts.customers, fresh, one.accounts, carries, shares)
        found.append(_overlap(*units))
    return found


def _unshared(templates: Sequence[tuple[int, ...]]) -> tuple[Integers, Integers]:
    """All templates, sorted, and whose each is; one that two groups have says nothing of either."""
    tokens = np.array([token for row in templates for token in row], dtype=np.int64)
    owner = np.repeat(np.arange(len(templates)), [len(row) for row in templates])
    unique, first, uses = np.unique(tokens, return_index=True, return_counts=True)
    return unique[uses == 1], owner[first][uses == 1].astype(np.int64)


def sharing_with(pairs: Incidences, accounts: Integers, customers: Integers) -> Truths:
    """Mark the accounts that share a thing with some others, of another customer than theirs.

    Args:
        pairs: Account-token pairs of the link.
        accounts: The others.
        customers: Customer of each account.

    Returns:
        One truth an account.
    """
    inside = np.zeros(customers.size, dtype=np.bool_)
    inside[accounts] = True
    held = inside[pairs.account]
    # Lowest and highest customer of the group on every token: two that differ, or one not mine.
    lowest = np.full(pairs.token_count, np.iinfo(np.int64).max)
    highest = np.full(pairs.token_count, -1)
    np.minimum.at(lowest, pairs.token[held], customers[pairs.account[held]])
    np.maximum.at(highest, pairs.token[held], customers[pairs.account[held]])
    own = customers[pairs.account]
    others = (highest[pairs.token] >= 0) & (
        (lowest[pairs.token] != own) | (highest[pairs.token] != own)
    )
    shares = np.zeros(customers.size, dtype=np.bool_)
    shares[pairs.account[others]] = True
    return shares


def by_customer(
    customers: Integers, fresh: Truths, members: Integers, carries: Truths, shares: Truths
) -> tuple[Truths, Truths]:
    """Count customers and not accounts: what the accounts of one customer share is no news.

    Args:
        customers: Customer of each account.
        fresh: Accounts first seen after the group was fixed.
        members: Accounts of the group.
        carries: Accounts that use a template of the group.
        shares: Accounts that share infrastructure with it.

    Returns:
        For each customer all of whose accounts are fresh and none a member: whether one of them
        uses a template, and whether one shares infrastructure.
    """
    count = int(customers.max(initial=-1)) + 1
    known = np.zeros(count, dtype=np.bool_)
    known[customers[~fresh]] = True
    known[customers[members]] = True
    uses, ties = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    uses[customers[carries]] = True
    ties[customers[shares]] = True
    held = np.bincount(customers, minlength=count) > 0
    return uses[held & ~known], ties[held & ~known]


def _overlap(uses: Truths, ties: Truths) -> Seen:
    population, first, second = uses.size, int(uses.sum()), int(ties.sum())
    both = int((uses & ties).sum())
    most, chances = overlap_chances(population, first, second)
    expected = first * second / max(population, 1)
    return Seen(
        e_value=e_of_discrete(chances, most - both),
        observed=(
            f"of {population:,} new customers {first:,} use its templates and {second:,} share "
            f"its payment or addresses; {both:,} do both, by chance {expected:.1f}"
        ),
    )
