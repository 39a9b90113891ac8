"""Verdicts: judged groups become campaigns, permitted groups, near misses and account rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.campaign import (
    AccountLink,
    Campaign,
    Member,
    NearMiss,
    Operator,
    SharedThing,
    Template,
    band_of,
)
from cautery.records.case import AccountSummary
from cautery.records.evidence import Weight
from cautery.scan.evidence import Verdict
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.innocence import describe_near_miss, nearest_innocent
from cautery.scan.member_links import strongest_links
from cautery.scan.membership import Membership
from cautery.scan.operators import operator_labels, operator_reasons, operator_records
from cautery.scan.permitted import PERMITTED_SHARE, permitted_customers
from cautery.scan.portrait import (
    capability_shares,
    daily_exchanges,
    iso_time,
    shared_things,
)
from cautery.scan.template_portraits import template_portraits
from cautery.scan.young_groups import young

WATCH: Final = 0.5
"""Chance from which a group is listed."""
FEWEST_NEAR_MISS: Final = 5
"""Accounts that a near miss needs to be named without being asked for."""
MOST_NEAR_MISSES: Final = 10
MOST_UNTIED: Final = 0.89
"""Highest chance, under ``likely``, of an account that shares no infrastructure with a young group
of few: what it asked in some days may be a prompt that strangers use too."""
EXPECTED_FALSE_PER_1000: Final = {"very likely": 0.1, "likely": 0.2, "watch": 0.5, "": 0.0}
"""Upper bound of false campaigns by band per 1,000 honest accounts (docs, calibration)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a scan found, ready for the case."""

    campaigns: tuple[Campaign, ...]
    permitted: tuple[Campaign, ...]
    operators: tuple[Operator, ...]
    near_misses: tuple[NearMiss, ...]
    accounts: tuple[AccountSummary, ...]


@dataclass(frozen=True, kw_only=True)
class _Inputs:
    facts: Facts
    groups: Groups
    verdicts: list[Verdict]
    membership: Membership
    permitted_use: NDArray[np.object_]
    permitted: NDArray[np.bool_]
    """Accounts of permitted customers: by their own contract, or by their payer's."""
    capabilities: list[tuple[tuple[str, float], ...]]
    daily: list[tuple[tuple[str, int], ...]]
    shared: list[tuple[SharedThing, ...]]
    templates: dict[int, tuple[Template, ...]]
    """Of the listed groups."""
    held: NDArray[np.bool_]
    """Accounts of young groups that share no infrastructure with them."""


def collect(
    facts: Facts,
    groups: Groups,
    verdicts: list[Verdict],
    membership: Membership,
    *,
    all_near_misses: bool = False,
) -> Findings:
    """Turn judged groups into records.

    Args:
        facts: What the log says.
        groups: Settled groups.
        verdicts: One verdict a group.
        membership: Membership of every account.
        all_near_misses: Whether small near misses are named as well.

    Returns:
        Campaigns strongest first, permitted groups, operators, near misses and all accounts.
    """
    has_text = "input_text" in facts.present
    listed = [group for group in range(groups.count) if verdicts[group].probability >= WATCH]
    inputs = _Inputs(
        facts=facts,
        groups=groups,
        verdicts=verdicts,
        membership=membership,
        permitted_use=facts.account_texts("permitted_use"),
        permitted=permitted_customers(facts),
        capabilities=capability_shares(groups, has_text),
        daily=daily_exchanges(groups),
        shared=shared_things(facts, groups),
        templates=template_portraits(facts, groups, listed),
        held=np.append(young(facts, groups), False)[groups.group_of] & ~membership.tied,
    )
    tokens = groups.sum_by_group(facts.totals["output_tokens"])
    listed.sort(key=lambda group: (-verdicts[group].bits, -tokens[group], group))
    allowed = [group for group in listed if _permitted(inputs, group)]
    accused = [group for group in listed if group not in set(allowed)]
    labels = operator_labels(facts, groups, accused)
    year = iso_time(int(facts.totals["last_us"].max()))[:4]
    campaigns = tuple(
        _campaign(inputs, group, f"C-{year}-{place + 1:04d}", f"O-{labels[place] + 1:04d}")
        for place, group in enumerate(accused)
    )
    permitted = tuple(
        _campaign(inputs, group, f"P-{year}-{place + 1:04d}", "")
        for place, group in enumerate(allowed)
    )
    return Findings(
        campaigns=campaigns,
        permitted=permitted,
        operators=operator_records(campaigns, operator_reasons(facts, groups, accused)),
        near_misses=_near_misses(inputs, set(listed), all_near_misses),
        accounts=_account_rows(
            inputs, dict(zip([*accused, *allowed], (*campaigns, *permitted), strict=True))
        ),
    )


