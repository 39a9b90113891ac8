"""Values that accounts of a case's campaigns show, out of the account table and the logs.

Rooms that act on a case never reach the logs, so that it is done here, and handed to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from cautery.records.indicator import IndicatorKind, Observable

if TYPE_CHECKING:
    from cautery.records.case import Case

TABLE_KINDS: Final[tuple[tuple[IndicatorKind, str], ...]] = (
    ("account", "account_id"),
    ("organisation", "org_id"),
    ("email_domain", "email_domain"),
    ("payment", "payment_fingerprint"),
)
"""Kinds that the account table shows, and in which column."""
LOG_KINDS: Final[tuple[tuple[IndicatorKind, str], ...]] = (
    ("address", "client_address"),
    ("network", "client_network"),
    ("autonomous_system", "asn"),
    ("tls_fingerprint", "tls_ja4"),
)
"""Kinds that a log shows, and in which column."""


@dataclass(frozen=True, slots=True)
class _Showing:
    """One account that shows one value."""

    account_id: str
    value: str
    first_seen: str
    last_seen: str


def case_observables(
    case: Case, accounts: Path | None, logs: Sequence[str], messages: TextIO
) -> list[Observable]:
    """Collect what accounts of the case's campaigns show.

    Args:
        case: The result of a scan.
        accounts: The account table; None for none.
        logs: The logs; none to do without.
        messages: Told of the reading.

    Returns:
        Observables, by kind, campaign and value.

    Raises:
        CauteryError: A table or a log cannot be read.
    """
    campaign_of, seen = _members(case)
    rows: list[Observable] = []
    if accounts is not None:
        from cautery.ingest.account_table import read_account_table

        table = read_account_table(accounts)
        ids = table["account_id"].to_pylist()
        for kind, column in TABLE_KINDS:
            values = table[column].to_pylist()
            rows += _counted(kind, _from_table(ids, values, seen), campaign_of)
    if logs:
        from cautery.cli.intel.log_values_run import log_values

        with log_values(logs, [column for _kind, column in LOG_KINDS], messages) as showings:
            for kind, column in LOG_KINDS:
                found = (_Showing(*each) for each in showings(column))
                rows += _counted(kind, found, campaign_of)
    return rows


def _members(case: Case) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Campaign of each accused account, and when it was first and last seen."""
    campaign_of: dict[str, str] = {}
    seen: dict[str, tuple[str, str]] = {}
    for campaign in case.campaigns:
        for member in campaign.members:
            if member.band and not member.permitted_use:
                campaign_of[member.account_id] = campaign.campaign_id
                seen[member.account_id] = (member.first_seen, member.last_seen)
    return campaign_of, seen


def _from_table(
    ids: Sequence[str], values: Sequence[Any], seen: dict[str, tuple[str, str]]
) -> Iterable[_Showing]:
    for account, value in zip(ids, values, strict=True):
        if value:
            yield _Showing(account, value, *seen.get(account, ("", "")))


def _counted(
    kind: IndicatorKind, showings: Iterable[_Showing], campaign_of: dict[str, str]
) -> list[Observable]:
    """Count, by value, the accounts of each campaign and those of none."""
    others: dict[str, int] = defaultdict(int)
    inside: dict[tuple[str, str], list[_Showing]] = defaultdict(list)
    for each in showings:
        campaign = campaign_of.get(each.account_id)
        if campaign is None:
            others[each.value] += 1
        else:
            inside[campaign, each.value].append(each)
    return [
        Observable(
            kind=kind,
            value=value,
            campaign_id=campaign,
            accounts=len(rows),
            other_accounts=others.get(value, 0),
            first_seen=min(row.first_seen for row in rows),
            last_seen=max(row.last_seen for row in rows),
        )
        for (campaign, value), rows in sorted(inside.items())
    ]
