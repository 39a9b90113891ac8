"""Shares of phrase families in a group's harvest against the rest of the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ibis import _

from cautery.ingest.intents import SYSTEM_SHIFT, Intent
from cautery.records.evidence import Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.harvest import count_where
from cautery.scan.null_models import binomial_p
from cautery.scan.weighing import (
    Curve,
    above_usual,
    on_curve,
    percent,
    rounded,
    shrunk_share,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseReading:
    """How one signal reads the phrase families."""

    signal: str
    label: str
    intents: tuple[str, ...]
    """Names of the families; one of them is enough."""
    curve: Curve
    sentence: str
    """Goes after *n % of the harvest*."""


def asks(intents: tuple[str, ...]) -> Any:
    """Ibis condition: the user turn or the system prompt shows one of the families."""
    mask = 0
    for name in intents:
        mask |= int(Intent[name]) | (int(Intent[name]) << SYSTEM_SHIFT)
    return (_.flags & mask) != 0


def usual_share(facts: Facts, groups: Groups, condition: Any) -> float:
    """Share of a condition outside all groups, each account counting the same.

    Args:
        facts: What the log says.
        groups: Candidate groups; their accounts are left out.
        condition: Ibis condition on the exchange facts.

    Returns:
        Mean over the other accounts of their own shares; 0 if there is no other account.
    """
    known, held = facts.share_by_account(condition)
    outside = (groups.group_of < 0) & (known > 0)
    if not outside.any():
        return 0.0
    return float(np.mean(held[outside] / known[outside]))


def phrase_weights(facts: Facts, groups: Groups, reading: PhraseReading) -> Sequence[Weight]:
    """Weigh the share of phrase families in every group's harvest.

    Args:
        facts: What the log says.
        groups: Candidate groups.
        reading: The signal's families and curve.

    Returns:
        One distillation weight a group.
    """
    condition = asks(reading.intents)
    usual = usual_share(facts, groups, condition)
    known, held = count_where(groups.exchanges, condition, groups.count)
    share = shrunk_share(held.astype(float), known.astype(float), usual)
    bits = np.where(known > 0, above_usual(on_curve(reading.curve, share), share, usual), 0.0)
    return [
        Weight(
            signal=reading.signal,
            label=reading.label,
            aspect="distillation",
            family="content",
            bits=rounded(bits[g]),
            observed=f"{percent(held[g] / max(known[g], 1))} of the harvest",
            usual=f"{percent(usual)} of an account's exchanges",
            sentence=f"{percent(held[g] / max(known[g], 1))} of the harvest {reading.sentence}.",
            p_value=binomial_p(int(held[g]), int(known[g]), min(max(usual, 1e-6), 1.0)),
            sample_size=int(known[g]),
        )
        for g in range(groups.count)
    ]
