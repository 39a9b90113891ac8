"""Whose text is it? One text against the keys of many accounts, ranked and corrected."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.watermark.multiple_testing import holm_front
from cautery.watermark.scoring import best_first, score

if TYPE_CHECKING:
    from cautery.records.key import Key
    from cautery.watermark.scoring import Documents, Plan

CANDIDATES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One key that may have marked the text."""

    key_id: str
    account_id: str
    campaign_id: str
    statistic: float
    tokens_scored: int
    log10_p: float
    log10_corrected_p: float
    """Holm's, over all keys tested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The best candidates for one text."""

    tokens: int
    keys_tested: int
    candidates: tuple[Candidate, ...]
    """Smallest chance first."""
    attributed: tuple[str, ...]
    """Keys whose corrected chance reaches the plan's false-positive rate; often none, and more
    than one if a text mixes the output of several."""
    margin: float
    """Decades between the first candidate's chance and the second's; infinite if it is alone."""


def attribute(
    plan: Plan,
    tokens: Sequence[int] | NDArray[np.int64],
    keys: Sequence[Key],
    *,
    seen: Documents | None = None,
    tests: int | None = None,
    most: int = CANDIDATES,
) -> Attribution:
    """Rank keys by how unlikely the text is without them.

    Args:
        plan: How: scheme, parameters, removal of repetitions, false-positive rate.
        tokens: Token ids of the text.
        keys: Keys that the scheme accepts, at least one; 24,000 are fine.
        seen: Memory of earlier documents; none to look at this text alone.
        tests: Tests to correct for; the number of keys if not said.
        most: Candidates to give.

    Returns:
        The front runners. The chance that any key is attributed that did not mark the text is at
        most the plan's false-positive rate.

    Raises:
        ConfigurationError: No keys.
    """
    if not keys:
        raise ConfigurationError("there is no key to attribute the text to", where="keys")
    scores = score(plan, tokens, keys, seen)
    front = best_first(plan.null, scores, max(most, 2))
    tests = max(tests or len(keys), len(keys))
    corrected = holm_front(np.array([log10_p for _, log10_p in front]), tests)
    ranked = [
        Candidate(
            key_id=keys[place].key_id,
            account_id=keys[place].account_id,
            campaign_id=keys[place].campaign_id,
            statistic=float(scores.statistics[place]),
            tokens_scored=int(scores.counts[place]),
            log10_p=log10_p,
            log10_corrected_p=float(log10_corrected_p),
        )
        for (place, log10_p), log10_corrected_p in zip(front, corrected, strict=True)
    ]
    level = math.log10(plan.false_positive_rate)
    return Attribution(
        tokens=scores.tokens,
        keys_tested=tests,
        candidates=tuple(ranked[:most]),
        attributed=tuple(one.key_id for one in ranked[:most] if one.log10_corrected_p <= level),
        margin=ranked[1].log10_p - ranked[0].log10_p if len(ranked) > 1 else math.inf,
    )
