"""What a marked text is expected to show: power, and the number of tokens that would suffice.

Everything comes from two numbers, the mean and the variance of a scored position's value in a
marked text; the sum of many is close to normal. They follow from the text's entropy, if the
surprisal of a chosen token is exponential with that mean, and a token of surprisal s is taken
as one of exp(s) equally likely ones. Per scheme:

- Gumbel: a token of chance q has mean value digamma(1/q + 1) + Euler's constant, variance
  pi^2/6 - trigamma(1/q + 1) (Aaronson, 2022; Fernandez and others, 2023).
- Green lists: expected share of the favoured green tokens (Kirchenbauer and others, 2023).
- Tournaments: a layer's bit has the mean 1/2 + (1 - c) / 4, where c is the chance that two draws
  collide (Dathathri and others, 2024, two competitors); from layer to layer c grows by
  (c - 2 sum p^3 + c^2) / 4, closed as if many tokens were equally likely, or two were left.

This is a plan, not a promise: a paraphrased text shows less. docs/explanation/
watermark-statistics.md sets it beside generations of a real model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cautery.ports import NullDistribution
from cautery.watermark.null_distributions import (
    DualGammaSum,
    GammaSum,
    GreenCount,
    WeightedBitMean,
)
from cautery.watermark.special_functions import (
    digamma,
    gauss_laguerre,
    log_factorials,
    normal_quantile,
    normal_share,
    trigamma,
)

Floats = NDArray[np.float64]

PLANNED_ENTROPY: Final = 0.83
"""Nats per token: the less uncertain half of chat answers of a 135 M model at temperature 0.9
(measured; all of them: 1.69). "Not detected" is said only of what even such a text would show."""
PLANNED_POWER: Final = 0.9
"""Chance to detect a marked text from which on a text counts as long enough."""
PLANNED_BIAS: Final = 2.0
"""Bias of green tokens if the profile names none: the default of Hugging Face and vLLM's SBW."""
MOST_TOKENS: Final = 10**9
"""Where the search for a sufficient number of tokens gives up."""
LARGE_VOCABULARY: Final = 4_096
"""Equally likely tokens from which the share of green ones among them is no longer random."""
NODES: Final = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Value of one scored position in a marked text."""

    mean: float
    variance: float


def expected_effect(
    null: NullDistribution, parameters: Any = None, entropy: float = PLANNED_ENTROPY
) -> Effect:
    """Expect what a marked text shows, from the law of its unmarked values and its entropy.

    Args:
        null: The scheme's law.
        parameters: The scheme's; ``bias`` or ``delta`` is read where there is one.
        entropy: Of the served model's next token, nats, mean over the text.

    Returns:
        Mean and variance of a position's value.

    Raises:
        TypeError: The law is none of ``cautery.watermark.null_distributions``.

    Example:
        >>> round(expected_effect(GammaSum(), entropy=1.69).mean, 2)
        2.43
    """
    bias = getattr(parameters, "bias", getattr(parameters, "delta", PLANNED_BIAS))
    return _expected_effect(null, float(bias), entropy)


@lru_cache(maxsize=64)
def _expected_effect(null: NullDistribution, bias: float, entropy: float) -> Effect:
    surprisals, weights = gauss_laguerre(NODES)
    choices = np.exp(np.minimum(max(entropy, 1e-6) * surprisals, 700.0))
    if isinstance(null, GammaSum):
        return _mixed(weights, *_gumbel(choices))
    if isinstance(null, DualGammaSum):
        return _dual(null.alpha, _mixed(weights, *_gumbel(choices)))
    if isinstance(null, GreenCount):
        green = np.array([_green(null.share, bias, float(k)) for k in choices])
        return _mixed(weights, green, green * (1.0 - green))
    if isinstance(null, WeightedBitMean):
        return _mixed(weights, *_tournament(null, choices))
    raise TypeError(f"no effect is known for {type(null).__name__}")


def _mixed(weights: Floats, means: Floats, variances: Floats) -> Effect:
    mean = float(weights @ means)
    return Effect(mean=mean, variance=float(weights @ (variances + (means - mean) ** 2)))


def _gumbel(choices: Floats) -> tuple[Floats, Floats]:
    means = digamma(choices + 1.0) + np.euler_gamma
    return np.asarray(means), np.asarray(math.pi**2 / 6.0 - trigamma(choices + 1.0))


def _dual(alpha: float, marked: Effect) -> Effect:
    """Key B chooses the token with chance alpha; the other key's value is then an Exp(1)."""
    mean, square = 0.0, 0.0
    for weight in (alpha, 1.0 - alpha):
        part = weight * marked.mean + (1.0 - weight)
        mean += weight * part
        variance = weight**2 * marked.variance + (1.0 - weight) ** 2
        square += weight * (variance + part**2)
    return Effect(mean=mean, variance=square - mean**2)


