"""How much was served before anybody was told: first alerts of daily replays against the truth."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO

from cautery.errors import MalformedFileError
from cautery.plain_files import open_plain_text
from cautery.report.sanitise import plain_from_csv
from cautery.simulate.score_tables import TrueAccount, TrueExchange, parse_time

REPLAY_FILE: Final = "replay.csv"
"""Written by ``cautery benchmark replay``; one row an account that was ever listed."""

REPLAY_COLUMNS: Final[tuple[str, ...]] = (
    "account_id",
    "watch_from",
    "likely_from",
    "very_likely_from",
)
"""Its header: end of the first day whose scan lists the account at that level, or empty."""

_REPLAY_AGAIN: Final = "Run `cautery benchmark replay DIR -o OUT` again."


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignLatency:
    """What one true campaign got before the first alert."""

    campaign_id: str
    first_exchange: str
    first_alert: str
    """End of the first day on which one of its accounts is ``likely``; empty if never."""
    days_to_alert: float | None
    """Days from its first exchange to that alert."""
    exchanges: int
    harvest_exchanges: int
    served_share: float
    """Part of all its exchanges that came before the first alert."""
    served_harvest_share: float
    """Part of its harvest exchanges that came before the first alert."""
    served_share_by_account: float
    """Part of all its exchanges that came before their own account was ``likely``."""
    served_harvest_share_by_account: float
    """Part of its harvest exchanges that came before their own account was ``likely``."""


@dataclass(slots=True)
class _Count:
    exchanges: int = 0
    harvest: int = 0
    before: int = 0
    harvest_before: int = 0
    own_before: int = 0
    own_harvest_before: int = 0
    first: datetime | None = None


def read_alerts(output_folder: Path) -> dict[str, datetime] | None:
    """Read when each account was first listed at ``likely``.

    Args:
        output_folder: The folder that holds ``replay.csv``.

    Returns:
        The times by account, or None if there was no replay.

    Raises:
        MalformedFileError: The file is not one that a replay writes.
    """
    path = output_folder / REPLAY_FILE
    if not path.is_file():
        return None
    try:
        with open_plain_text(path) as stream:
            return _first_alerts(stream, path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no CSV in UTF-8"
        raise MalformedFileError(
            f"cannot be read: {reason}", where=str(path), hint=_REPLAY_AGAIN
        ) from error


def _first_alerts(stream: TextIO, path: Path) -> dict[str, datetime]:
    reader = csv.DictReader(stream, restval="")
    if tuple(reader.fieldnames or ()) != REPLAY_COLUMNS:
        raise MalformedFileError(
            "its header is not that of a replay", where=str(path), hint=_REPLAY_AGAIN
        )
    return {
        plain_from_csv(row["account_id"]): parse_time(row["likely_from"], path, reader.line_num)
        for row in reader
        if row["likely_from"]
    }


def measure_latency(
    accounts: Mapping[str, TrueAccount],
    exchanges: Iterable[TrueExchange],
    alerts: Mapping[str, datetime],
) -> tuple[CampaignLatency, ...]:
    """Count each campaign's exchanges before and after its first alert.

    Args:
        accounts: The true accounts.
        exchanges: The true exchanges; read once, never held.
        alerts: When each account was first listed at ``likely``; others are absent.

    Returns:
        One row a true campaign, by its identifier.
    """
    campaign_of = {a.account_id: a.campaign_id for a in accounts.values() if a.campaign_id}
    first_alert: dict[str, datetime] = {}
    for account_id, moment in alerts.items():
        campaign = campaign_of.get(account_id)
        if campaign is not None:
            first_alert[campaign] = min(moment, first_alert.get(campaign, moment))
    counts: dict[str, _Count] = {campaign: _Count() for campaign in set(campaign_of.values())}
    for exchange in exchanges:
        campaign = campaign_of.get(exchange.account_id)
        if campaign is not None:
            _add(
                counts[campaign],
                exchange,
                first_alert.get(campaign),
                alerts.get(exchange.account_id),
            )
    return tuple(
        _latency(campaign, counts[campaign], first_alert.get(campaign))
        for campaign in sorted(counts)
    )


def _add(
    count: _Count, exchange: TrueExchange, alert: datetime | None, own_alert: datetime | None
) -> None:
    before = alert is None or exchange.time_start < alert
    own_before = own_alert is None or exchange.time_start < own_alert
    count.exchanges += 1
    count.harvest += exchange.harvest
    count.before += before
    count.harvest_before += before and exchange.harvest
    count.own_before += own_before
    count.own_harvest_before += own_before and exchange.harvest
    if count.first is None or exchange.time_start < count.first:
        count.first = exchange.time_start


def _latency(campaign: str, count: _Count, alert: datetime | None) -> CampaignLatency:
    days = None
    if alert is not None and count.first is not None:
        days = (alert - count.first).total_seconds() / 86_400
    return CampaignLatency(
        campaign_id=campaign,
        first_exchange=count.first.isoformat() if count.first else "",
        first_alert=alert.isoformat() if alert else "",
        days_to_alert=days,
        exchanges=count.exchanges,
        harvest_exchanges=count.harvest,
        served_share=_share(count.before, count.exchanges),
        served_harvest_share=_share(count.harvest_before, count.harvest),
        served_share_by_account=_share(count.own_before, count.exchanges),
        served_harvest_share_by_account=_share(count.own_harvest_before, count.harvest),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
