"""Makes ``null_tails.json``: tails of the null laws, with mpmath at 50 to 60 digits.

    python -m tests.vectors.make_null_tails OUT.json

Needs mpmath alone. Each law is computed another way than cautery computes it: Gamma tails by
Legendre's fraction or the series; the dual law as the negative-binomial mixture of Gammas, term by
term; binomial tails by summing terms; weighted bits by counting with whole numbers of any size.
A row is law, parameter, positions, statistic, log10 of the tail. A few minutes.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mpmath import exp, log, log10, loggamma, mp, mpf

Row = tuple[str, float | None, int, float, float]
TINY = 1e-38
DEVIATIONS = (-6, -3, -1, -0.1, 0.1, 1, 3, 6, 20, 100, 1_000, 10_000)


def gamma_tail(shape: int, x: Any) -> Any:
    """Upper tail of Gamma(shape, 1)."""
    n, x = mpf(shape), mpf(x)
    peak = exp(n * log(x) - x - loggamma(n))
    if x > n:
        b = x + 1 - n
        c, d = mpf(10) ** 300, 1 / b
        value, step = d, 1
        while True:
            a = -step * (step - n)
            b += 2
            d = 1 / (a * d + b)
            c = b + a / c
            value *= c * d
            if abs(c * d - 1) < TINY * 1000:
                return peak * value
            step += 1
    term = total = 1 / n
    step = 1
    while term > total * TINY:
        term *= x / (n + step)
        total += term
        step += 1
    return 1 - peak * total


def dual_tail(alpha: float, count: int, x: float) -> Any:
    """Upper tail of the mixture: Gamma(2 count + K, 1), K negative binomial."""
    light = mpf(min(alpha, 1 - alpha))
    odds, start = light / (1 - light), mpf(x) / light
    chance, tail, shape = odds**count, gamma_tail(2 * count, start), 2 * count
    term = exp(shape * log(start) - start - loggamma(shape + 1))
    total, k = mpf(0), 0
    while chance > total * TINY or k < count * (1 - odds) / odds:
        total += chance * tail
        chance *= (count + k) * (1 - odds) / (k + 1)
        tail += term
        shape += 1
        term *= start / shape
        k += 1
    return total


def binomial_tail(share: float, count: int, successes: int) -> Any:
    """Chance of so many successes or more, from the nearer end."""
    p, k = mpf(share), successes
    below = k <= count * share
    k -= below
    size = loggamma(count + 1) - loggamma(k + 1) - loggamma(count - k + 1)
    term, total = exp(size + k * log(p) + (count - k) * log(1 - p)), mpf(0)
    while 0 <= k <= count and term > total * TINY:
        total += term
        if below:
            term *= mpf(k) / (count - k + 1) * (1 - p) / p
        else:
            term *= mpf(count - k) / (k + 1) * p / (1 - p)
        k += -1 if below else 1
    return 1 - total if below else total


def gamma_rows() -> Iterator[Row]:
    """From one position to a million, both tails."""
    for count in (1, 2, 5, 20, 100, 400, 3_000, 50_000, 1_000_000):
        for deviations in DEVIATIONS:
            x = count + deviations * math.sqrt(count)
            if x > 0:
                yield "gamma", None, count, x, float(log10(gamma_tail(count, x)))
    for count, x in ((400, 2e5), (1_000, 240_000.0), (1, 230_258.5), (1_000_000, 1.9e6)):
        yield "gamma", None, count, x, float(log10(gamma_tail(count, x)))


def dual_rows() -> Iterator[Row]:
    """Several weights; the mixture needs too many terms for more positions."""
    for alpha in (0.1, 0.3, 0.45, 0.02, 0.9):
        for count in (1, 5, 50, 400, 3_000):
            if (count >= 400 and alpha == 0.02) or (count == 3_000 and alpha > 0.3):
                continue
            spread = math.sqrt(count * ((1 - alpha) ** 2 + alpha**2))
            for deviations in (-3, -1, 0.5, 3, 10, 50):
                x = count + deviations * spread
                if x > 0 and (count < 3_000 or deviations <= 10):
                    yield "dual", alpha, count, x, float(log10(dual_tail(alpha, count, x)))


def binomial_rows() -> Iterator[Row]:
    """Green tokens, and bits of equal weight, which are binomial too."""
    for share in (0.25, 0.5, 0.1, 0.75):
        for count in (1, 3, 20, 100, 400, 3_000, 50_000, 1_000_000):
            spread = math.sqrt(count * share * (1 - share))
            places = {
                min(count, math.ceil(count * share + deviations * spread))
                for deviations in (-6, -3, -1, 0, 1, 3, 6, 20, 100, 400, 1e9)
            }
            for place in sorted(place for place in places if place > 0):
                tail = float(log10(binomial_tail(share, count, place)))
                yield "green", share, count, float(place), tail
    for count in (1, 50, 400, 30_000, 1_000_000):
        bits = 30 * count
        for deviations in (-3, -1, 0, 1, 3, 10, 50, 1e9):
            place = min(bits, math.ceil(bits / 2 + deviations * math.sqrt(bits) / 2))
            if place > 0:
                tail = float(log10(binomial_tail(0.5, bits, place)))
                yield "mean", 30, count, place / bits, tail


def bit_rows() -> Iterator[Row]:
    """Weights linspace(10, 1, layers), counted exactly."""
    for layers in (2, 5, 9, 30):
        steps = [10 * (layers - 1) - 9 * layer for layer in range(layers)]
        weights = [step // math.gcd(*steps) for step in steps]
        for count in (1, 2, 3, 7) if layers < 30 else (1,):
            digits, polynomial = count * layers + 1, 1
            for weight in weights:
                polynomial *= 1 + (1 << (weight * digits))
            polynomial **= count
            total = sum(weights) * count
            ways = [
                (polynomial >> (place * digits)) & ((1 << digits) - 1) for place in range(total + 1)
            ]
            for share in (0.02, 0.2, 0.35, 0.45, 0.5, 0.55, 0.65, 0.8, 0.9, 0.97, 1.0):
                place = math.ceil(share * total)
                tail = log10(mpf(sum(ways[place:])) / mpf(2) ** (count * layers))
                yield "bits", layers, count, place / total, float(tail)


def main() -> None:
    """Write the rows, one a line."""
    mp.dps = 60
    rows = [*gamma_rows(), *dual_rows(), *binomial_rows(), *bit_rows()]
    Path(sys.argv[1]).write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")


if __name__ == "__main__":
    main()