def _green(share: float, bias: float, choices: float) -> float:
    """Chance of a green token among equally likely ones, green each with chance ``share``."""
    boost = math.exp(min(bias, 700.0))
    if choices >= LARGE_VOCABULARY:
        return share * boost / (share * boost + 1.0 - share)
    lower = math.floor(choices)
    means = []
    for tokens in (lower, lower + 1):
        green = np.arange(tokens + 1.0)
        factorials = log_factorials(green)
        log_chance = factorials[-1] - factorials - factorials[::-1]
        log_chance += green * math.log(share) + (tokens - green) * math.log1p(-share)
        chance = np.exp(log_chance)
        means.append(float((chance * green * boost / (green * boost + tokens - green)).sum()))
    return means[0] + (choices - lower) * (means[1] - means[0])


def _tournament(null: WeightedBitMean, choices: Floats) -> tuple[Floats, Floats]:
    collision = 1.0 / choices
    means, variances = np.zeros_like(choices), np.zeros_like(choices)
    for weight in null.weights:
        share = weight / sum(null.weights)
        bit = 0.5 + 0.25 * (1.0 - collision)
        means += share * bit
        variances += share**2 * bit * (1.0 - bit)
        few = collision >= 0.5
        collision += 0.25 * (1.0 - collision) * np.where(few, 1.0 - collision, collision)
    return means, variances


def power(null: NullDistribution, effect: Effect, tokens: int, log10_level: float) -> float:
    """Chance that a marked text of so many scored tokens is detected.

    Args:
        null: The scheme's law; its tail is exact here too.
        effect: What a marked position shows.
        tokens: Scored tokens.
        log10_level: Largest p-value (log10) that counts as detected, after any correction.

    Returns:
        Between 0 and 1.
    """
    if tokens < 1 or not _sufficient(null, effect, tokens, log10_level, 9.0):
        return 0.0
    low, high = -9.0, 9.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        if _sufficient(null, effect, tokens, log10_level, middle):
            high = middle
        else:
            low = middle
    return normal_share(-high)


def _sufficient(
    null: NullDistribution, effect: Effect, tokens: int, log10_level: float, deviations: float
) -> bool:
    """Tell whether a text so many standard deviations above the expected one is detected."""
    mean = effect.mean + deviations * math.sqrt(effect.variance / tokens)
    statistic = null.at_mean(mean, tokens)
    best = null.most(tokens)
    return null.log10_upper_tail(min(statistic, best), tokens) <= log10_level


def tokens_needed(
    null: NullDistribution,
    effect: Effect,
    log10_level: float,
    wanted_power: float = PLANNED_POWER,
) -> int | None:
    """Number of scored tokens with which a marked text is detected with the wanted chance.

    Args:
        null: The scheme's law.
        effect: What a marked position shows.
        log10_level: Largest p-value (log10) that counts as detected, after any correction.
        wanted_power: Chance to detect.

    Returns:
        The number, or nothing if no text of a thousand million tokens suffices.
    """
    deviations = -normal_quantile(wanted_power)
    low, high = 0, 1
    while not _sufficient(null, effect, high, log10_level, deviations):
        low, high = high, 2 * high
        if high > MOST_TOKENS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if _sufficient(null, effect, middle, log10_level, deviations):
            high = middle
        else:
            low = middle
    return high
