"""Standing: how firmly each campaign and member stands, and whose traffic an account carries.

What a case says beside the verdicts: whether a group comes back when its evidence is redrawn, which
accounts were left out because they do not, and how each member's exchanges divide into its own
campaign, others, and the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.campaign import Campaign, CampaignShare, Member, NearMiss
from cautery.scan.absorbing import ABSORB_BITS, TemplateUses
from cautery.scan.evidence import Verdict
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP
from cautery.scan.settling import Settled
from cautery.scan.stability import NOT_TO_BE_TRUSTED, STABLE
from cautery.scan.verdicts import Findings
from cautery.scan.weighing import rounded

Integers = NDArray[np.int64]

MOSTLY_OTHER: Final = 0.5
"""Part of an account's exchanges under which its campaign's templates are the smaller part."""
LOOSE: Final = "accounts that hang loosely on a campaign"
"""What a near miss of accounts is called that were left out because they are elsewhere as often."""


def with_standing(
    facts: Facts, settled: Settled, verdicts: list[Verdict], found: Findings
) -> Findings:
    """Add stability and shares to the campaigns, and the loose accounts to the near misses.

    Args:
        facts: What the log says.
        settled: Settled groups, and how firmly they stand.
        verdicts: One verdict a group.
        found: What the scan found.

    Returns:
        The findings with what they say of their own firmness.
    """
    number = {name: account for account, name in enumerate(facts.account_ids)}
    listed = (*found.campaigns, *found.permitted)
    group_of = {
        campaign.campaign_id: int(settled.groups.group_of[number[campaign.members[0].account_id]])
        for campaign in listed
    }
    names = {group: name for name, group in group_of.items()}
    uses = _uses_by_account(settled, names)

    def told(campaign: Campaign) -> Campaign:
        return _told(campaign, settled, group_of[campaign.campaign_id], number, uses)

    return replace(
        found,
        campaigns=tuple(told(campaign) for campaign in found.campaigns),
        permitted=tuple(told(campaign) for campaign in found.permitted),
        near_misses=(*_loose(facts, settled, verdicts, names), *found.near_misses),
    )


def _told(
    campaign: Campaign,
    settled: Settled,
    group: int,
    number: Mapping[str, int],
    uses: Mapping[int, list[CampaignShare]],
) -> Campaign:
    templated = bool(np.any(settled.groups.template_group == group))
    stability = _measured(settled.group_stability[group])
    members = tuple(
        replace(
            member,
            stability=_measured(settled.account_stability[number[member.account_id]]),
            shares=_shares(member, campaign, uses.get(number[member.account_id], []))
            if templated
            else (),
        )
        for member in campaign.members
    )
    return replace(
        campaign,
        stability=stability,
        members=members,
        limits=(*campaign.limits, *_limits(stability, members)),
    )


def _measured(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)


def _shares(
    member: Member, campaign: Campaign, uses: list[CampaignShare]
) -> tuple[CampaignShare, ...]:
    """Divide a member's exchanges: its own campaign, others by falling share, the rest."""
    total = max(member.exchanges, 1)
    own = next((use for use in uses if use.campaign_id == campaign.campaign_id), None)
    others = [
        replace(use, share=round(use.exchanges / total, 4))
        for use in uses
        if use.campaign_id != campaign.campaign_id
        and use.bits is not None
        and use.bits >= ABSORB_BITS
    ]
    others.sort(key=lambda use: (-use.exchanges, use.campaign_id))
    rest = max(member.exchanges - member.harvest_exchanges - sum(u.exchanges for u in others), 0)
    return (
        CampaignShare(
            campaign_id=campaign.campaign_id,
            exchanges=member.harvest_exchanges,
            share=round(member.harvest_exchanges / total, 4),
            bits=own.bits if own else None,
        ),
        *others,
        CampaignShare(campaign_id="", exchanges=rest, share=round(rest / total, 4)),
    )


def _limits(stability: float | None, members: tuple[Member, ...]) -> tuple[str, ...]:
    """What follows from a group that does not hold, and from accounts that carry other traffic."""
    limits = []
    if stability is not None and stability < NOT_TO_BE_TRUSTED:
        limits.append(
            f"The group does not come back when its evidence is redrawn (stability {stability:.2f} "
            "of 1): nobody is accused for being in it."
        )
    elif stability is not None and stability < STABLE:
        limits.append(
            f"The group changes when its evidence is redrawn (stability {stability:.2f} of 1): "
            "look at each account's own links."
        )
    mixed = sum(bool(m.shares) and m.shares[0].share < MOSTLY_OTHER for m in members)
    if mixed:
        limits.append(
            f"{mixed:,} of {len(members):,} accounts carry mostly other traffic: cover, or honest "
            "customers behind a relay, whom closing the account would hit too."
        )
    twice = sum(len(member.shares) > 2 for member in members)
    if twice:
        limits.append(f"{twice:,} accounts work for another campaign of this case too.")
    return tuple(limits)


def _uses_by_account(settled: Settled, names: Mapping[int, str]) -> dict[int, list[CampaignShare]]:
    """Uses of the listed groups' templates by account; shares are filled in later."""
    uses = settled.uses
    name_of = {
        origin: names[group]
        for group, origin in _origins(uses, settled.groups.group_of).items()
        if group in names
    }
    found: dict[int, list[CampaignShare]] = {}
    rows = zip(uses.account, uses.group, uses.exchanges, uses.bits, strict=True)
    for account, origin, exchanges, bits in rows:
        if int(origin) in name_of:
            found.setdefault(int(account), []).append(
                CampaignShare(
                    campaign_id=name_of[int(origin)],
                    exchanges=int(exchanges),
                    share=0.0,
                    bits=rounded(float(bits)),
                )
            )
    return found


def _origins(uses: TemplateUses, group_of: Integers) -> dict[int, int]:
    """The group as it was absorbed of which each settled group has most accounts.

    A permitted part has the number of the group that it was cut from; the larger part keeps it.
    """
    inside = np.flatnonzero((group_of != NO_GROUP) & (uses.origin != NO_GROUP))
    pairs = Counter(zip(group_of[inside].tolist(), uses.origin[inside].tolist(), strict=True))
    found: dict[int, int] = {}
    taken: set[int] = set()
    for (group, origin), _count in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        if group not in found and origin not in taken:
            found[group] = origin
            taken.add(origin)
    return found


def _loose(
    facts: Facts, settled: Settled, verdicts: list[Verdict], names: Mapping[int, str]
) -> list[NearMiss]:
    """One near miss for each listed group from which accounts were dropped as not settled."""
    rows = []
    for group, name in sorted(names.items(), key=lambda item: item[1]):
        accounts = np.flatnonzero(settled.loose == group)
        if accounts.size == 0:
            continue
        most = float(settled.loose_chance[accounts].max()) * verdicts[group].probability
        rows.append(
            NearMiss(
                what=LOOSE,
                accounts=int(accounts.size),
                exchanges=int(facts.totals["exchanges"][accounts].sum()),
                score=round(100 * most),
                reason=f"they are in {name} in some runs and elsewhere in others: "
                "membership alone accuses nobody",
            )
        )
    return rows
