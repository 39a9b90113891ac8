"""How much more often a suspect chose each pair than an unmarked reference did: weights for pairs.

A pair that occurs counts once in the plain test, however often it occurs; most of what a copy shows
of a weak mark is lost with that. Who knows how often unmarked text has a pair can use the counts.
Let a pair be expected m times and be chosen c times; a mark makes green pairs oftener, by a factor
1 + e. The logarithm of the likelihood ratio of green to not is then near e (c - m): the weight. Two
things make it robust, and none depends on a key, so that the law stays exact (`signed_green_law`):

- the suspect is another model than the reference, and differs from it the more, the oftener a pair
  is expected. So weights are divided by 1 + m / 10, and cut at 8 to either side;
- where the reference has a context less often than the sample, its expectation is uncertain, and
  the weight leans to that of the plain test: 1 for a pair that occurs, 0 for one that does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cautery.provenance.learned_pairs import at, contexts_of, joined
from cautery.provenance.signed_green_law import log10_upper_tail
from cautery.watermark.deduplicate import Deduplicate, position_fingerprints
from cautery.watermark.null_distributions import GreenCount

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cautery.records.key import Key
    from cautery.watermark.positions import Positions
    from cautery.watermark.scoring import Plan

DISPERSION: Final = 0.1
"""Relative variance by which an unmarked model differs from the reference on a pair."""
LARGEST_WEIGHT: Final = 8.0
PARTS: Final = 4
"""Weights are whole multiples of one over so many."""


@dataclass(frozen=True, slots=True)
class WeighedPairs:
    """Pairs that the suspect chose, or the reference expects of it, each once."""

    pairs: Positions
    contexts: NDArray[np.uint64]
    weights: NDArray[np.int64]
    """In parts, shape (pairs,)."""

    def log10_p(self, plan: Plan, key: Key, known: NDArray[np.uint64] | None) -> float | None:
        """Chance of so much weight on green pairs in a suspect that never learned from the key.

        Args:
            plan: Scheme and parameters.
            key: The key.
            known: Contexts of the exposure; None if every context counts.

        Returns:
            Its log10; None if there is no pair, or the scheme has no green list.
        """
        null = plan.null
        kept = self.weights != 0
        if known is not None:
            kept &= np.isin(self.contexts, known)
        if not isinstance(null, GreenCount) or not kept.any():
            return None
        pairs = at(self.pairs, kept)
        # Pairs for which the keyed function reads the same share their luck: one weight for all.
        inputs = plan.scheme.prf_inputs(pairs, key, plan.parameters)
        _, first, place = np.unique(inputs, return_index=True, return_inverse=True)
        weights = np.zeros(len(first), dtype=np.int64)
        np.add.at(weights, place.ravel(), self.weights[kept])
        only = at(pairs, np.isin(np.arange(len(pairs)), first))
        green = plan.scheme.values(only, key, plan.parameters) > 0.0
        weights = weights[np.argsort(first)]
        return log10_upper_tail(weights, null.share, int(weights[green].sum()))


def weigh(chosen: Positions, reference: Positions) -> WeighedPairs:
    """Weigh pairs.

    Args:
        chosen: What the suspect chose, repetitions included.
        reference: The same of unmarked texts.

    Returns:
        The pairs with their weights.
    """
    both = joined([chosen, reference])
    if not len(both):
        return WeighedPairs(both, np.empty(0, np.uint64), np.empty(0, np.int64))
    prints = position_fingerprints(both, Deduplicate.CONTEXT_TOKEN)
    _, first, place = np.unique(prints, return_index=True, return_inverse=True)
    own, other = place[: len(chosen)], place[len(chosen) :]
    counted = np.bincount(own, minlength=len(first)).astype(np.float64)
    seen = np.bincount(other, minlength=len(first)).astype(np.float64)
    contexts = contexts_of(both)[first]
    _, context = np.unique(contexts, return_inverse=True)
    sample_size = np.bincount(context, counted)[context]
    reference_size = np.bincount(context, seen)[context]
    expected = np.divide(
        seen * sample_size, reference_size, out=np.zeros(len(first)), where=reference_size > 0
    )
    trust = np.minimum(reference_size / np.maximum(sample_size, 1.0), 1.0)
    excess = (counted - expected) / (1.0 + DISPERSION * expected)
    weights = trust * excess + (1.0 - trust) * (counted > 0)
    weights = np.where(sample_size > 0, np.clip(weights, -LARGEST_WEIGHT, LARGEST_WEIGHT), 0.0)
    pairs = at(both, np.isin(np.arange(len(both)), first))
    order = np.argsort(first)
    return WeighedPairs(pairs, contexts[order], np.rint(PARTS * weights[order]).astype(np.int64))
