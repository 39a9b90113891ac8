"""One campaign on the screen: activity, waterfall, chance, verdicts, and who else it could be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cautery.report.figures import amount, chance, counted, day, rate, thousands
from cautery.report.screen_standing import stability_lines
from cautery.report.sparkline import binned, sparkline
from cautery.report.text_width import shorten, width, wrap, wrap_parts
from cautery.report.waterfall import waterfall
from cautery.report.waterfall_lines import waterfall_lines

if TYPE_CHECKING:
    from cautery.records.campaign import Campaign
    from cautery.report.style import Style


def campaign_lines(campaign: Campaign, style: Style, *, everything: bool) -> list[str]:
    """Show why a campaign is listed.

    Args:
        campaign: A listed campaign or a permitted group.
        style: The terminal.
        everything: All rows of the waterfall, infrastructure, templates and limits.

    Returns:
        The lines of its part of the screen.
    """
    shown = len(campaign.weights) if everything else None
    fall = (
        waterfall(campaign.weights, campaign.bits)
        if shown is None
        else waterfall(campaign.weights, campaign.bits, shown=shown)
    )
    title = f"why {campaign.band}" if campaign.band else "why"
    return [
        *_activity(campaign, style),
        *_summary(campaign, style),
        *waterfall_lines(fall, style, title),
        *_chance(campaign, fall.probability, style),
        *_verdicts(campaign, style),
        *_anytime(campaign, style),
        *stability_lines(campaign, style),
        *_innocent(campaign, style),
        *(_details(campaign, style) if everything else ()),
    ]


def _activity(campaign: Campaign, style: Style) -> list[str]:
    identity = shorten(style.text(campaign.campaign_id), 24, mark=style.ellipsis)
    name = f"{style.symbol(campaign.band)} {identity}".strip()
    days = campaign.daily_exchanges
    if not days:
        return [style.paint(name, campaign.band)]
    busiest, top = max(days, key=lambda pair: pair[1])  # the first of equals
    top_day = shorten(style.text(busiest), 10, mark=style.ellipsis)
    room = style.width - width(name) - 2 - len("activity  ")
    tail = f"  per day, max {thousands(top)} on {top_day}"
    beside = room - len(tail) >= min(28, len(days))
    size, bins = binned([count for _, count in days], room - len(tail) if beside else room)
    if size > 1:
        tail = f"  per {size} days, most in a day {thousands(top)} on {top_day}"
        beside = beside and room >= len(bins) + len(tail)
    line = f"{style.paint(name, campaign.band)}  activity  {sparkline(bins, style.bars)}"
    return [line + tail] if beside else [line, tail]


def _summary(campaign: Campaign, style: Style) -> list[str]:
    parts = [
        style.text(campaign.what),
        counted(campaign.accounts, "account"),
        counted(campaign.exchanges, "exchange"),
        f"{amount(campaign.output_tokens)} output tokens",
        f"{style.text(day(campaign.first_seen))} .. {style.text(day(campaign.last_seen))}",
    ]
    if campaign.operator_id:
        parts.append(f"operator {style.text(campaign.operator_id)}")
    return wrap_parts(parts, style.width, first="  ")


def _chance(campaign: Campaign, probability: float, style: Style) -> list[str]:
    parts = [f"chance {chance(probability)}"]
    if campaign.band:
        parts.append(
            "expected false campaigns in this band: "
            f"{rate(campaign.expected_false_per_1000)} per 1,000 honest accounts"
        )
    return wrap_parts(parts, style.width, first="  ", indent="    ")


def _verdicts(campaign: Campaign, style: Style) -> list[str]:
    permitted = "permitted by contract" if campaign.permitted else "no contract permits it"
    parts = [
        f"verdicts: same operator {chance(campaign.linked_probability)}",
        f"distillation-like {chance(campaign.distillation_probability)}",
        permitted,
    ]
    return wrap_parts(parts, style.width, first="  ", indent="    ")


def _anytime(campaign: Campaign, style: Style) -> list[str]:
    found = campaign.anytime
    if found is None:
        return []
    # 0.95 and not 1: a bound that says nothing is not shown as one.
    bound = found.false_alarm_bound
    said = f"untied accounts ever get so far 1 time in {1 / bound:,.0f}" if bound < 0.95 else ""
    parts = [
        f"daily evidence of one owner: {found.bits:+.1f} bits in {counted(found.scans, 'scan')}",
        *([said] if said else []),
        f"{counted(found.groups_watched, 'group')} watched",
    ]
    return wrap_parts(parts, style.width, first="  ", indent="    ")


def _innocent(campaign: Campaign, style: Style) -> list[str]:
    innocent = campaign.innocent
    if not innocent.explanation:
        return []
    lines = wrap(
        f"could also be: {style.text(innocent.explanation)}",
        style.width,
        first="  ",
        indent="    ",
    )
    if innocent.test:
        text = f"to decide: {style.text(innocent.test)}"
        lines += wrap(text, style.width, first="    ", indent="    ")
    return lines


def _details(campaign: Campaign, style: Style) -> list[str]:
    lines: list[str] = []
    if campaign.capabilities:
        shares = ", ".join(
            f"{style.text(n)} {100 * part:.0f} %" for n, part in campaign.capabilities
        )
        lines += wrap(f"asked for: {shares}", style.width, first="  ", indent="    ")
    for thing in campaign.infrastructure:
        text = (
            f"shared {style.text(thing.kind)}: {counted(thing.accounts, 'account')} share, "
            f"{thousands(thing.distinct)} different, at most "
            f"{counted(thing.largest, 'account')} on one"
        )
        lines += wrap(text, style.width, first="  ", indent="    ")
    lines += template_lines(campaign, style)
    for limit in campaign.limits:
        lines += wrap(f"limit: {style.text(limit)}", style.width, first="  ", indent="    ")
    return lines


def template_lines(campaign: Campaign, style: Style, *, most: int = 3) -> list[str]:
    """Show the templates that a campaign repeats, redacted.

    Args:
        campaign: The campaign.
        style: The terminal.
        most: Most templates to show.

    Returns:
        Two lines or more a template.
    """
    lines: list[str] = []
    for template in campaign.templates[:most]:
        facts = (
            f"template {style.text(template.template_id)}: {100 * template.share:.1f} % of the "
            f"exchanges, {counted(template.accounts, 'account')}, since "
            f"{style.text(day(template.first_seen))}"
        )
        lines += wrap(facts, style.width, first="  ", indent="    ")
        text = style.text(template.text, right_to_left=True) or "(text was not kept)"
        lines += wrap(text, style.width, first="    ", indent="    ")[:4]
    return lines
