"""Tells the story of one account: plain words first, then the arithmetic, then what speaks against.

The shape is the one that an appeal needs: every number has its words, and counter-evidence, the
nearest innocent explanation and the limits stand beside the accusation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cautery.report.account_finder import FoundAccount, Step, path_between
from cautery.report.figures import amount, chance, counted, day, signed, tenths, thousands
from cautery.report.screen_evidence import template_lines
from cautery.report.screen_standing import standing_lines
from cautery.report.text_width import wrap, wrap_parts
from cautery.report.waterfall import is_adjustment, waterfall
from cautery.report.waterfall_lines import waterfall_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.records.campaign import Campaign, Member
    from cautery.records.case import AccountSummary, Case
    from cautery.report.style import Style

_SHOWN_LINKS = 5
_SHOWN_POINTERS = 5


def story_lines(
    case: Case, found: FoundAccount, style: Style, *, other: FoundAccount | None = None
) -> Iterator[str]:
    """Tell why an account is where it is.

    Args:
        case: The result of a scan.
        found: The account.
        style: The terminal.
        other: Another account, to say why the two are linked.

    Yields:
        Lines without line feeds; every text of the log in them is escaped.
    """
    yield from _header(found, style)
    yield ""
    yield from _plain_words(found, style)
    if found.campaign is None:
        yield ""
        yield from _looked_at(case, style)
    blocks = []
    if found.campaign is not None and other is not None:
        blocks.append(_pair(found.campaign, found.summary, other.summary, style))
    if found.campaign is not None and found.member is not None:
        blocks += list(_evidence(found.campaign, found.member, style))
    elif other is not None:
        blocks.append(["no campaign holds both accounts: nothing links them in this case"])
    for block in blocks:
        if block:
            yield ""
            yield from block


def _header(found: FoundAccount, style: Style) -> list[str]:
    summary, member = found.summary, found.member
    parts = [f"account {style.text(summary.account_id)}"]
    if member is not None and member.org_id:
        parts.append(f"organisation {style.text(member.org_id)}")
    badge = f"{style.symbol(summary.band)} {summary.band}" if summary.band else ""
    exchanges = counted(summary.exchanges, "exchange")
    if member is not None and member.harvest_exchanges:
        exchanges += f", {thousands(member.harvest_exchanges)} of them thought to be harvest"
    facts = [
        exchanges,
        f"{amount(summary.output_tokens)} output tokens",
        f"{style.text(day(summary.first_seen))} .. {style.text(day(summary.last_seen))}",
    ]
    lines = wrap_parts([*parts, badge], style.width)
    if badge:
        lines[-1] = lines[-1].removesuffix(badge) + style.paint(badge, summary.band)
    return [*lines, *wrap_parts(facts, style.width, first="  ")]


def _plain_words(found: FoundAccount, style: Style) -> list[str]:
    summary, campaign = found.summary, found.campaign
    if campaign is None:
        text = (
            "This account is in no campaign. Chance that it takes part in one: "
            f"{chance(summary.probability)}."
        )
        if summary.permitted_use:
            text += f" Its contract allows {style.text(summary.permitted_use)}."
        return wrap(text, style.width)
    text = (
        f"This account is in a group of {counted(campaign.accounts, 'account')}, "
        f"{style.text(campaign.campaign_id)} ({style.text(campaign.what)}). Chance that it has the "
        f"group's operator: {chance(summary.linked_probability)}. Chance that the group's traffic "
        f"is distillation: {chance(summary.distillation_probability)}. "
    )
    if summary.permitted_use:
        text += f"Its contract allows {style.text(summary.permitted_use)}, so it is not accused."
    elif campaign.permitted:
        text += "Contracts permit what the group does, so it is not accused."
    else:
        text += (
            "No contract in the account table permits it. Chance that this account takes part in "
            f"an unpermitted campaign: {chance(summary.probability)}."
        )
    if summary.top_reason:
        text += f" Strongest reason: {style.text(summary.top_reason).rstrip('.')}."
    return wrap(text, style.width)


def _looked_at(case: Case, style: Style) -> list[str]:
    used = ", ".join(style.text(name) for name in case.signals.used) or "none"
    missing = ", ".join(style.text(signal.name) for signal in case.signals.missing)
    lines = wrap(
        f"looked at, among {counted(case.input.accounts, 'account')}: {used}",
        style.width,
        indent="  ",
    )
    if missing:
        lines += wrap(f"not in this log: {missing}. Absent is not clean.", style.width, indent="  ")
    return [
        *lines,
        *wrap("No links to other accounts were strong enough to make a group.", style.width),
    ]


def _evidence(campaign: Campaign, member: Member, style: Style) -> Iterator[list[str]]:
    own = waterfall(member.weights)
    if member.weights:
        yield [
            *waterfall_lines(own, style, "why this account is in the group"),
            f"  chance of the same operator {chance(own.probability)}",
        ]
    whole = waterfall(campaign.weights, campaign.bits)
    band = f", {campaign.band}" if campaign.band else ", permitted: no band"
    yield [
        *waterfall_lines(whole, style, "why the group is listed"),
        f"  chance {chance(whole.probability)}{band}",
    ]
    yield standing_lines(campaign, member, style)
    yield _links(member, style)
    yield (
        ["templates of the group, redacted:", *template_lines(campaign, style)]
        if (campaign.templates)
        else []
    )
    yield _pointers(campaign, member, style)
    yield _against(campaign, member, style)
    yield _limits(campaign, style)


def _links(member: Member, style: Style) -> list[str]:
    if not member.links:
        return ["no single link to another account stands out"]
    strongest = sorted(member.links, key=lambda link: (-link.bits, link.other_account_id))
    lines = ["strongest links to other accounts:"]
    for link in strongest[:_SHOWN_LINKS]:
        text = (
            f"{signed(tenths(link.bits))} bits {style.text(link.other_account_id)}: "
            f"{style.text(link.reason)} ({style.text(link.link)})"
        )
        lines += wrap(text, style.width, first="  ", indent="    ")
    return lines


def _pair(
    campaign: Campaign, one: AccountSummary, other: AccountSummary, style: Style
) -> list[str]:
    names = f"{style.text(one.account_id)} and {style.text(other.account_id)}"
    lines = wrap(f"why {names} are linked:", style.width, indent="  ")
    steps = path_between(campaign, one.account_id, other.account_id)
    if other.campaign_id != campaign.campaign_id:
        said = "they are not in one group: nothing in this case links them"
        return lines + wrap(said, style.width, first="  ", indent="    ")
    if not steps:
        said = (
            "both are in the group, but not by a chain of the strongest links that a case keeps: "
            "what holds them together is the group's shared behaviour, shown below"
        )
        return lines + wrap(said, style.width, first="  ", indent="    ")
    for step in steps:
        lines += wrap(_step(step, style), style.width, first="  ", indent="    ")
    return lines


def _step(step: Step, style: Style) -> str:
    return (
        f"{signed(tenths(step.link.bits))} bits {style.text(step.from_account_id)} - "
        f"{style.text(step.to_account_id)}: {style.text(step.link.reason)} "
        f"({style.text(step.link.link)})"
    )


def _pointers(campaign: Campaign, member: Member, style: Style) -> list[str]:
    """Name exchanges of this account that show a thing; the log has the rest."""
    pointers = {
        (pointer.time_start, pointer.request_id): pointer
        for weight in (*member.weights, *campaign.weights)
        for pointer in weight.pointers
        if pointer.account_id == member.account_id
    }
    if not pointers:
        return []
    lines = ["exchanges of this account that show it:"]
    for _, pointer in sorted(pointers.items())[:_SHOWN_POINTERS]:
        request = style.text(pointer.request_id) or "(no request id)"
        text = f"{style.text(pointer.time_start)} {request}"
        lines += wrap(text, style.width, first="  ", indent="    ")
    return lines


def _against(campaign: Campaign, member: Member, style: Style) -> list[str]:
    lines = ["what speaks against it:"]
    weights = [*member.weights, *campaign.weights]
    against = [w for w in weights if w.available and tenths(w.bits) < 0 and not is_adjustment(w)]
    for weight in sorted(against, key=lambda weight: weight.bits):
        text = f"{signed(tenths(weight.bits))} bits {style.text(weight.label or weight.signal)}"
        if weight.sentence:
            text += f": {style.text(weight.sentence)}"
        lines += wrap(text, style.width, first="  ", indent="    ")
    if not against:
        lines.append("  no signal does")
    if campaign.innocent.explanation:
        text = f"could also be: {style.text(campaign.innocent.explanation)}"
        lines += wrap(text, style.width, first="  ", indent="    ")
    if campaign.innocent.test:
        text = f"to decide: {style.text(campaign.innocent.test)}"
        lines += wrap(text, style.width, first="  ", indent="    ")
    return lines


def _limits(campaign: Campaign, style: Style) -> list[str]:
    lines: list[str] = []
    for limit in campaign.limits:
        lines += wrap(style.text(limit), style.width, first="  ", indent="    ")
    return ["what this finding cannot tell:", *lines] if lines else []
