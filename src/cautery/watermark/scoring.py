"""Texts and keys in, statistics and chances out; every repetition counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.ports import KeylessContexts
from cautery.watermark.deduplicate import (
    CAPACITY,
    Corpus,
    Deduplicate,
    first_occurrences,
    position_fingerprints,
)
from cautery.watermark.many_keys import statistics_of_keys, unrepeated_statistics_of_keys
from cautery.watermark.positions import Positions

if TYPE_CHECKING:
    from cautery.ports import NullDistribution, Scheme
    from cautery.records.key import Key

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

MOST_CORPORA: Final = 64
"""Different sets of positions that one memory of documents keeps apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How texts are tested: what a profile says, as objects."""

    scheme: Scheme
    parameters: Any
    """What ``scheme.parameters`` gave."""
    deduplicate: Deduplicate
    false_positive_rate: float
    """Chance that a text is called detected though none of the keys marked it."""

    def __post_init__(self) -> None:
        if not 0.0 < self.false_positive_rate < 1.0:
            raise ConfigurationError(
                f"must lie between 0 and 1, not {self.false_positive_rate}",
                where="false_positive_rate",
            )

    @property
    def null(self) -> NullDistribution:
        """Law of the statistic in a text that the key did not mark."""
        return self.scheme.null(self.parameters)


@dataclass(slots=True)
class Documents:
    """What was scored in earlier documents, so that a template counts once over all of them.

    Pass the same object with every document; see ``deduplicate.Corpus`` about its memory. Keys
    that share their positions share one memory, named after the first of them: give the keys in
    the same order every time. Under ``prf-input`` every key has its own.
    """

    capacity: int = CAPACITY
    """Fingerprints kept for each memory."""
    _corpora: dict[str, Corpus] = field(default_factory=dict)

    def first(self, name: str, prints: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Mark what occurs for the first time, in the memory of this name, and remember it.

        Raises:
            ConfigurationError: More memories than are allowed.
        """
        corpus = self._corpora.get(name)
        if corpus is None:
            if len(self._corpora) >= MOST_CORPORA:
                raise ConfigurationError(
                    f"more than {MOST_CORPORA} keys read different things of a text",
                    where="deduplicate",
                    hint="Test fewer keys at once over many documents, or use context-token.",
                )
            corpus = self._corpora[name] = Corpus(self.capacity)
        return corpus.first(prints)


@dataclass(frozen=True, slots=True)
class Scores:
    """One text under several keys, in their order."""

    tokens: int
    statistics: Floats
    """Shape (keys,)."""
    counts: Whole
    """Positions scored for each key, shape (keys,)."""


def score(
    plan: Plan, tokens: Sequence[int] | Whole, keys: Sequence[Key], seen: Documents | None = None
) -> Scores:
    """Score one text under every key.

    Args:
        plan: How.
        tokens: Token ids of the text.
        keys: Keys that the scheme accepts.
        seen: Memory of earlier documents; none to look at this text alone.

    Returns:
        A statistic and a count of positions for each key.
    """
    text = np.asarray(tokens, dtype=np.int64)
    statistics = np.zeros(len(keys))
    counts = np.zeros(len(keys), dtype=np.int64)
    for places, positions in shared_positions(plan, text, keys):
        if plan.deduplicate is Deduplicate.PRF_INPUT and seen is None:
            # The same token after the same context is the same to every key.
            once = _first_of(positions, Deduplicate.CONTEXT_TOKEN)
            group = [keys[place] for place in places]
            statistics[places], counts[places] = unrepeated_statistics_of_keys(
                plan.scheme, once, group, plan.parameters
            )
            continue
        if plan.deduplicate is Deduplicate.PRF_INPUT:
            for place in places:
                fresh = unrepeated(plan, positions, keys[place], seen)
                values = plan.scheme.values(fresh, keys[place], plan.parameters)
                statistics[place] = plan.null.statistic(values)
                counts[place] = len(fresh)
            continue
        fresh = unrepeated(plan, positions, keys[places[0]], seen)
        group = [keys[place] for place in places]
        statistics[places] = statistics_of_keys(plan.scheme, fresh, group, plan.parameters)
        counts[places] = len(fresh)
    return Scores(len(text), statistics, counts)


