"""Score a scan against the truth of a simulation: the scoreboard.

What each number means, and what it cannot say: ``docs/reference/scoreboard.md``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cautery.errors import InputError
from cautery.records.campaign import Band
from cautery.simulate.score_groups import Grouping, compare_groups
from cautery.simulate.score_latency import CampaignLatency, measure_latency, read_alerts
from cautery.simulate.score_metrics import (
    Calibration,
    calibration,
    upper_bound,
    wilson_interval,
)
from cautery.simulate.score_tables import (
    ALARM_BANDS,
    ScannedAccount,
    TrueAccount,
    read_scanned_accounts,
    read_true_accounts,
    read_true_exchanges,
)

SCOREBOARD_SCHEMA: Final = "cautery.scoreboard/1"
"""Name and version of the scoreboard's JSON form."""

ALERT_LEVEL: Final[Band] = "likely"
"""The level at which somebody is told: groups, classes and first alerts are scored there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BandScore:
    """Accounts listed at one band or a surer one."""

    band: Band
    listed: int
    true_positives: int
    false_positives: int
    precision: float | None
    """None if nothing is listed."""
    precision_interval: tuple[float, float]
    """95 % Wilson interval."""
    recall: float | None
    """None if there is no attacker."""
    recall_interval: tuple[float, float]
    """95 % Wilson interval."""
    false_positive_rate: float | None
    """Part of the honest accounts that are listed; None if there are none."""
    false_positive_upper: float
    """95 % Clopper-Pearson upper bound of that rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScore:
    """One class of accounts: a kind of honest customer, or a tier of attack."""

    name: str
    accounts: int
    listed: int
    """Listed at ``likely`` or above."""
    watched: int
    """Listed at ``watch`` or above."""
    share: float
    """Part listed at ``likely`` or above."""
    upper: float
    """95 % Clopper-Pearson upper bound of the share; large for a small class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoreboard:
    """A scan measured against the truth."""

    schema: str
    accounts: int
    attackers: int
    honest: int
    silent: int
    """True accounts without any exchange in the log; they are left out."""
    not_scanned: int
    """True accounts that the scan does not know; they count as not listed."""
    not_in_truth: int
    """Scanned accounts that the truth does not know; they are left out."""
    bands: tuple[BandScore, ...]
    """Surest first; each row counts the surer bands too."""
    negative_classes: tuple[ClassScore, ...]
    """Honest classes, the worst first."""
    worst_class: str
    """The honest class with the largest share at ``likely`` or above; empty if none has any."""
    attack_classes: tuple[ClassScore, ...]
    campaigns: Grouping
    """Accounts at ``likely`` or above by campaign."""
    operators: Grouping
    """The same by operator."""
    calibration: Calibration
    latency: tuple[CampaignLatency, ...]
    """Empty without a replay beside the scan."""


def score(truth_folder: Path, output_folder: Path) -> Scoreboard:
    """Measure a scan against the truth.

    Args:
        truth_folder: The ``truth`` folder of a simulation (or the folder above it).
        output_folder: The folder that the scan wrote; a ``replay.csv`` in it is used if there.

    Returns:
        The scoreboard.

    Raises:
        InputError: A file is missing or malformed, or the two folders share no account.
    """
    true = read_true_accounts(truth_folder)
    scanned = read_scanned_accounts(output_folder)
    if not any(account_id in true for account_id in scanned):
        raise InputError(
            "no account of the scan is in the truth",
            where=str(output_folder),
            hint="Give the truth folder of the log that was scanned.",
        )
    alerts = read_alerts(output_folder)
    latency: tuple[CampaignLatency, ...] = ()
    if alerts is not None:
        latency = measure_latency(true, read_true_exchanges(truth_folder), alerts)
    return score_accounts(true, scanned, latency)


def score_accounts(
    true: Mapping[str, TrueAccount],
    scanned: Mapping[str, ScannedAccount],
    latency: tuple[CampaignLatency, ...] = (),
) -> Scoreboard:
    """Measure judged accounts against true ones.

    Args:
        true: The true accounts by identifier.
        scanned: The judged accounts by identifier.
        latency: What each campaign got before the first alert, if it was replayed.

    Returns:
        The scoreboard.
    """
    silent = sum(account.silent for account in true.values())
    true = {name: account for name, account in true.items() if not account.silent}
    attackers = frozenset(a.account_id for a in true.values() if a.attacker)
    negatives = _classes(true, scanned, attackers=False)
    worst = negatives[0].name if negatives and negatives[0].listed else ""
    ordered = sorted(true)
    chances = [scanned[a].probability if a in scanned else 0.0 for a in ordered]
    return Scoreboard(
        schema=SCOREBOARD_SCHEMA,
        accounts=len(true),
        attackers=len(attackers),
        honest=len(true) - len(attackers),
        silent=silent,
        not_scanned=sum(1 for account_id in true if account_id not in scanned),
        not_in_truth=sum(1 for account_id in scanned if account_id not in true),
        bands=tuple(_band_score(band, true, scanned, attackers) for band in ALARM_BANDS),
        negative_classes=negatives,
        worst_class=worst,
        attack_classes=_classes(true, scanned, attackers=True),
        campaigns=_grouping(true, scanned, "campaign_id"),
        operators=_grouping(true, scanned, "operator_id"),
        calibration=calibration(chances, [account_id in attackers for account_id in ordered]),
        latency=latency,
    )


def _band_score(
    band: Band,
    true: Mapping[str, TrueAccount],
    scanned: Mapping[str, ScannedAccount],
    attackers: frozenset[str],
) -> BandScore:
    listed = {a.account_id for a in scanned.values() if a.listed_at(band) and a.account_id in true}
    hits, false, honest = len(listed & attackers), len(listed - attackers), len(true)
    honest -= len(attackers)
    return BandScore(
        band=band,
        listed=len(listed),
        true_positives=hits,
        false_positives=false,
        precision=hits / len(listed) if listed else None,
        precision_interval=wilson_interval(hits, len(listed)),
        recall=hits / len(attackers) if attackers else None,
        recall_interval=wilson_interval(hits, len(attackers)),
        false_positive_rate=false / honest if honest else None,
        false_positive_upper=upper_bound(false, honest),
    )


def _classes(
    true: Mapping[str, TrueAccount], scanned: Mapping[str, ScannedAccount], *, attackers: bool
) -> tuple[ClassScore, ...]:
    members: dict[str, list[ScannedAccount | None]] = defaultdict(list)
    for account in true.values():
        if account.attacker == attackers:
            members[account.account_class].append(scanned.get(account.account_id))
    scores = [_class_score(name, held) for name, held in members.items()]
    return tuple(
        sorted(scores, key=lambda s: (-s.share, -s.watched / s.accounts, -s.accounts, s.name))
    )


def _class_score(name: str, members: list[ScannedAccount | None]) -> ClassScore:
    listed = sum(1 for a in members if a is not None and a.listed_at(ALERT_LEVEL))
    return ClassScore(
        name=name,
        accounts=len(members),
        listed=listed,
        watched=sum(1 for a in members if a is not None and a.listed_at("watch")),
        share=listed / len(members),
        upper=upper_bound(listed, len(members)),
    )


def _grouping(
    true: Mapping[str, TrueAccount], scanned: Mapping[str, ScannedAccount], field: str
) -> Grouping:
    true_groups = {a.account_id: getattr(a, field) for a in true.values() if getattr(a, field)}
    listed_groups = {
        # A scan that names no group for a listed account leaves it alone in its own.
        a.account_id: getattr(a, field) or f"alone {a.account_id}"
        for a in scanned.values()
        if a.listed_at(ALERT_LEVEL) and a.account_id in true
    }
    return compare_groups(true_groups, listed_groups)