def _chance_of(inputs: _Inputs, account: int, group: int) -> float:
    """Chance that an account takes part: that it belongs to the group, times the group's."""
    linked = float(inputs.membership.linked_probability[account])
    found = round(linked * inputs.verdicts[group].probability, 6)
    return min(found, MOST_UNTIED) if inputs.held[account] else found


def _permitted(inputs: _Inputs, group: int) -> bool:
    """Whether contracts permit at least half of a group, which is then one permitted customer."""
    return bool(np.mean(inputs.permitted[inputs.groups.members(group)]) >= PERMITTED_SHARE)


def _reason(weights: tuple[Weight, ...]) -> str:
    """The strongest weight in favour, in words."""
    positive = [row for row in weights if row.available and row.bits > 0]
    best = max(positive, key=lambda row: (row.bits, row.signal), default=None)
    return f"{best.label}: {best.observed}" if best else ""


def _campaign(inputs: _Inputs, group: int, campaign_id: str, operator_id: str) -> Campaign:
    facts, groups, verdict = inputs.facts, inputs.groups, inputs.verdicts[group]
    accounts = groups.members(group)
    permitted = _permitted(inputs, group)
    band = "" if permitted else band_of(verdict.probability)
    totals = facts.totals
    return Campaign(
        campaign_id=campaign_id,
        operator_id=operator_id,
        band=band,
        score=round(100 * verdict.probability),
        probability=verdict.probability,
        linked_probability=verdict.linked_probability,
        distillation_probability=verdict.distillation_probability,
        permitted=permitted,
        what=inputs.capabilities[group][0][0] if inputs.capabilities[group] else "",
        accounts=int(accounts.size),
        exchanges=int(totals["exchanges"][accounts].sum()),
        output_tokens=int(totals["output_tokens"][accounts].sum()),
        first_seen=iso_time(int(totals["first_us"][accounts].min())),
        last_seen=iso_time(int(totals["last_us"][accounts].max())),
        weights=verdict.weights,
        bits=verdict.bits,
        expected_false_per_1000=EXPECTED_FALSE_PER_1000[band],
        capabilities=inputs.capabilities[group],
        daily_exchanges=inputs.daily[group],
        templates=inputs.templates[group],
        infrastructure=inputs.shared[group],
        innocent=nearest_innocent(verdict.weights),
        limits=_limits(facts, verdict),
        members=_members(inputs, group, permitted),
    )


def _limits(facts: Facts, verdict: Verdict) -> tuple[str, ...]:
    """What a finding cannot tell, by what the log lacks."""
    limits = ["Chances rest on simulated logs until cases of your own confirm them."]
    absent = sorted(row.label for row in verdict.weights if not row.available)
    if absent:
        limits.append(f"Not in this log: {', '.join(absent)}.")
    if "input_text" not in facts.present:
        limits.append("Without prompts, what was asked is not known.")
    return tuple(limits)


def _members(inputs: _Inputs, group: int, permitted: bool) -> tuple[Member, ...]:
    links = strongest_links(inputs.facts, inputs.groups, group)
    rows = [
        _member(inputs, int(account), group, links.get(int(account), ()), permitted)
        for account in inputs.groups.members(group)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.probability, row.account_id)))


