"""Mixture: whether an account works through a group's templates as members do, or as strangers do.

Two Beta-binomial distributions of how many of an account's exchanges carry the templates: one of
the group's accounts, one of all others. Strangers who live on the templates too, because the
program is a public one, widen the second, and then little follows from living on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, expit

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

ROUNDS: Final = 8
"""Rounds of expectation and maximisation; the weights move by less than 0.01 after five."""
LEAST_CORRELATION: Final = 0.001
MOST_CORRELATION: Final = 0.9
"""Bounds of the correlation of two exchanges of one account."""
UNSEEN: Final = 0.5
"""Exchanges that are added to the carried ones, so that no rate is zero."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A Beta distribution of the part of an account's exchanges that carry the templates."""

    alpha: float
    beta: float

    def log_likelihood(self, carried: Floats, totals: Floats) -> Floats:
        """Natural logarithm of the Beta-binomial chance of each account, without the coefficient.

        Args:
            carried: Exchanges that carry the templates.
            totals: All exchanges.

        Returns:
            One value an account.
        """
        there = betaln(self.alpha + carried, self.beta + totals - carried)
        return np.asarray(there - betaln(self.alpha, self.beta), dtype=np.float64)


def fit_rate(carried: Floats, totals: Floats, weights: Floats) -> Rate:
    """Fit a Beta-binomial distribution by weighted moments (Kleinman 1973).

    Args:
        carried: Exchanges of each account that carry the templates.
        totals: All exchanges of each account, at least one.
        weights: Weight of each account, or of several alike together.

    Returns:
        The distribution.

    Example:
        >>> rate = fit_rate(np.array([5.0, 5.0]), np.array([10.0, 10.0]), np.ones(2))
        >>> round(rate.alpha / (rate.alpha + rate.beta), 2)
        0.5
    """
    weight = max(float(weights.sum()), 1e-9)
    mean = float((weights @ carried + UNSEEN) / (weights @ totals + 2 * UNSEEN))
    spread = float(weights @ (carried / totals - mean) ** 2) / weight
    alone = float(weights @ (1.0 / totals)) / weight
    correlation = (spread / (mean * (1.0 - mean)) - alone) / max(1.0 - alone, 1e-9)
    correlation = min(max(correlation, LEAST_CORRELATION), MOST_CORRELATION)
    size = 1.0 / correlation - 1.0
    return Rate(alpha=mean * size, beta=(1.0 - mean) * size)


def member_bits(
    carried: Integers, totals: Integers, inside: NDArray[np.bool_], outside: NDArray[np.bool_]
) -> Floats:
    """Posterior log-odds that an account is a member, by the templates alone.

    Null: the account is one of the strangers. As many unlinked members as linked ones are
    expected before anything is seen, so the prior is the group's part of all accounts. Strangers
    that look like members leave the strangers' distribution in proportion to their chance.

    Args:
        carried: Exchanges of each account that carry the group's templates, shape (accounts,).
        totals: All exchanges of each account, shape (accounts,).
        inside: Accounts of the group.
        outside: Accounts that may be strangers.

    Returns:
        Bits by account, positive for a likely member, shape (accounts,).
    """
    sizes = np.maximum(totals, 1)
    # Most accounts carry nothing, and many are of one size: each pair is reckoned with once.
    span = int(sizes.max(initial=0)) + 1
    pairs, inverse = np.unique(carried * span + sizes, return_inverse=True)
    hits, volumes = (pairs // span).astype(np.float64), (pairs % span).astype(np.float64)
    within = np.bincount(inverse[inside], minlength=pairs.size).astype(np.float64)
    without = np.bincount(inverse[outside], minlength=pairs.size).astype(np.float64)
    members = fit_rate(hits, volumes, within)
    prior = np.log((within.sum() + 1.0) / (without.sum() + 1.0))
    like_member = members.log_likelihood(hits, volumes) + prior
    chance = np.zeros(hits.size)
    odds = like_member
    for _round in range(ROUNDS):
        strangers = fit_rate(hits, volumes, without * (1.0 - chance))
        odds = like_member - strangers.log_likelihood(hits, volumes)
        chance = expit(odds)
    return np.asarray(odds[inverse] / np.log(2.0), dtype=np.float64)
