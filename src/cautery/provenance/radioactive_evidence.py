"""What a suspect shows of each key: the values of its pairs, in contexts that the key marked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cautery.provenance.learned_pairs import (
    at,
    chosen_occurrences,
    contexts_of,
    exposed_pairs,
    joined,
    once_for_key,
    unrepeated_pairs,
)
from cautery.provenance.reference_weights import weigh
from cautery.watermark.deduplicate import (
    Deduplicate,
    first_occurrences,
    position_fingerprints,
)
from cautery.watermark.null_distributions import GreenCount
from cautery.watermark.power import Effect
from cautery.watermark.scoring import shared_positions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cautery.provenance.suspect_material import Exposure, Sample
    from cautery.records.key import Key
    from cautery.watermark.positions import Positions
    from cautery.watermark.scoring import Plan

FEWEST_OF_TEACHER: Final = 30
"""Pairs of the exposure from which its mean is worth saying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedPairs:
    """A suspect's pairs under one key."""

    key: Key
    pairs: Positions
    values: NDArray[np.float64]
    """Value of each pair, shape (pairs,)."""
    exposed_contexts: int | None
    """Contexts that the filter keeps; None without a filter."""
    teacher: NDArray[np.float64]
    """Values of as many pairs of the exposure, each once; empty without one."""
    log10_reference_p: float | None = None
    """Chance by how often each pair is chosen against a reference; None without one."""
    occurrences: Positions
    """What the suspect chose, as often as it did, in any context."""
    answers: Sequence[Positions] = ()
    """Pairs of each exposure, repetitions included, whoever's it is."""
    own: Sequence[int] = ()
    """Places in ``answers`` of those that the key may have marked."""


def evidence_of_keys(
    plan: Plan,
    samples: Sequence[Sample],
    exposures: Sequence[Exposure],
    keys: Sequence[Key],
    reference: Sequence[Exposure] = (),
) -> Iterator[LearnedPairs]:
    """Collect the evidence for each key.

    Args:
        plan: Scheme and parameters.
        samples: The suspect's texts.
        exposures: Our texts that it may have learned from; without any, every context counts.
        keys: Keys that the scheme accepts.
        reference: Unmarked texts of the same kind; of use for green lists and written texts.

    Yields:
        One a key; keys that share their positions come together.
    """
    text = np.concatenate([sample.tokens for sample in samples]) if samples else np.empty(0, int)
    written = all(sample.predictions is None for sample in samples)
    for places, _ in shared_positions(plan, text.astype(np.int64), keys):
        group = [keys[place] for place in places]
        occurrences = chosen_occurrences(plan, samples, group[0])
        chosen = unrepeated_pairs(occurrences)
        contexts = contexts_of(chosen)
        exposed = [exposed_pairs(plan, exposure, group[0]) for exposure in exposures]
        seen = [contexts_of(pairs) for pairs in exposed]
        weighed = None
        if reference and written and isinstance(plan.null, GreenCount):
            usual = joined(exposed_pairs(plan, one, group[0]) for one in reference)
            weighed = weigh(occurrences, usual)
        for key in group:
            known, teacher, pairs = None, np.empty(0), chosen
            own = [n for n, exposure in enumerate(exposures) if exposure.may_hold(key)]
            if exposures:
                known = np.unique(np.concatenate([seen[n] for n in own] or [contexts[:0]]))
                pairs = at(chosen, np.isin(contexts, known))
            pairs = once_for_key(plan, pairs, key)
            if exposures:
                teacher = _teacher(plan, key, [exposed[n] for n in own], len(pairs))
            yield LearnedPairs(
                key=key,
                pairs=pairs,
                values=_values(plan, pairs, key),
                exposed_contexts=None if known is None else len(known),
                teacher=teacher,
                log10_reference_p=weighed.log10_p(plan, key, known) if weighed else None,
                occurrences=occurrences,
                answers=exposed,
                own=own,
            )


def _teacher(
    plan: Plan, key: Key, exposed: Sequence[Positions], wanted: int
) -> NDArray[np.float64]:
    """Values of as many different pairs of our own answers as the suspect has, at most.

    As many, because a mark looks weaker the more often a context was used: its favoured tokens
    come first, and count once.
    """
    marked = joined(exposed)
    marked = at(marked, first_occurrences(position_fingerprints(marked, Deduplicate.CONTEXT_TOKEN)))
    marked = once_for_key(plan, marked, key)
    first = at(marked, np.arange(len(marked)) < max(wanted, FEWEST_OF_TEACHER))
    return _values(plan, first, key)


def _values(plan: Plan, pairs: Positions, key: Key) -> NDArray[np.float64]:
    return plan.scheme.values(pairs, key, plan.parameters) if len(pairs) else np.empty(0)


def effect_of(values: NDArray[np.float64]) -> Effect | None:
    """Mean and variance of values; None if there are too few to say."""
    if len(values) < FEWEST_OF_TEACHER:
        return None
    return Effect(mean=float(values.mean()), variance=float(values.var()))


def interval(values: NDArray[np.float64], null_variance: float) -> tuple[float, float, float]:
    """Mean of values, with its 95 % interval.

    Normal, with the larger of the sample's variance and that of the null, so that a handful of
    equal values does not look certain.

    Returns:
        Mean, lower and upper end; three zeros for no value.

    Example:
        >>> mean, low, high = interval(np.array([0.0, 1.0] * 50), 0.25)
        >>> round(mean, 3), round(low, 3), round(high, 3)
        (0.5, 0.402, 0.598)
    """
    if not len(values):
        return 0.0, 0.0, 0.0
    mean = float(values.mean())
    half = 1.959964 * math.sqrt(max(float(values.var()), null_variance) / len(values))
    return mean, mean - half, mean + half
