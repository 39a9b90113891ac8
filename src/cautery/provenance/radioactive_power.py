"""What a sample of a suspect can show: its power by the marked share of the training data.

The model behind it, and its assumptions:

- At a context of the exposure, the suspect chooses as its training data did: with chance m s as a
  marked text would, otherwise as if nothing had been marked. s is the marked share of the training
  data; m, the memorisation, is the part of what it read that it repeats.
- Marked and other text use these contexts equally often. Where other text never has them, as with
  long contexts, the true share there is larger, and the curve too low.
- The mark of the teacher is that measured on as many different pairs of the exposure.
- Where the exposure is at hand, what it would add to the sample is counted too (`pooled_power`),
  and the lower of the two is said (`Lowest`): a context's favoured tokens are few, and count once.
  For the accounts of a campaign together it is counted alone: each key marked a part of the share.
- The marked text was not paraphrased or cleaned, and the suspect is asked without a filter that
  undoes marks. Under either the curve is too high: benchmarks/radioactivity.py measures how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from cautery.records.probe import PowerPoint
from cautery.watermark.power import Effect, power

if TYPE_CHECKING:
    from cautery.ports import NullDistribution

SHARES: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Marked shares of a curve."""
WANTED_POWER: Final = 0.9
ASSUMPTIONS: Final = (
    "A copy repeats the next-token frequencies of its training data, up to the memorisation given.",
    "Marked and other training text use the contexts that were looked at equally often.",
    "The marked text was neither paraphrased nor cleaned, and nothing undoes marks as it is asked.",
)
EXPECTED_ONLY: Final = (
    "A curve without our own marked text cannot count what it would add: where a scheme favours "
    "one token a context (Gumbel) and contexts are short, the power said is too high."
)
"""Assumption of a curve that was not measured on an exposure."""


class Expectation(Protocol):
    """Expects what a pair of a copy shows."""

    def effect(self, part: float) -> Effect:
        """Give mean and variance of a scored pair.

        Args:
            part: Marked share of the training data times memorisation, from 0 to 1.
        """
        ...


@dataclass(frozen=True, slots=True)
class Mixture:
    """A pair is with some chance one of marked text, otherwise as if nothing had been marked."""

    null: NullDistribution
    teacher: Effect
    """What a pair of marked text shows."""
    keys: int = 1
    """Keys that marked equal parts of the share; a pair is looked at under one of them."""

    def effect(self, part: float) -> Effect:
        """Mean and variance of a mixture of the two.

        Example:
            >>> from cautery.watermark.null_distributions import GreenCount
            >>> marked = Effect(mean=0.75, variance=0.1875)
            >>> Mixture(GreenCount(0.25), marked, keys=2).effect(0.5).mean
            0.375
        """
        own = part / self.keys
        gap = self.teacher.mean - self.null.mean
        within = (1.0 - own) * self.null.variance + own * self.teacher.variance
        return Effect(mean=self.null.mean + own * gap, variance=within + own * (1.0 - own) * gap**2)


@dataclass(frozen=True, slots=True)
class Lowest:
    """Of several expectations the one that expects least, at each share."""

    of: tuple[Expectation, ...]

    def effect(self, part: float) -> Effect:
        """Mean and variance of the expectation with the smallest mean.

        Example:
            >>> from cautery.watermark.null_distributions import GreenCount
            >>> marked = Effect(mean=0.75, variance=0.1875)
            >>> one, two = (Mixture(GreenCount(0.25), marked, keys=keys) for keys in (1, 2))
            >>> Lowest((one, two)).effect(0.5).mean
            0.375
        """
        return min((one.effect(part) for one in self.of), key=lambda effect: effect.mean)


def power_at(
    null: NullDistribution,
    expected: Expectation,
    pairs: int,
    log10_level: float,
    *,
    marked_share: float,
    memorisation: float,
) -> float:
    """Chance that so many pairs of a copy are detected.

    Args:
        null: Law of an unmarked pair.
        expected: What a pair of a copy shows.
        pairs: Pairs scored.
        log10_level: Largest p-value that counts.
        marked_share: Of the copy's training data, from 0 to 1.
        memorisation: From 0 to 1.

    Returns:
        Between 0 and 1.
    """
    return power(null, expected.effect(marked_share * memorisation), pairs, log10_level)


def curve(
    null: NullDistribution,
    expected: Expectation,
    pairs: int,
    log10_level: float,
    memorisation: float,
) -> tuple[PowerPoint, ...]:
    """Draw the power by the marked share.

    Args:
        null: Law of an unmarked pair.
        expected: What a pair of a copy shows.
        pairs: Pairs scored.
        log10_level: Largest p-value that counts.
        memorisation: From 0 to 1.

    Returns:
        A point for each of ``SHARES``.
    """
    return tuple(
        PowerPoint(
            marked_share=share,
            power=power_at(
                null, expected, pairs, log10_level, marked_share=share, memorisation=memorisation
            ),
        )
        for share in SHARES
    )


def share_needed(
    null: NullDistribution,
    expected: Expectation,
    pairs: int,
    log10_level: float,
    memorisation: float,
) -> float | None:
    """Marked share of the training data that this sample shows with 90 % chance.

    Args:
        null: Law of an unmarked pair.
        expected: What a pair of a copy shows.
        pairs: Pairs scored.
        log10_level: Largest p-value that counts.
        memorisation: From 0 to 1.

    Returns:
        The share; None if a copy of nothing but marked text shows less often.
    """

    def shows(share: float) -> bool:
        found = power_at(
            null, expected, pairs, log10_level, marked_share=share, memorisation=memorisation
        )
        return found >= WANTED_POWER

    if not shows(1.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if shows(middle) else (middle, high)
    return high
