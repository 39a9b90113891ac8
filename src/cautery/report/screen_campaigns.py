"""The middle of the screen: the headline, the table of campaigns, and what was not listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.report.figures import Column, adding_up, chance, counted, day, share, thousands
from cautery.report.table import TableColumn, table_lines
from cautery.report.text_width import GLUE, wrap

if TYPE_CHECKING:
    from cautery.records.campaign import Campaign
    from cautery.records.case import Case
    from cautery.report.style import Style

LISTED_CAMPAIGNS: Final = 20
"""Campaigns that the table lists unless all are asked for: what an analyst can look at in a day."""

_LISTED_NEAR_MISSES: Final = 4


def headline_lines(case: Case, style: Style, *, everything: bool) -> list[str]:
    """Say what was found in one sentence, with its share of the whole log.

    Args:
        case: The result of a scan.
        style: The terminal.
        everything: The table below lists all campaigns.

    Returns:
        The headline; if nothing was found, the strongest group that was looked at.
    """
    if not case.campaigns:
        return _nothing_found(case, style)
    total, campaigns = case.input, case.campaigns
    accounts = sum(campaign.accounts for campaign in campaigns)
    exchanges = sum(campaign.exchanges for campaign in campaigns)
    tokens = sum(campaign.output_tokens for campaign in campaigns)
    written = _tokens(case, everything=everything).total
    parts = (
        f"{counted(len(campaigns), 'campaign')} found:",
        f"{counted(accounts, 'account')} ({share(accounts, total.accounts)}),",
        f"{counted(exchanges, 'exchange')} ({share(exchanges, total.exchanges)}),",
        f"{written} output tokens ({share(tokens, total.output_tokens)})",
    )
    return wrap(" ".join(part.replace(" ", GLUE) for part in parts), style.width, indent="  ")


def _nothing_found(case: Case, style: Style) -> list[str]:
    text = "No campaigns at or above `watch`."
    strongest = max(case.near_misses, key=lambda miss: miss.score, default=None)
    if strongest is None:
        text += " No group of accounts was strong enough to be judged."
    else:
        reason = style.text(strongest.reason).rstrip(".")
        text += (
            f" Strongest group: score {strongest.score} ({style.text(strongest.what)}, "
            f"{counted(strongest.accounts, 'account')}): {reason}."
        )
    if case.signals.missing:
        text += (
            f" {counted(len(case.signals.missing), 'signal')} not in this log: absent is not clean."
        )
    return wrap(text, style.width, indent="  ")


def _tokens(case: Case, *, everything: bool) -> Column:
    """Write the output tokens of the table's rows in one unit; they add up to the headline's."""
    listed = case.campaigns if everything else case.campaigns[:LISTED_CAMPAIGNS]
    tokens = [campaign.output_tokens for campaign in listed]
    left = case.campaigns[len(listed) :]
    return adding_up([*tokens, *([sum(one.output_tokens for one in left)] if left else [])])


def campaign_table(case: Case, style: Style, *, everything: bool) -> list[str]:
    """Draw the table of campaigns; its rows add up to the headline.

    Args:
        case: The result of a scan.
        style: The terminal.
        everything: List all campaigns.

    Returns:
        The lines; none if there are no campaigns.
    """
    if not case.campaigns:
        return []
    listed = case.campaigns if everything else case.campaigns[:LISTED_CAMPAIGNS]
    left = case.campaigns[len(listed) :]
    rows = [_cells(campaign, style) for campaign in listed]
    if left:
        rows.append(_rest(left))
    lines = _layout(rows, _tokens(case, everything=everything).rows, style)
    bands = [campaign.band for campaign in listed]
    return [
        lines[0],
        *(
            style.paint(line, bands[index]) if index < len(bands) else line
            for index, line in enumerate(lines[1:])
        ),
    ]


def _cells(campaign: Campaign, style: Style) -> dict[str, str]:
    return {
        "": style.symbol(campaign.band),
        "case": style.text(campaign.campaign_id),
        "band": campaign.band,
        "score": str(campaign.score),
        "accounts": thousands(campaign.accounts),
        "exchanges": thousands(campaign.exchanges),
        "same operator": chance(campaign.linked_probability),
        "distilling": chance(campaign.distillation_probability),
        "first seen": style.text(day(campaign.first_seen)),
        "last seen": style.text(day(campaign.last_seen)),
        "operator": style.text(campaign.operator_id),
        "what": style.text(campaign.what),
    }


def _rest(left: tuple[Campaign, ...]) -> dict[str, str]:
    return {
        "case": f"{len(left)} more",
        "accounts": thousands(sum(campaign.accounts for campaign in left)),
        "exchanges": thousands(sum(campaign.exchanges for campaign in left)),
        "what": "(see --all)",
    }


_DROPS: Final = {
    "score": 1,
    "exchanges": 1,
    "first seen": 2,
    "last seen": 2,
    "same operator": 4,
    "distilling": 4,
    "operator": 3,
}
"""Which columns go first when there is no room; the details of each campaign tell them again."""


_MOST: Final = {"case": 16, "operator": 16, "first seen": 10, "last seen": 10}
"""Room of columns whose texts come from elsewhere."""


def _layout(rows: list[dict[str, str]], tokens: tuple[str, ...], style: Style) -> list[str]:
    names = list(_cells_order())
    columns = [
        TableColumn(
            title=name,
            cells=tokens if name == "out-tokens" else tuple(row.get(name, "") for row in rows),
            right=name in {"score", "accounts", "exchanges", "out-tokens", *_DROPS}
            and name not in {"operator", "first seen", "last seen"},
            drop=_DROPS.get(name, 0),
            at_most=_MOST.get(name, 0),
        )
        for name in names
    ]
    return table_lines(columns, style, indent=" ", least=14)


def _cells_order() -> tuple[str, ...]:
    return (
        "",
        "case",
        "band",
        "score",
        "accounts",
        "exchanges",
        "out-tokens",
        "same operator",
        "distilling",
        "first seen",
        "last seen",
        "operator",
        "what",
    )


def permitted_lines(case: Case, style: Style) -> list[str]:
    """List the groups that look like distillation and that contracts permit.

    Args:
        case: The result of a scan.
        style: The terminal.

    Returns:
        The lines; none if there are no such groups.
    """
    if not case.permitted_groups:
        return []
    lines = ["permitted by contract, no band:"]
    for group in case.permitted_groups:
        uses = sorted({m.permitted_use for m in group.members if m.permitted_use})
        allowed = f"; allowed: {', '.join(style.text(use) for use in uses)}" if uses else ""
        text = (
            f"{style.text(group.campaign_id)} {style.text(group.what)}, "
            f"{counted(group.accounts, 'account')}, {counted(group.exchanges, 'exchange')}, "
            f"distillation-like {chance(group.distillation_probability)}{allowed}"
        )
        lines += wrap(text, style.width, first="  ", indent="    ")
    return lines


def near_miss_lines(case: Case, style: Style, *, everything: bool) -> list[str]:
    """List the groups that were looked at and not listed.

    Args:
        case: The result of a scan.
        style: The terminal.
        everything: One line a group with its reason, instead of one line for all.

    Returns:
        The lines; none if there are no such groups.
    """
    misses = sorted(case.near_misses, key=lambda miss: -miss.score)
    if not misses:
        return []
    if everything:
        lines = ["near misses, not listed:"]
        for miss in misses:
            text = (
                f"score {miss.score:>3} {style.text(miss.what)}, "
                f"{counted(miss.accounts, 'account')}, {counted(miss.exchanges, 'exchange')}: "
                f"{style.text(miss.reason)}"
            )
            lines += wrap(text, style.width, first="  ", indent="    ")
        return lines
    some = ", ".join(f"{style.text(m.what)} {m.score}" for m in misses[:_LISTED_NEAR_MISSES])
    more = len(misses) - _LISTED_NEAR_MISSES
    rest = f", {more} more" if more > 0 else ""
    text = f"near misses, not listed (with score): {some}{rest} (--all says why)"
    return wrap(text, style.width, indent="  ")
