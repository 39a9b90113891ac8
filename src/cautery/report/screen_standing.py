"""How firmly a campaign and a member stand, and whose traffic an account carries, in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.report.figures import thousands
from cautery.report.text_width import wrap

if TYPE_CHECKING:
    from cautery.records.campaign import Campaign, Member
    from cautery.report.style import Style

STABLE: Final = 0.75
NOT_TO_BE_TRUSTED: Final = 0.6
"""Floors of Hennig 2007, as the scan uses them (``docs/explanation/how-linking-works.md``)."""


def stability_lines(campaign: Campaign, style: Style) -> list[str]:
    """Say how far a group comes back when its evidence is redrawn, and what follows.

    Args:
        campaign: A listed campaign or a permitted group.
        style: The terminal.

    Returns:
        The lines; none if it was not measured.
    """
    if campaign.stability is None:
        return []
    text = f"stability: {campaign.stability:.2f} of 1 when the evidence is redrawn"
    if campaign.stability < NOT_TO_BE_TRUSTED:
        text += "; not to be trusted: nobody is accused for being in it"
    elif campaign.stability < STABLE:
        text += "; loose: look at each account's own links"
    return wrap(text, style.width, first="  ", indent="    ")


def standing_lines(campaign: Campaign, member: Member, style: Style) -> list[str]:
    """Say how firmly an account stands in its group, and whose traffic it carries.

    Args:
        campaign: The account's campaign.
        member: The account.
        style: The terminal.

    Returns:
        The lines; none if nothing was measured.
    """
    lines: list[str] = []
    if member.stability is not None:
        text = f"in this group in {100 * member.stability:.0f} % of the runs with redrawn evidence"
        lines += wrap(text, style.width, first="  ", indent="    ")
    lines += stability_lines(campaign, style)
    for share in member.shares:
        whose = f"templates of {style.text(share.campaign_id)}"
        if not share.campaign_id:
            whose = "other traffic: cover, or other customers if the account is a relay"
        text = f"{100 * share.share:.0f} % of its exchanges ({thousands(share.exchanges)}): {whose}"
        lines += wrap(text, style.width, first="  ", indent="    ")
    return ["how firmly it stands:", *lines] if lines else []
