"""Continuity: a campaign keeps its name from one scan to the next, and merges are told.

Names of a single scan are ranks. In a row of scans a campaign that lost its rank would seem to be
another one, so each takes the name of the earlier campaign with which it has most accounts in
common, if those are most of the smaller of the two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from cautery.records.campaign import Campaign, Operator
from cautery.records.case import Case

LEAST_OVERLAP: Final = 0.5
"""Part of the smaller campaign's accounts that two must have in common to be one."""
_NUMBER: Final = re.compile(r"(\d{4,})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Names that were given before."""

    campaigns: Mapping[str, frozenset[str]]
    """Accounts by name of a campaign or permitted group, of the last scan that listed it."""
    listed: frozenset[str]
    """Those that the last scan listed."""
    operators: Mapping[str, frozenset[str]]
    """Accounts by name of an operator."""


NO_NAMES: Final = Names(campaigns={}, listed=frozenset(), operators={})


def continued(case: Case, before: Names) -> tuple[Case, Names]:
    """Give campaigns, permitted groups and operators their earlier names.

    Args:
        case: A case with names of its own.
        before: The names of the scans before.

    Returns:
        The case with the earlier names, and with notes of what was joined, cut in two or is no
        longer listed; and the names for the next scan.
    """
    groups = {
        group.campaign_id: _accounts(group) for group in (*case.campaigns, *case.permitted_groups)
    }
    names = _matched(groups, before.campaigns)
    by_operator: dict[str, set[str]] = {}
    for campaign in case.campaigns:
        if campaign.operator_id:
            by_operator.setdefault(campaign.operator_id, set()).update(_accounts(campaign))
    owners = {operator: frozenset(accounts) for operator, accounts in by_operator.items()}
    operators = _matched(owners, before.operators)
    renamed = _renamed(case, names, operators)
    now = {names[own]: accounts for own, accounts in groups.items()}
    notes = _changes(now, before)
    after = Names(
        campaigns={**before.campaigns, **now},
        listed=frozenset(now),
        operators={**before.operators, **{operators[own]: owners[own] for own in owners}},
    )
    return replace(renamed, notes=(*renamed.notes, *notes)), after


def _accounts(group: Campaign) -> frozenset[str]:
    return frozenset(member.account_id for member in group.members)


def _matched(
    groups: Mapping[str, frozenset[str]], before: Mapping[str, frozenset[str]]
) -> dict[str, str]:
    """Choose a name for every group: the earlier one of the best overlap, or a new one."""
    holders: dict[str, list[str]] = {}
    for name, accounts in before.items():
        for account in accounts:
            holders.setdefault(account, []).append(name)
    pairs = []
    for own, accounts in groups.items():
        common = Counter(name for account in accounts for name in holders.get(account, ()))
        for name, count in common.items():
            smaller = min(len(accounts), len(before[name]))
            if name[0] == own[0] and count >= LEAST_OVERLAP * smaller:
                pairs.append((-count, name, own))
    names: dict[str, str] = {}
    taken: set[str] = set()
    for _count, name, own in sorted(pairs):
        if own not in names and name not in taken:
            names[own] = name
            taken.add(name)
    highest = _highest_numbers(before)
    for own in groups:
        if own not in names:
            highest[own[0]] = highest.get(own[0], 0) + 1
            names[own] = _NUMBER.sub(f"{highest[own[0]]:04d}", own)
    return names


def _highest_numbers(names: Collection[str]) -> dict[str, int]:
    highest: dict[str, int] = {}
    for name in names:
        number = _NUMBER.search(name)
        if number is not None:
            highest[name[0]] = max(highest.get(name[0], 0), int(number.group(1)))
    return highest


def _renamed(case: Case, names: Mapping[str, str], operators: Mapping[str, str]) -> Case:
    def group(old: Campaign) -> Campaign:
        return replace(
            old,
            campaign_id=names[old.campaign_id],
            operator_id=operators.get(old.operator_id, old.operator_id),
            members=tuple(
                replace(
                    member,
                    shares=tuple(
                        replace(share, campaign_id=names.get(share.campaign_id, ""))
                        for share in member.shares
                    ),
                )
                if member.shares
                else member
                for member in old.members
            ),
        )

    def operator(old: Operator) -> Operator:
        return replace(
            old,
            operator_id=operators[old.operator_id],
            campaign_ids=tuple(names[name] for name in old.campaign_ids),
        )

    return replace(
        case,
        campaigns=tuple(group(old) for old in case.campaigns),
        permitted_groups=tuple(group(old) for old in case.permitted_groups),
        operators=tuple(
            sorted((operator(old) for old in case.operators), key=lambda new: new.operator_id)
        ),
        accounts=tuple(
            replace(
                row,
                campaign_id=names.get(row.campaign_id, row.campaign_id),
                operator_id=operators.get(row.operator_id, row.operator_id),
            )
            for row in case.accounts
        ),
    )


def _changes(now: Mapping[str, frozenset[str]], before: Names) -> list[str]:
    """Say what became of the campaigns of the last scan."""
    notes = []
    for name in sorted(before.listed - set(now)):
        into = _mostly_in(before.campaigns[name], now.items())
        notes.append(
            f"note: {name} is part of {into} now."
            if into
            else f"note: {name} is no longer listed: its accounts are under watch or in no group."
        )
    earlier = {name: before.campaigns[name] for name in before.listed & set(now)}
    for name in sorted(set(now) - set(before.campaigns)):
        source = _mostly_in(now[name], earlier.items())
        if source:
            notes.append(f"note: {name} was part of {source} in the scan before.")
    return notes


def _mostly_in(
    accounts: frozenset[str], groups: Iterable[tuple[str, frozenset[str]]]
) -> str | None:
    """Name the group that holds most of some accounts, if it holds half of them."""
    best = max(((len(accounts & members), name) for name, members in groups), default=(0, ""))
    return best[1] if best[0] and best[0] >= LEAST_OVERLAP * len(accounts) else None
