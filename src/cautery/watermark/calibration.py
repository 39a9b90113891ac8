"""Does the promised false-positive rate hold on these very texts? Wrong keys answer.

Thousands of keys that marked nothing score each text, under each way of leaving repetitions out,
alone and with what earlier texts had left out too. Null: none of the keys marked a text, so that a
rate above the promised one is a fault of the law on this traffic, not a mark.

One key meets the same passages in many texts, so trials of one key hang together. Intervals are
therefore those of Korn and Graubard (1998, Survey Methodology 24): exact binomial ones, with the
trials divided by how much the rates of single keys scatter beyond chance (design effect).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from cautery.errors import ConfigurationError, InputError
from cautery.records.key import Key, Layer, Secret
from cautery.watermark.deduplicate import (
    Deduplicate,
    first_occurrences,
    position_fingerprints,
)
from cautery.watermark.scoring import (
    MOST_CORPORA,
    Documents,
    log10_chances,
    score,
    shared_positions,
)
from cautery.watermark.wrong_key_replay import CONFIDENCE, LEVELS, Realised

if TYPE_CHECKING:
    from cautery.watermark.scoring import Plan

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

SHARED_BYTES: Final = 64
OWN_BYTES: Final = 4_096
"""Pseudo-random bytes that a scheme lays a key out from (``Scheme.make_key``)."""
TOLERATED: Final = 1.5
"""Times the promised rate up to which it counts as held (issue 4: "within 0.5 to 1.5")."""
FEWEST_HITS: Final = 10
"""False positives below which the design effect of a level is not taken from it alone."""
FEWEST_KEYS: Final = 20


class Holds(StrEnum):
    """Whether a promised rate is kept."""

    YES = "holds"
    """Even the upper end of the interval is at most 1.5 times the promised rate."""
    NO = "does not hold"
    """The rate is above 1.5 times the promised one, and the interval above that itself."""
    UNKNOWN = "too few trials to say"


@dataclass(frozen=True, slots=True)
class Rate:
    """One level, and how often wrong keys reached it."""

    realised: Realised

    @property
    def holds(self) -> Holds:
        """Whether the promise is kept."""
        found = self.realised
        if found.rate > TOLERATED * found.level and found.low > found.level:
            return Holds.NO
        return Holds.YES if found.high <= TOLERATED * found.level else Holds.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeRates:
    """One way of leaving repetitions out."""

    deduplicate: Deduplicate
    alone: tuple[Rate, ...]
    """Each text by itself, a row a level."""
    across: tuple[Rate, ...] = ()
    """What earlier texts had left out too (``detect --across-texts``): the profile's way only."""
    tokens_scored: float
    """Mean over texts and keys, each text by itself."""
    tokens_scored_across: float = 0.0

    @property
    def fails(self) -> bool:
        """Whether some level is not kept, each text by itself."""
        return any(rate.holds is Holds.NO for rate in self.alone)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """What wrong keys found in a file of texts."""

    texts: int
    tokens: int
    wrong_keys: int
    modes: tuple[ModeRates, ...]
    """Every way of removal, in the order of ``Deduplicate``."""
    used: Deduplicate
    """The profile's."""

    @property
    def own(self) -> ModeRates:
        """The profile's way."""
        return next(mode for mode in self.modes if mode.deduplicate is self.used)

    @property
    def advised(self) -> Deduplicate | None:
        """The way that keeps most tokens among those that fail at no level; none if all fail."""
        kept = [mode for mode in self.modes if not mode.fails]
        best = max(kept, key=lambda mode: (mode.tokens_scored, mode.deduplicate is self.used))
        return best.deduplicate if kept else None


def drawn_keys(plan: Plan, count: int, seed: int) -> list[Key]:
    """Draw keys that marked nothing, laid out as the scheme lays out real ones.

    Where a scheme tells layers apart, every second key is an account's.

    Args:
        plan: Scheme and parameters.
        count: Keys to draw.
        seed: Same seed, same keys. They protect nothing.

    Returns:
        The keys.
    """
    generator = np.random.default_rng(seed)
    shared = generator.bytes(SHARED_BYTES)
    layers = (Layer.SHARED, Layer.ACCOUNT)
    keys: list[Key] = []
    while len(keys) < count:
        value = plan.scheme.make_key(shared, generator.bytes(OWN_BYTES), plan.parameters)
        key = Key(
            key_id=f"wrong-{len(keys)}", value=Secret(value), layer=layers[len(keys) % len(layers)]
        )
        try:
            plan.scheme.check_key(key, plan.parameters)
        except ConfigurationError:
            continue  # one draw in thousands happens to be weak
        keys.append(key)
    return keys


