"""Adds the figures of a case up again: whoever doubts a chance can do the same by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.records.campaign import band_of
from cautery.report.figures import tenths
from cautery.report.waterfall import probability_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.records.campaign import Campaign, Member
    from cautery.records.case import Case

_EXACT: Final = 1.5e-6
"""Chances are written with six decimals; a product of two is off by so much at most."""


def figure_faults(case: Case) -> list[str]:
    """Find figures of a case that do not follow from others.

    Args:
        case: The case.

    Returns:
        What does not add up, in words; nothing as a rule.
    """
    groups = (*case.campaigns, *case.permitted_groups)
    return [fault for group in groups for fault in _group_faults(group)]


def _group_faults(group: Campaign) -> Iterator[str]:
    name = group.campaign_id[:80]
    if sum(tenths(weight.bits) for weight in group.weights) != tenths(group.bits):
        yield f"the bits of {name} do not add up"
    if abs(probability_of(group.bits) - group.probability) > _EXACT:
        yield f"the chance of {name} does not follow from its bits"
    if group.band != ("" if group.permitted else band_of(group.probability)):
        yield f"the band of {name} does not follow from its chance"
    if group.score != round(100 * group.probability):
        yield f"the score of {name} does not follow from its chance"
    for member in group.members:
        if fault := _member_fault(group, member):
            yield f"{fault} of account {member.account_id[:80]} in {name}"


def _member_fault(group: Campaign, member: Member) -> str:
    held = probability_of(sum(tenths(weight.bits) for weight in member.weights) / 10)
    if member.weights and abs(held - member.linked_probability) > _EXACT:
        return "bits do not make the chance of membership"
    most = 1.0 if member.most_probability is None else member.most_probability
    expected = 0.0 if group.permitted else member.linked_probability * group.probability
    if abs(min(expected, most) - member.probability) > _EXACT:
        return "chances do not make the chance"
    if member.band != ("" if group.permitted else band_of(member.probability)):
        return "chance does not make the band"
    return ""
