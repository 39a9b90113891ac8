"""Cuts one campaign out of a case: whoever is handed evidence of one sees no others."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from cautery.errors import UsageError
from cautery.report.sanitise import terminal_text

if TYPE_CHECKING:
    from cautery.records.campaign import Campaign, Member
    from cautery.records.case import Case


def excerpt(case: Case, campaign_id: str) -> Case:
    """Keep one campaign or permitted group of a case, its accounts, and what went in.

    Near misses and other accounts are left out, and so is what members have to do with other
    campaigns. The rows of the waterfalls stay, so that the chances can be computed again.

    Args:
        case: The result of a scan.
        campaign_id: The campaign.

    Returns:
        A case, which says in its notes that it is an excerpt.

    Raises:
        UsageError: The case has no such campaign.
    """
    groups = (*case.campaigns, *case.permitted_groups)
    own = next((group for group in groups if group.campaign_id == campaign_id), None)
    if own is None:
        close = get_close_matches(campaign_id[:200], [group.campaign_id for group in groups], n=3)
        names = ", ".join(terminal_text(name[:80]) for name in close)
        raise UsageError(
            f"this case has no campaign '{terminal_text(campaign_id[:200])}'",
            hint=f"Did you mean {names}?" if names else "Names stand in campaigns.csv.",
        )
    kept = _apart(own)
    members = {member.account_id for member in own.members}
    words = f"excerpt: {campaign_id}, one of {len(groups):,} groups; counts of the log are whole"
    return replace(
        case,
        campaigns=(kept,) if own in case.campaigns else (),
        permitted_groups=() if own in case.campaigns else (kept,),
        operators=tuple(
            replace(operator, campaign_ids=(campaign_id,))
            for operator in case.operators
            if campaign_id in operator.campaign_ids
        ),
        near_misses=(),
        notes=(*case.notes, words),
        accounts=tuple(account for account in case.accounts if account.account_id in members),
    )


def _apart(campaign: Campaign) -> Campaign:
    """A campaign without what its members have to do with accounts and campaigns beside it."""
    members = {member.account_id for member in campaign.members}
    return replace(
        campaign, members=tuple(_alone(member, campaign, members) for member in campaign.members)
    )


def _alone(member: Member, campaign: Campaign, members: set[str]) -> Member:
    return replace(
        member,
        links=tuple(link for link in member.links if link.other_account_id in members),
        shares=tuple(
            share for share in member.shares if share.campaign_id in {campaign.campaign_id, ""}
        ),
    )