def shared_positions(
    plan: Plan, text: Whole, keys: Sequence[Key]
) -> list[tuple[list[int], Positions]]:
    """Group keys (by their places) that share the scored positions of a text.

    Positions that every key reads alike are left out (``keyed``).

    A scheme that splits a text between keys gives the same object when asked again (its port says
    so); any other has the same positions for every key, and need not be asked 24,000 times.
    """
    if not keys:
        return []
    positions = plan.scheme.positions(text, plan.parameters, keys[0])
    if plan.scheme.positions(text, plan.parameters, keys[0]) is not positions:
        return [(list(range(len(keys))), keyed(plan, positions))]
    groups: dict[int, tuple[list[int], Positions]] = {}
    for place, key in enumerate(keys):
        positions = plan.scheme.positions(text, plan.parameters, key)
        groups.setdefault(id(positions), ([], positions))[0].append(place)
    return [(places, keyed(plan, found)) for places, found in groups.values()]


def keyed(plan: Plan, positions: Positions) -> Positions:
    """Leave out positions that keys read alike: whoever's mark shows there, under every key.

    Args:
        plan: Scheme and parameters.
        positions: Of a text.

    Returns:
        Those whose value the key decides; the same ones for every key.
    """
    if not len(positions) or not isinstance(plan.scheme, KeylessContexts):
        return positions
    return _at(positions, ~plan.scheme.keyless(positions, plan.parameters))


def unrepeated(
    plan: Plan, positions: Positions, key: Key, seen: Documents | None = None
) -> Positions:
    """Leave out of the positions what occurred before, in the text or in earlier documents."""
    if plan.deduplicate is Deduplicate.NONE:
        return positions
    if plan.deduplicate is Deduplicate.PRF_INPUT:
        prints = plan.scheme.prf_inputs(positions, key, plan.parameters)
    else:
        prints = position_fingerprints(positions, plan.deduplicate)
    kept = first_occurrences(prints) if seen is None else seen.first(key.key_id, prints)
    return _at(positions, kept)


def _first_of(positions: Positions, mode: Deduplicate) -> Positions:
    return _at(positions, first_occurrences(position_fingerprints(positions, mode)))


def _at(positions: Positions, kept: NDArray[np.bool_]) -> Positions:
    return Positions(
        index=positions.index[kept], token=positions.token[kept], context=positions.context[kept]
    )


def log10_chances(null: NullDistribution, statistics: Floats, counts: Whole) -> Floats:
    """Chance of each statistic or more, in decades, shape (keys,); equal ones are asked once."""
    pairs, places = np.unique(np.stack([statistics, counts]), axis=1, return_inverse=True)
    chances = [null.log10_upper_tail(float(statistic), int(count)) for statistic, count in pairs.T]
    return np.asarray(chances, dtype=np.float64)[places.ravel()]


def best_first(null: NullDistribution, scores: Scores, most: int) -> list[tuple[int, float]]:
    """Order keys by their chance, smallest first, and give as many as asked for.

    Where keys share the count of positions, a larger statistic is a smaller chance: only the
    front runners' tails need to be computed, not those of 24,000 keys.

    Returns:
        Places of the keys, and log10 of their chances; ties in the order of the keys.
    """
    candidates: list[int] = []
    for count in sorted(set(scores.counts.tolist())):
        places = np.flatnonzero(scores.counts == count)
        order = np.argsort(-scores.statistics[places], kind="stable")
        candidates += places[order[:most]].tolist()
    candidates.sort()
    chosen = np.asarray(candidates, dtype=np.int64)
    chances = log10_chances(null, scores.statistics[chosen], scores.counts[chosen])
    order = np.argsort(chances, kind="stable")[:most]
    return [(int(chosen[place]), float(chances[place])) for place in order]
