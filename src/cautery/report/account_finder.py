"""Finds one account in a case, and the chain of links between two."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from cautery.errors import UsageError
from cautery.report.sanitise import plain_from_csv, terminal_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.records.campaign import AccountLink, Campaign, Member
    from cautery.records.case import AccountSummary, Case

_COMPARED_NAMES: Final = 20_000
"""Names that a misspelt one is compared with: takes less than a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAccount:
    """What a case knows of one account."""

    summary: AccountSummary
    campaign: Campaign | None
    """Its campaign or permitted group; None for an account in none."""
    member: Member | None
    """Its place in that group."""


def find_account(case: Case, name: str) -> FoundAccount:
    """Find an account by its name, or by the escaped form in which a screen or CSV shows it.

    Args:
        case: The result of a scan.
        name: What somebody typed or pasted.

    Returns:
        The account.

    Raises:
        UsageError: The log names no such account; the hint names similar ones.
    """
    summary = _summary(case.accounts, name)
    if summary is None:
        raise UsageError(
            f"this log has no account '{terminal_text(name[:200])}'",
            hint=_suggestion([account.account_id for account in case.accounts], name),
        )
    for campaign in (*case.campaigns, *case.permitted_groups):
        for member in campaign.members:
            if member.account_id == summary.account_id:
                return FoundAccount(summary=summary, campaign=campaign, member=member)
    groups = (*case.campaigns, *case.permitted_groups)
    own = [g for g in groups if g.campaign_id == summary.campaign_id]
    return FoundAccount(summary=summary, campaign=own[0] if own else None, member=None)


def _summary(accounts: Sequence[AccountSummary], name: str) -> AccountSummary | None:
    plain = plain_from_csv(name)
    for wanted in (name, plain):
        for account in accounts:
            if account.account_id == wanted:
                return account
    return None


def _suggestion(names: Sequence[str], wanted: str) -> str:
    longer = [name for name in names if name.startswith(wanted)][:3] if wanted else []
    same = [name for name in names if name.casefold() == wanted.casefold()]
    close = same or longer
    if not close:
        alike = [name for name in names if name[:2] == wanted[:2]] or list(names)
        close = get_close_matches(wanted[:200], alike[:_COMPARED_NAMES], n=3, cutoff=0.6)
    if not close:
        return "Names of accounts stand in accounts.csv."
    return f"Did you mean {', '.join(repr(terminal_text(name[:200])) for name in close[:3])}?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One link on the way from an account to another."""

    from_account_id: str
    to_account_id: str
    link: AccountLink


def path_between(campaign: Campaign, start: str, goal: str) -> tuple[Step, ...]:
    """Find the shortest chain of links between two accounts of a group.

    Only the strongest links of each member stand in a case; a chain over weaker ones is not found.

    Args:
        campaign: The group.
        start: One account.
        goal: Another account.

    Returns:
        The steps, none if the stored links do not connect the two.

    """
    neighbours: dict[str, list[Step]] = {}
    for member in campaign.members:
        for link in member.links:
            one, other = member.account_id, link.other_account_id
            for source, target in ((one, other), (other, one)):
                step = Step(from_account_id=source, to_account_id=target, link=link)
                neighbours.setdefault(source, []).append(step)
    came_by: dict[str, Step | None] = {start: None}
    queue = deque([start])
    while queue and goal not in came_by:
        for step in sorted(neighbours.get(queue.popleft(), []), key=_strength):
            if step.to_account_id not in came_by:
                came_by[step.to_account_id] = step
                queue.append(step.to_account_id)
    steps: list[Step] = []
    place = came_by.get(goal)
    while place is not None:
        steps.append(place)
        place = came_by[place.from_account_id]
    return tuple(reversed(steps))


def _strength(step: Step) -> tuple[float, str, str]:
    return (-step.link.bits, step.to_account_id, step.link.link)
