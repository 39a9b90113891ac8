"""An empirical null for any text: what thousands of keys find that certainly did not mark it.

The law of a scheme supposes that its keyed function looks random on what the text holds. Replay
does not: it scores the same text under random keys and ranks the true key among them. That is
exact by symmetry, whatever the text, if the true key was drawn like the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.records.key import Key, Secret
from cautery.watermark.scoring import log10_chances, score

if TYPE_CHECKING:
    from cautery.watermark.scoring import Documents, Plan

Floats = NDArray[np.float64]

WRONG_KEYS: Final = 1_000
MOST_REFUSED: Final = 100
"""Draws in a row that a scheme may refuse before the key's length is thought wrong."""
TAIL_SHARE: Final = 0.05
"""Share of the wrong keys, the luckiest, that the tail beyond them is extrapolated from."""
FEWEST_IN_TAIL: Final = 20
CONFIDENCE: Final = 0.95
LEVELS: Final = (1e-2, 1e-3, 1e-4)


def wrong_keys(plan: Plan, like: Key, count: int, seed: int) -> list[Key]:
    """Draw keys that marked nothing, as long as a given one and as its scheme takes them.

    Args:
        plan: Its scheme decides which draws are keys.
        like: Gives the length, layer and epoch; its value is not used.
        count: Keys to draw.
        seed: Same seed, same keys. They protect nothing, so no secret randomness is needed.

    Raises:
        ConfigurationError: The scheme takes no key of this length.
    """
    generator = np.random.default_rng(seed)
    found: list[Key] = []
    refused = 0
    while len(found) < count:
        draw = generator.bytes(len(like.value))
        for value in (draw, _below_2_63(draw)):
            key = Key(
                key_id=f"wrong-{len(found)}",
                value=Secret(value),
                layer=like.layer,
                epoch=like.epoch,
            )
            try:
                plan.scheme.check_key(key, plan.parameters)
            except ConfigurationError:
                refused += 1
                if refused > MOST_REFUSED:
                    raise
                continue
            refused = 0
            found.append(key)
            break
    return found


def _below_2_63(draw: bytes) -> bytes:
    """Clear the first bit of each number of 8 bytes: some engines hold no larger ones."""
    return bytes(byte & 0x7F if place % 8 == 0 else byte for place, byte in enumerate(draw))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """A p-value against wrong keys on the same text."""

    log10_p: float
    """The calibrated p-value; never below what the law says."""
    at_least_as_lucky: int
    """Wrong keys whose chance is as small or smaller."""
    wrong_keys: int
    extrapolated: bool
    """The true key beat every wrong one, and the figure rests on the shape of the tail."""


@dataclass(frozen=True)
class Replay:
    """Chances of one text under wrong keys."""

    log10_p: Floats
    """What the law says of each wrong key, ascending, shape (wrong keys,)."""

    def calibrate(self, log10_p: float) -> Calibrated:
        """Rank a chance among those of the wrong keys.

        With r of m wrong keys as lucky or luckier, p is (r + 1) / (m + 1): exact. If none is, the
        rank says only p <= 1 / (m + 1); beyond, the decades of the luckiest twentieth are taken to
        fall off exponentially, as those of any right law do (rate 1), but at the slowest rate that
        is compatible with them at 95 % and never faster than the law's.

        Args:
            log10_p: What the law says of the true key.
        """
        wrong = len(self.log10_p)
        lucky = int(np.searchsorted(self.log10_p, log10_p, side="right"))
        ranked = math.log10((lucky + 1) / (wrong + 1))
        extrapolated = lucky == 0 and wrong * TAIL_SHARE >= FEWEST_IN_TAIL
        if extrapolated:
            ranked = min(self._beyond(log10_p), ranked)
        return Calibrated(
            log10_p=max(ranked, log10_p),
            at_least_as_lucky=lucky,
            wrong_keys=wrong,
            extrapolated=extrapolated,
        )

    def _beyond(self, log10_p: float) -> float:
        from scipy.special import gammaincinv  # slow to import, needed here only

        wrong = len(self.log10_p)
        tail = int(wrong * TAIL_SHARE)
        line = float(self.log10_p[tail])
        excess = float((line - self.log10_p[:tail]).mean()) * math.log(10.0)
        slowest = tail * excess / float(gammaincinv(tail, 1.0 - CONFIDENCE))
        share = math.log10((tail + 1) / (wrong + 1))
        return share - (line - log10_p) / max(slowest, 1.0)


def replay(
    plan: Plan,
    tokens: Sequence[int] | NDArray[np.int64],
    keys: Sequence[Key],
    seen: Documents | None = None,
) -> Replay:
    """Score one text under wrong keys.

    Args:
        plan: How.
        tokens: Token ids of the text.
        keys: What ``wrong_keys`` drew.
        seen: Memory of the documents replayed before this one, apart from that of the true key;
            none to look at this text alone.
    """
    scores = score(plan, tokens, keys, seen)
    chances = log10_chances(plan.null, scores.statistics, scores.counts)
    return Replay(np.sort(chances))


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """How often wrong keys are taken for right ones at one level."""

    level: float
    trials: int
    false_positives: int
    low: float
    """Of the rate, exact 95 % interval (Clopper and Pearson)."""
    high: float

    @property
    def rate(self) -> float:
        """Share of the trials."""
        return self.false_positives / self.trials if self.trials else 0.0

    @property
    def times_nominal(self) -> float:
        """The rate over what was promised."""
        return self.rate / self.level


def realised_false_positives(
    replays: Iterable[Replay], levels: Sequence[float] = LEVELS
) -> list[Realised]:
    """Count how often wrong keys reach each level, over texts.

    Args:
        replays: One a text.
        levels: P-values that would count as detected.

    Returns:
        One row a level.
    """
    chances = np.concatenate([np.empty(0), *(one.log10_p for one in replays)])
    rows = []
    for level in levels:
        hits = int((chances <= math.log10(level)).sum())
        rows.append(_realised(level, len(chances), hits))
    return rows


def _realised(level: float, trials: int, hits: int) -> Realised:
    from scipy.special import betaincinv  # likewise

    outside = (1.0 - CONFIDENCE) / 2.0
    low = float(betaincinv(hits, trials - hits + 1, outside)) if hits else 0.0
    high = 1.0
    if hits < trials:
        high = float(betaincinv(hits + 1, trials - hits, 1.0 - outside))
    return Realised(level=level, trials=trials, false_positives=hits, low=low, high=high)
