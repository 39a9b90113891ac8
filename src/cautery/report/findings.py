"""What a case reports to a SIEM: a finding a campaign, and one an accused account of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cautery.report.replay import is_rule
from cautery.report.sanitise import json_document, without_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.records.campaign import Campaign, Member
    from cautery.records.case import Case
    from cautery.records.evidence import Weight

MOST_REASONS: Final = 12
"""Rows of a waterfall that one finding carries, the strongest: SIEMs cut events that are longer."""
MOST_TEXT: Final = 512
"""Characters of one text in a finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding."""

    uid: str
    """Its name: campaign, end of the log, and account; the same case gives the same."""
    title: str
    """What it is, in a few words."""
    text: str
    """One sentence for an analyst."""
    campaign: Campaign
    """The campaign."""
    member: Member | None
    """The account; None for the campaign as a whole."""

    @property
    def subject(self) -> Campaign | Member:
        """What chance, band, counts and times are of."""
        return self.campaign if self.member is None else self.member

    @property
    def score(self) -> int:
        """The chance as 0 to 100."""
        return round(100 * self.subject.probability)


def findings_of(case: Case) -> Iterator[Finding]:
    """List what a case finds: campaigns, each with its accounts that are in a band.

    Permitted groups are no findings.

    Args:
        case: The result of a scan.

    Yields:
        Findings, in the order of the case.
    """
    for campaign in case.campaigns:
        uid = f"{campaign.campaign_id}@{case.input.to_time}"
        yield Finding(
            uid=uid,
            title=f"Distillation campaign, {campaign.band}",
            text=(
                f"{campaign.accounts:,} accounts made {campaign.exchanges:,} exchanges and "
                f"received {campaign.output_tokens:,} output tokens; nearest innocent explanation: "
                f"{campaign.innocent.explanation or 'none'}"
            ),
            campaign=campaign,
            member=None,
        )
        for member in campaign.members:
            if member.band:
                yield Finding(
                    uid=f"{uid}/{member.account_id}",
                    title=f"Account in a distillation campaign, {member.band}",
                    text=f"strongest reason: {member.top_reason or 'none'}",
                    campaign=campaign,
                    member=member,
                )


def reasons_of(finding: Finding) -> list[Weight]:
    """Choose the rows that a finding carries, for and against, the strongest first.

    Args:
        finding: The finding.

    Returns:
        Rows of its own waterfall.
    """
    rows = finding.subject.weights
    seen = [row for row in rows if row.available and row.bits and not is_rule(row)]
    seen.sort(key=lambda row: (-abs(row.bits), row.signal))
    return seen[:MOST_REASONS]


def shortened(text: str) -> str:
    """Cut a text of a log to what a SIEM takes, and make it encodable."""
    return without_surrogates(text[:MOST_TEXT])


def milliseconds(time: str) -> int | None:
    """Read a time of a case.

    Args:
        time: ISO 8601, UTC.

    Returns:
        Milliseconds since 1970; None if it is no time.

    Example:
        >>> milliseconds("1970-01-02T00:00:00Z"), milliseconds("soon")
        (86400000, None)
    """
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def moment(time: str) -> str | None:
    """Give a time of a case if it is one, for fields that take nothing else."""
    return None if milliseconds(time) is None else time


def line_of(event: dict[str, Any]) -> str:
    """Write an event as one line of JSON, in which no text of a log is active.

    Args:
        event: Plain values; members that are None are left out.

    Returns:
        The line, with its line feed.
    """
    document = json.dumps(_without_none(event), ensure_ascii=False, separators=(",", ":"))
    return json_document(document) + "\n"


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value]
    return value
