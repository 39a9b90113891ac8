"""What marked answers would add to a suspect's sample, under one key or those of several accounts.

An account's key marked a small part of what was harvested, so the share of the pool is not that of
each key; and what a mark favours is likely without it too, and often in the sample already. A pair
counts once, so only what is not there yet can show. The model:

- Each token of the sample, in a context that the harvest has, is with chance m s one of those that
  the harvest has there, each occurrence as likely: s is the marked share of the training data, m
  the memorisation. The harvest are the answers of all accounts of the pool.
- Of an account's answers, the pairs that the sample lacks then appear each with a chance of its
  own, and add their value under the account's key; everything else is as if nothing was marked.

A sample that shows the keys holds their pairs already: the model then says too little, of a case
that no longer needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cautery.provenance.learned_pairs import at, contexts_of, joined
from cautery.watermark.deduplicate import (
    Deduplicate,
    first_occurrences,
    position_fingerprints,
)
from cautery.watermark.power import Effect

if TYPE_CHECKING:
    from cautery.ports import NullDistribution
    from cautery.provenance.radioactive_evidence import LearnedPairs
    from cautery.watermark.scoring import Plan

Floats = NDArray[np.float64]

MOST_PAIRS: Final = 1 << 22
"""Pairs of answers that are looked at, over all keys: bounds memory to some 200 MB."""


@dataclass(frozen=True, slots=True)
class Additions:
    """Pairs of the harvest that the sample lacks; expects what they add (``Expectation``)."""

    null: NullDistribution
    pairs: int
    """Pairs scored, over all keys that were looked at."""
    gains: Floats
    """Value of each less the usual mean, shape (pairs lacked,)."""
    parts: Floats
    """Part of the harvest's tokens in its context that are this one."""
    asked: Floats
    """Tokens that the sample has in its context."""

    def effect(self, part: float) -> Effect:
        """Expect what a pair shows.

        Args:
            part: Marked share times memorisation, from 0 to 1.

        Returns:
            Mean and variance of a scored pair.
        """
        appear = 1.0 - (1.0 - part * self.parts) ** self.asked
        scored = max(self.pairs, 1)
        gained = float((appear * self.gains).sum()) / scored
        spread = float((appear * (1.0 - appear) * self.gains**2).sum()) / scored
        return Effect(mean=self.null.mean + gained, variance=self.null.variance + spread)


def additions_of(plan: Plan, members: Sequence[LearnedPairs], most: int = MOST_PAIRS) -> Additions:
    """List what the answers of a key, or of a pool's accounts, would add.

    Args:
        plan: Scheme and parameters.
        members: Evidence of each account's key, with an exposure.
        most: Pairs of answers to look at; of more, every so many accounts stand for all.

    Returns:
        The pairs that the sample lacks.
    """
    pairs = sum(len(one.answers[place]) for one in members for place in one.own)
    looked_at = members[:: max(1, -(-pairs // most))]
    groups: dict[int, list[LearnedPairs]] = {}
    for one in looked_at:
        groups.setdefault(id(one.answers), []).append(one)
    held = sorted({place for one in members for place in one.own})
    found = [_lacked(plan, group, held) for group in groups.values()]
    gains, parts, asked = (np.concatenate(column) for column in zip(*found, strict=True))
    return Additions(plan.null, sum(len(one.pairs) for one in looked_at), gains, parts, asked)


def _lacked(
    plan: Plan, group: Sequence[LearnedPairs], held: Sequence[int]
) -> tuple[Floats, Floats, Floats]:
    """Gains, parts and tokens asked of keys that share what they read of the texts."""
    answers = group[0].answers
    harvest = _Counts.of(contexts_of(joined(answers[place] for place in held)))
    sample = _Counts.of(contexts_of(group[0].occurrences))
    gains, parts, asked = [np.empty(0)], [np.empty(0)], [np.empty(0)]
    for one in group:
        own = joined(answers[place] for place in one.own)
        prints = position_fingerprints(own, Deduplicate.CONTEXT_TOKEN)
        times = _Counts.of(prints).at(prints)
        drawn = sample.at(contexts_of(own))
        kept = drawn > 0.0
        if not kept.any():
            continue
        own, times, drawn = at(own, kept), times[kept], drawn[kept]
        inputs = plan.scheme.prf_inputs(own, one.key, plan.parameters)
        there = plan.scheme.prf_inputs(one.pairs, one.key, plan.parameters)
        kept = first_occurrences(inputs) & ~np.isin(inputs, there)
        if kept.any():
            own = at(own, kept)
            gains.append(plan.scheme.values(own, one.key, plan.parameters) - plan.null.mean)
            parts.append(times[kept] / harvest.at(contexts_of(own)))
            asked.append(drawn[kept])
    return np.concatenate(gains), np.concatenate(parts), np.concatenate(asked)


@dataclass(frozen=True, slots=True)
class _Counts:
    """How often each fingerprint occurs."""

    prints: NDArray[np.uint64]
    times: NDArray[np.int64]

    @classmethod
    def of(cls, prints: NDArray[np.uint64]) -> _Counts:
        return cls(*np.unique(prints, return_counts=True))

    def at(self, wanted: NDArray[np.uint64]) -> Floats:
        """Times of each; 0 for what never occurs."""
        if not len(self.prints):
            return np.zeros(len(wanted))
        place = np.minimum(np.searchsorted(self.prints, wanted), len(self.prints) - 1)
        return np.where(self.prints[place] == wanted, self.times[place], 0).astype(np.float64)
