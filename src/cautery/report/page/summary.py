"""The top of the page: one sentence that says what was found, and the figures under it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from cautery.report.figures import Column, adding_up, counted, share, thousands

if TYPE_CHECKING:
    from cautery.records.case import Case

_MONTHS: Final = (
    "January February March April May June July August September October November December".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the whole case comes to."""

    sentence: str
    campaigns: int
    accounts: int
    exchanges: int
    output_tokens: int
    tokens: Column
    """Output tokens of each campaign in one unit; the rows add up to the total."""
    account_share: str
    exchange_share: str
    token_share: str


def summary_of(case: Case) -> Summary:
    """Add up the campaigns and say it in words.

    Args:
        case: The result of a scan.

    Returns:
        The sentence and the sums.
    """
    accounts = sum(campaign.accounts for campaign in case.campaigns)
    exchanges = sum(campaign.exchanges for campaign in case.campaigns)
    output_tokens = sum(campaign.output_tokens for campaign in case.campaigns)
    tokens = adding_up([campaign.output_tokens for campaign in case.campaigns])
    token_share = share(output_tokens, case.input.output_tokens)
    if case.campaigns:
        sentence = (
            f"{_period(case)}{counted(accounts, 'account')} made {counted(exchanges, 'exchange')} "
            f"that look like the collection of training data. They received {tokens.total} output "
            f"tokens, {token_share} of all."
        )
    else:
        sentence = _nothing_found(case)
    return Summary(
        sentence=sentence,
        campaigns=len(case.campaigns),
        accounts=accounts,
        exchanges=exchanges,
        output_tokens=output_tokens,
        tokens=tokens,
        account_share=share(accounts, case.input.accounts),
        exchange_share=share(exchanges, case.input.exchanges),
        token_share=token_share,
    )


def _period(case: Case) -> str:
    begin = day_of(min((campaign.first_seen for campaign in case.campaigns), default=""))
    end = day_of(max((campaign.last_seen for campaign in case.campaigns), default=""))
    if begin is None or end is None:
        return ""
    if begin == end:
        return f"On {_written(begin)}, "
    if begin.year != end.year:
        return f"Between {_written(begin)} and {_written(end)}, "
    same_month = begin.month == end.month
    opening = str(begin.day) if same_month else f"{begin.day} {_MONTHS[begin.month - 1]}"
    return f"Between {opening} and {_written(end)}, "


def _written(when: date) -> str:
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def day_of(iso_time: str) -> date | None:
    """Read the day of a time that may be anything.

    Args:
        iso_time: As a record holds it.

    Returns:
        The day; None if it is not one.

    Example:
        >>> day_of("2026-08-03T00:01:00Z"), day_of("soon") is None
        (datetime.date(2026, 8, 3), True)
    """
    try:
        return date.fromisoformat(iso_time[:10])
    except ValueError:
        return None


def _nothing_found(case: Case) -> str:
    """Say that nothing was found, and never that there is nothing."""
    looked = f"{thousands(case.input.exchanges)} exchanges of "
    looked += counted(case.input.accounts, "account")
    text = f"No group of accounts reaches the band watch, among {looked}."
    strongest = max(case.near_misses, key=lambda miss: miss.score, default=None)
    if strongest is not None:
        text += f" The strongest group, {strongest.what}, has score {strongest.score}."
    if case.signals.missing:
        text += f" {counted(len(case.signals.missing), 'signal')} could not be looked at, "
        text += "because this log does not carry them: absent is not clean."
    return text