def _member(
    inputs: _Inputs, account: int, group: int, links: tuple[AccountLink, ...], permitted: bool
) -> Member:
    facts, membership = inputs.facts, inputs.membership
    linked = float(membership.linked_probability[account])
    probability = _chance_of(inputs, account, group)
    weights = membership.weights(account)
    return Member(
        account_id=facts.account_ids[account],
        org_id=str(facts.organisations[account]),
        linked_probability=linked,
        probability=0.0 if permitted else probability,
        band="" if permitted else band_of(probability),
        permitted_use=str(inputs.permitted_use[account]),
        exchanges=int(facts.totals["exchanges"][account]),
        harvest_exchanges=int(membership.harvest[account]),
        output_tokens=int(facts.totals["output_tokens"][account]),
        first_seen=iso_time(int(facts.totals["first_us"][account])),
        last_seen=iso_time(int(facts.totals["last_us"][account])),
        top_reason=_member_reason(weights) or _reason(inputs.verdicts[group].weights),
        weights=weights,
        links=links,
        most_probability=MOST_UNTIED if inputs.held[account] else None,
    )


def _member_reason(weights: tuple[Weight, ...]) -> str:
    positive = [row for row in weights if row.bits > 0 and row.family != "context"]
    best = max(positive, key=lambda row: (row.bits, row.signal), default=None)
    return best.label if best else ""


def _near_misses(inputs: _Inputs, listed: set[int], everything: bool) -> tuple[NearMiss, ...]:
    groups, facts = inputs.groups, inputs.facts
    fewest = 0 if everything else FEWEST_NEAR_MISS
    rows = []
    for group in range(groups.count):
        accounts = groups.members(group)
        if group in listed or accounts.size < fewest:
            continue
        verdict = inputs.verdicts[group]
        what, reason = describe_near_miss(verdict.weights)
        miss = NearMiss(
            what=what,
            accounts=int(accounts.size),
            exchanges=int(facts.totals["exchanges"][accounts].sum()),
            score=round(100 * verdict.probability),
            reason=reason,
        )
        rows.append((-verdict.bits, -miss.accounts, facts.account_ids[int(accounts[0])], miss))
    rows.sort(key=lambda row: row[:3])
    return tuple(row[3] for row in (rows if everything else rows[:MOST_NEAR_MISSES]))


def _account_rows(inputs: _Inputs, by_group: dict[int, Campaign]) -> tuple[AccountSummary, ...]:
    facts, groups, membership = inputs.facts, inputs.groups, inputs.membership
    members = {
        member.account_id: member for campaign in by_group.values() for member in campaign.members
    }
    rows = []
    for account, account_id in enumerate(facts.account_ids):
        group = int(groups.group_of[account])
        verdict = inputs.verdicts[group] if group >= 0 else None
        campaign = by_group.get(group)
        member = members.get(account_id)
        linked = float(membership.linked_probability[account]) if verdict else 0.0
        probability = _chance_of(inputs, account, group) if verdict else 0.0
        probability = 0.0 if inputs.permitted[account] else probability
        rows.append(
            AccountSummary(
                account_id=account_id,
                campaign_id=campaign.campaign_id if campaign else "",
                operator_id=campaign.operator_id if campaign else "",
                linked_probability=linked,
                distillation_probability=verdict.distillation_probability if verdict else 0.0,
                permitted_use=str(inputs.permitted_use[account]),
                probability=member.probability if member else probability,
                band=member.band if member else "",
                exchanges=int(facts.totals["exchanges"][account]),
                output_tokens=int(facts.totals["output_tokens"][account]),
                first_seen=iso_time(int(facts.totals["first_us"][account])),
                last_seen=iso_time(int(facts.totals["last_us"][account])),
                top_reason=member.top_reason if member else "",
            )
        )
    return tuple(rows)
