"""Evidence: the waterfall of every group, from prior to chance, and its three verdicts.

``prior + weights = sum`` and ``chance = 1 / (1 + 2**-sum)``, row by row as printed. Linkage is
held under a ceiling that is itself a row: however surely accounts belong together, that alone
never makes them a distillation campaign.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cautery.ports import Signal
from cautery.records.calibration import LocalCalibration
from cautery.records.evidence import Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.limits import counts_as_asked, counts_as_linked, limits_of
from cautery.scan.local_calibration import calibration_row
from cautery.scan.weighing import rounded, unavailable

WEIGHTS_VERSION: Final = "2026.11.12"
"""Version of the prior, the ceilings and all curves; it changes when one of them does."""
PRIOR_BITS: Final = -7.1
"""One linked group in 140 is an unpermitted campaign, before anything else is known.

With one in two hundred the groups of simulated logs that were given 2 to 3 bits were campaigns in
28 of 35 cases, and those with more in 245 of 253; with one in a hundred a hackathon was accused on
the day that it was held (decision 0044)."""
LINKED_PRIOR_BITS: Final = -3.0
"""Prior of the first verdict: one candidate group in nine has one owner."""
DISTILLATION_PRIOR_BITS: Final = -3.0
"""Prior of the second verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the evidence says of one group."""

    weights: tuple[Weight, ...]
    """Prior, signals by falling weight, ceilings; available ones add up to ``bits``."""
    bits: float
    probability: float
    linked_probability: float
    distillation_probability: float


def chance(bits: float) -> float:
    """Turn bits into a chance.

    Args:
        bits: Base-2 log-odds.

    Returns:
        ``1 / (1 + 2**-bits)``, six decimals.

    Example:
        >>> chance(0.0), chance(12.8)
        (0.5, 0.99986)
    """
    return float(round(1.0 / (1.0 + 2.0 ** -max(min(bits, 60.0), -60.0)), 6))


def judge(
    facts: Facts,
    groups: Groups,
    signals: Sequence[Signal],
    local: LocalCalibration | None = None,
    peers: Sequence[Weight] = (),
    *,
    measured: Callable[[str], None] | None = None,
) -> list[Verdict]:
    """Judge every group by every signal that the log can feed.

    Args:
        facts: What the log says.
        groups: Candidate groups with their pools.
        signals: Members of the signal shelf.
        local: What was learned from decided cases; None for nothing.
        peers: What peers named, one row a group; none if there are no indicators.
        measured: Told the name of each signal once it is measured.

    Returns:
        One verdict a group, in order.
    """
    by_signal: list[Sequence[Weight]] = []
    for signal in signals:
        by_signal.append(
            unavailable(signal.name, signal.label, signal.aspect, signal.family, groups.count)
            if facts.missing(signal.needs)
            else signal.measure(facts, groups)
        )
        if measured is not None:
            measured(signal.name)
    if peers:
        by_signal.append(peers)
    corrections = [] if local is None else [calibration_row(local)]
    return [
        verdict_of([rows[group] for rows in by_signal], corrections)
        for group in range(groups.count)
    ]


def verdict_of(rows: Sequence[Weight], corrections: Sequence[Weight]) -> Verdict:
    """Add up the evidence of one group.

    Args:
        rows: One weight a signal.
        corrections: Rows that every group is given, which no limit counts.

    Returns:
        The verdict, with the prior and the limits that follow from the rows.
    """
    # Limits keep one kind of evidence from deciding; a correction of the chance is none.
    limits = [*limits_of(rows, PRIOR_BITS), *corrections]
    prior = Weight(
        signal="prior",
        label="prior (1 in 140 linked groups)",
        aspect="distillation",
        family="context",
        bits=PRIOR_BITS,
        sentence="Before any evidence, one linked group in 140 is a campaign.",
    )
    seen = sorted(rows, key=lambda row: (not row.available, -abs(row.bits), row.signal))
    weights = (
        prior,
        *(row for row in seen if row.available),
        *limits,
        *(row for row in seen if not row.available),
    )
    bits = rounded(sum(row.bits for row in weights))
    linked = sum(row.bits for row in (*rows, *limits) if counts_as_linked(row))
    asked = sum(row.bits for row in (*rows, *limits) if counts_as_asked(row))
    return Verdict(
        weights=weights,
        bits=bits,
        probability=chance(bits),
        linked_probability=chance(rounded(LINKED_PRIOR_BITS + linked)),
        distillation_probability=chance(rounded(DISTILLATION_PRIOR_BITS + asked)),
    )