def calibrate_texts(plan: Plan, texts: Sequence[Whole], wrong: int, seed: int) -> CalibrationReport:
    """Measure how often keys that marked nothing are taken for marks.

    Args:
        plan: How texts are tested.
        texts: Token ids of each text, in the file's order.
        wrong: Wrong keys, at least 20.
        seed: Same seed, same keys.

    Returns:
        Rates by way of removal and level.

    Raises:
        InputError: No text has a token that is scored.
        ConfigurationError: Too few keys.
    """
    if wrong < FEWEST_KEYS:
        raise ConfigurationError(f"must be at least {FEWEST_KEYS}", where="wrong keys")
    keys = drawn_keys(plan, wrong, seed)
    whole = _reads_whole_input(plan, texts, keys)
    modes: list[ModeRates] = []
    for mode in Deduplicate:
        asked = replace(plan, deduplicate=mode)
        if whole and mode is Deduplicate.PRF_INPUT:
            asked = replace(plan, deduplicate=Deduplicate.CONTEXT_TOKEN)
            rates = replace(modes[-1], deduplicate=mode, across=(), tokens_scored_across=0.0)
        else:
            chances, tokens = _chances(asked, texts, keys, across=False)
            rates = ModeRates(deduplicate=mode, alone=realised_rates(chances), tokens_scored=tokens)
        if mode is plan.deduplicate:
            chances, tokens = _chances(asked, texts, keys, across=True)
            rates = replace(rates, across=realised_rates(chances), tokens_scored_across=tokens)
        modes.append(rates)
    return CalibrationReport(
        texts=len(texts),
        tokens=sum(len(text) for text in texts),
        wrong_keys=wrong,
        modes=tuple(modes),
        used=plan.deduplicate,
    )


def _reads_whole_input(plan: Plan, texts: Sequence[Whole], keys: Sequence[Key]) -> bool:
    """Tell whether ``prf-input`` leaves out on these texts just what ``context-token`` does.

    So it is where the keyed function reads context and token whole; then it need not be asked for
    each of a thousand keys. Two keys of each layer are enough to see it.
    """
    for text in texts:
        for places, positions in shared_positions(plan, text, keys[:4]):
            wanted = first_occurrences(position_fingerprints(positions, Deduplicate.CONTEXT_TOKEN))
            for place in places:
                prints = plan.scheme.prf_inputs(positions, keys[place], plan.parameters)
                if not np.array_equal(first_occurrences(prints), wanted):
                    return False
    return True


def _chances(
    plan: Plan, texts: Sequence[Whole], keys: Sequence[Key], *, across: bool
) -> tuple[Floats, float]:
    """Score every text under every key.

    Keys go in portions, because one memory of documents keeps so many keys apart and no more.

    Returns:
        log10 chances, shape (keys, texts), not a number where nothing was scored; and the mean
        number of scored tokens.
    """
    portions = [keys[start : start + MOST_CORPORA] for start in range(0, len(keys), MOST_CORPORA)]
    if plan.deduplicate is not Deduplicate.PRF_INPUT:
        portions = [keys]
    chances = np.full((len(keys), len(texts)), np.nan)
    scored, first = 0, 0
    for portion in portions:
        seen = Documents() if across else None
        rows = slice(first, first + len(portion))
        for column, text in enumerate(texts):
            scores = score(plan, text, portion, seen)
            found = log10_chances(plan.null, scores.statistics, scores.counts)
            chances[rows, column] = np.where(scores.counts > 0, found, np.nan)
            scored += int(scores.counts.sum())
        first += len(portion)
    return chances, scored / max(chances.size, 1)


def realised_rates(chances: Floats, levels: Sequence[float] = LEVELS) -> tuple[Rate, ...]:
    """Count how often wrong keys reach each level.

    Args:
        chances: log10 p-values, shape (keys, texts); those that are not a number are no trial.
        levels: P-values that would count as detected, largest first.

    Returns:
        A row a level, with an interval that allows for the trials of one key hanging together.

    Raises:
        InputError: There is no trial.
    """
    counted = ~np.isnan(chances)
    trials = counted.sum(axis=1)
    if not trials.sum():
        raise InputError("no text has a token that is scored", hint="Give longer texts.")
    rates, effect = [], 1.0
    for level in levels:
        hits = (counted & (chances <= math.log10(level))).sum(axis=1)
        total, found = int(trials.sum()), int(hits.sum())
        own = _design_effect(hits, trials)
        effect = own if found >= FEWEST_HITS else max(own, effect)
        low, high = _interval(found / effect, total / effect)
        realised = Realised(level=level, trials=total, false_positives=found, low=low, high=high)
        rates.append(Rate(realised))
    return tuple(rates)


def _design_effect(hits: Whole, trials: Whole) -> float:
    """How many times the rate's variance is that of independent trials; at least 1."""
    total, keys = float(trials.sum()), len(trials)
    rate = float(hits.sum()) / total
    if rate in {0.0, 1.0} or keys < 2:
        return 1.0
    residuals = hits - rate * trials
    variance = keys / (keys - 1) * float((residuals**2).sum()) / total**2
    return max(variance * total / (rate * (1.0 - rate)), 1.0)


def _interval(hits: float, trials: float) -> tuple[float, float]:
    """Clopper and Pearson's, for numbers that need not be whole."""
    outside = (1.0 - CONFIDENCE) / 2.0
    low = float(stats.beta.ppf(outside, hits, trials - hits + 1.0)) if hits else 0.0
    high = 1.0
    if hits < trials:
        high = float(stats.beta.ppf(1.0 - outside, hits + 1.0, trials - hits))
    return low, high
