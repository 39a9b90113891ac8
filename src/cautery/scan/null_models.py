"""Null models: how much two sets of accounts overlap by chance, far into the tail.

Null of the overlap: with the two set sizes fixed, which accounts are in which set is random. The
overlap is then hypergeometric (the statistically validated networks of Tumminello, Micciche,
Lillo, Piilo and Mantegna, PLoS ONE 2011). Everything is in natural logarithms, so that a chance
of 1e-500 stays what it is.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_TAIL_TERMS: Final = 400
"""Terms of the tail that are summed; the rest is bounded by a geometric series."""
FALSE_DISCOVERY_RATE: Final = 0.01
"""Share of accepted pairs that may be chance (Benjamini and Hochberg 1995; method, stage B)."""


def _log_choose(n: NDArray[Any], k: NDArray[Any]) -> Floats:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0), dtype=np.float64)


def overlap_log_p(population: int, first: Integers, second: Integers, shared: Integers) -> Floats:
    """Log-chance of an overlap at least this large.

    Args:
        population: Number of accounts.
        first: Sizes of the first sets, shape (pairs,).
        second: Sizes of the second sets, shape (pairs,).
        shared: Observed overlaps, shape (pairs,).

    Returns:
        Natural logarithm of the exact hypergeometric upper tail; where the overlap is not above
        its mean, 0 (the chance is then at most 1 and never of interest).

    Example:
        >>> p = overlap_log_p(100, np.array([10]), np.array([10]), np.array([10]))
        >>> bool(abs(np.exp(p[0]) - 1 / 17310309456440) < 1e-18)
        True
    """
    n, a, b, x = float(population), first * 1.0, second * 1.0, shared * 1.0
    start = _log_choose(a, x) + _log_choose(n - a, b - x) - _log_choose(np.full_like(a, n), b)
    total = np.ones_like(a)
    term = np.ones_like(a)
    at = x.copy()
    highest = np.minimum(a, b)
    for _step in range(MOST_TAIL_TERMS):
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (a - at) * (b - at) / ((at + 1.0) * (n - a - b + at + 1.0))
        ratio = np.where(at < highest, ratio, 0.0)
        term = term * ratio
        total += term
        at += 1.0
        if not np.any(term > total * 1e-16):
            break
    above_mean = x > a * b / n
    return np.where(above_mean, np.minimum(start + np.log(total), 0.0), 0.0)


def sum_log_p(observed: Integers, expected: Floats, most: Integers) -> Floats:
    """Bound the log-chance that a sum of few independent 0/1 variables reaches a count.

    A thing's holders are drawn one without the other under the configuration model with its own
    degree fixed, so those among a set of accounts are a sum of independent variables (strong
    Rayleigh property: Borcea, Branden and Liggett 2009), of which no more than ``most`` can be 1.

    Args:
        observed: Counts, shape (tests,).
        expected: Means under the null, shape (tests,).
        most: Number of variables, shape (tests,): the smaller of both sets.

    Returns:
        Natural logarithm of the binomial upper tail with that number and mean, shape (tests,).
        From one above the mean on no sum of unequal chances has a larger one (Hoeffding 1956);
        below that, 0.

    Example:
        >>> p = sum_log_p(np.array([2, 10]), np.array([0.1, 0.1]), np.array([2, 10]))
        >>> [f"{chance:.3g}" for chance in np.exp(p)]
        ['0.0025', '1e-20']
    """
    x, n = observed * 1.0, np.maximum(most * 1.0, 1.0)
    sure = (x >= expected + 1.0) & (x <= n)
    each = np.where(sure, np.clip(expected / n, 1e-300, 1.0 - 1e-12), 0.5)
    start = _log_choose(n, np.minimum(x, n)) + x * np.log(each) + (n - x) * np.log1p(-each)
    total, term, at = np.ones_like(x), np.ones_like(x), x.copy()
    odds = each / (1.0 - each)
    for _step in range(MOST_TAIL_TERMS):
        ratio = np.where(sure & (at < n), (n - at) / (at + 1.0) * odds, 0.0)
        term = term * ratio
        total += term
        at += 1.0
        if not np.any(term > total * 1e-16):
            break
    else:
        # Terms fall faster and faster: what is left is less than a geometric series.
        total += term * ratio / np.maximum(1.0 - ratio, 1e-3)
    return np.where(sure, np.minimum(start + np.log(total), 0.0), 0.0)


def binomial_p(held: int, known: int, chance: float) -> float:
    """Chance that at least this many of some independent exchanges show a property.

    Null: each exchange shows it with the same chance, whatever the others do.

    Args:
        held: Exchanges that show it.
        known: Exchanges that were looked at.
        chance: Chance of each.

    Returns:
        The exact upper tail of the binomial, through the incomplete beta function (DLMF 8.17.5).

    Example:
        >>> round(binomial_p(9, 10, 0.5), 6)
        0.010742
    """
    return float(betainc(held, known - held + 1, chance)) if held > 0 else 1.0


def chance_of_two(population: int, size: Integers, drawn: int) -> Floats:
    """Chance that at least two of a set of accounts are among ``drawn`` random ones.

    Args:
        population: Number of accounts.
        size: Sizes of the sets, shape (sets,).
        drawn: Number of accounts drawn without replacement.

    Returns:
        Exact chance for each set, shape (sets,).
    """
    k = size * 1.0
    rest = np.full_like(k, float(population - drawn))
    whole = _log_choose(np.full_like(k, float(population)), k)
    none = np.where(rest >= k, np.exp(_log_choose(np.maximum(rest, k), k) - whole), 0.0)
    one = np.where(
        rest >= k - 1,
        drawn * np.exp(_log_choose(np.maximum(rest, k - 1), k - 1) - whole),
        0.0,
    )
    return np.clip(1.0 - none - one, 0.0, 1.0)


def poisson_log_p(observed: Floats | Integers, expected: Floats) -> Floats:
    """Log-bound on the chance that a sum of rare independent events reaches a count.

    Args:
        observed: Counts.
        expected: Means under the null.

    Returns:
        Chernoff bound ``x - m - x ln(x / m)`` where the count is above the mean, else 0. It holds
        for every sum of independent 0/1 variables, so it errs on the side of the accounts.
    """
    x, m = np.asarray(observed, dtype=np.float64), np.maximum(expected, 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = x - m - x * np.log(np.where(x > 0, x / m, 1.0))
    return np.where(x > m, bound, 0.0)


def accepted(log_p: Floats, tests: int, rate: float = FALSE_DISCOVERY_RATE) -> NDArray[np.bool_]:
    """Choose the discoveries of a set of tests (Benjamini and Hochberg 1995).

    Args:
        log_p: Log-chances of the pairs that were formed, shape (pairs,).
        tests: Number of all tests, those never formed included (their chance counts as 1).
        rate: Highest expected share of false discoveries.

    Returns:
        Which pairs are accepted, shape (pairs,).

    Example:
        >>> accepted(np.log(np.array([1e-6, 0.02, 0.5])), tests=3, rate=0.05).tolist()
        [True, True, False]
    """
    if log_p.size == 0:
        return np.zeros(0, dtype=np.bool_)
    order = np.sort(log_p)
    limits = np.log(rate) + np.log(np.arange(1, order.size + 1)) - np.log(max(tests, 1))
    passing = np.flatnonzero(order <= limits)
    if passing.size == 0:
        return np.zeros(log_p.size, dtype=np.bool_)
    return np.asarray(log_p <= order[passing[-1]], dtype=np.bool_)


def accepted_within(
    log_p: Floats, family: Integers, tests: Integers, rate: float = FALSE_DISCOVERY_RATE
) -> NDArray[np.bool_]:
    """Choose the discoveries of several families of tests, each by itself.

    Families that were selected by a test of their own may be tested within (Yekutieli 2008), each
    as if it were alone.

    Args:
        log_p: Log-chances of the pairs that were formed, shape (pairs,).
        family: Family of each pair.
        tests: Number of all tests of each pair's family, those never formed included.
        rate: Highest expected share of false discoveries in each family.

    Returns:
        Which pairs are accepted, shape (pairs,).

    Example:
        >>> log_p = np.log(np.array([1e-6, 0.02, 0.02]))
        >>> accepted_within(log_p, np.array([0, 0, 1]), np.array([3, 3, 3]), 0.05).tolist()
        [True, True, False]
    """
    order = np.lexsort((log_p, family))
    ordered, of_family = log_p[order], family[order]
    first = np.flatnonzero(np.diff(of_family, prepend=-1))
    rank = np.arange(order.size) - np.repeat(first, np.diff(first, append=order.size)) + 1
    passes = ordered <= np.log(rate) + np.log(rank) - np.log(np.maximum(tests[order], 1))
    last = np.zeros(int(family.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(last, of_family[passes], rank[passes])
    found = np.zeros(order.size, dtype=np.bool_)
    found[order] = rank <= last[of_family]
    return found
