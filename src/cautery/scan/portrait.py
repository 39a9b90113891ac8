"""Portraits: what a listed group asked for, when, with which templates and from where."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

import ibis
from ibis import _

from cautery.ingest.intents import SYSTEM_SHIFT, Intent
from cautery.records.campaign import SharedThing
from cautery.scan.facts import MICROSECONDS_A_DAY, Facts
from cautery.scan.groups import Groups
from cautery.scan.sharing import sharing_of

CAPABILITIES: Final = (
    ("reasoning traces", Intent.REASONING_TRACE),
    ("graded answers", Intent.GRADING),
    ("training material", Intent.DATA_MAKING),
    ("sensitive rewrites", Intent.SENSITIVE_REWRITE),
    ("agentic work", Intent.AGENTIC),
    ("code", Intent.CODING),
    ("mathematics", Intent.MATHEMATICS),
    ("translation", Intent.TRANSLATION),
    ("extraction", Intent.EXTRACTION),
)
"""Capabilities by precedence: an exchange counts for the first that it asks for."""
OTHER: Final = "other answers"
UNKNOWN: Final = "not told by this log"
SECONDS_A_DAY: Final = 86_400
SHARED_KINDS: Final = (
    ("payment", "payment instrument"),
    ("address", "client address"),
    ("network", "network"),
    ("sign_up_cohort", "hour of sign-up"),
    ("device", "TLS fingerprint"),
    ("email_domain", "e-mail domain"),
    ("referral", "referral code"),
    ("signature", "reasoning signature"),
)


def iso_time(microseconds: int) -> str:
    """Write a time in UTC.

    Example:
        >>> iso_time(1_759_276_800_000_000)
        '2025-10-01T00:00:00Z'
    """
    day, within = divmod(int(microseconds) // 1_000_000, SECONDS_A_DAY)
    minutes, second = divmod(within, 60)
    return f"{_iso_day(day)}T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}Z"


@lru_cache(maxsize=4_096)
def _iso_day(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def capability_shares(groups: Groups, has_text: bool) -> list[tuple[tuple[str, float], ...]]:
    """Share of every group's harvest by capability, largest first.

    Args:
        groups: Judged groups.
        has_text: Whether the log carries prompts.

    Returns:
        Names and shares by group; a single unknown if there is no text.
    """
    if not has_text:
        return [((UNKNOWN, 1.0),)] * groups.count
    label: Any = ibis.literal(OTHER)
    for name, intent in reversed(CAPABILITIES):
        mask = int(intent) | (int(intent) << SYSTEM_SHIFT)
        label = ibis.ifelse((_.flags & mask) != 0, name, label)
    label = ibis.ifelse(_.flags.isnull(), UNKNOWN, label)
    found = (
        groups.exchanges.filter(_.harvest)
        .mutate(capability=label)
        .group_by(["group", "capability"])
        .aggregate(exchanges=_.count())
        .to_pyarrow()
    )
    counts: list[dict[str, int]] = [{} for _group in range(groups.count)]
    for group, name, exchanges in zip(
        *(found[column].to_pylist() for column in ("group", "capability", "exchanges")), strict=True
    ):
        counts[group][name] = exchanges
    return [
        tuple(
            (name, round(exchanges / max(sum(one.values()), 1), 4))
            for name, exchanges in sorted(one.items(), key=lambda item: (-item[1], item[0]))
        )
        for one in counts
    ]


def daily_exchanges(groups: Groups) -> list[tuple[tuple[str, int], ...]]:
    """Exchanges of every group by day, days without any included."""
    found = groups.exchanges.group_by(["group", "day"]).aggregate(exchanges=_.count()).to_pyarrow()
    days: list[dict[int, int]] = [{} for _group in range(groups.count)]
    for group, day, exchanges in zip(
        *(found[column].to_pylist() for column in ("group", "day", "exchanges")), strict=True
    ):
        days[group][day] = exchanges
    return [
        tuple(
            (iso_time(day * MICROSECONDS_A_DAY)[:10], one.get(day, 0))
            for day in range(min(one), max(one) + 1)
        )
        if one
        else ()
        for one in days
    ]


def shared_things(facts: Facts, groups: Groups) -> list[tuple[SharedThing, ...]]:
    """Infrastructure that every group shares, by kind."""
    rows: list[list[SharedThing]] = [[] for _group in range(groups.count)]
    for link, kind in SHARED_KINDS:
        if link not in groups.incidences:
            continue
        found = sharing_of(facts, groups, link)
        for group in range(groups.count):
            if found.distinct[group]:
                rows[group].append(
                    SharedThing(
                        kind=kind,
                        distinct=int(found.distinct[group]),
                        accounts=int(found.sharing[group]),
                        largest=int(found.largest[group]),
                    )
                )
    return [tuple(row) for row in rows]
