"""The bipartite configuration model: who would share what, if everybody kept his numbers only.

Null: every account shows as many things, and every thing is shown by as many accounts, as in the
log, on average over all networks and nothing else said (the network of greatest entropy: Saracco,
Di Clemente, Gabrielli and Squartini, Scientific Reports 2015; as a test of pairs, New Journal of
Physics 2017). Then each account shows each thing with a chance of its own, independently, and what
two accounts share is Poisson-binomial. Busy accounts and popular things are what the null expects
of them; no degree is cut off by hand.

Accounts of equal degree are alike, and so are things, so the equations are solved for degrees that
differ: a few hundred unknowns for 200,000 accounts and a million things (Vallarano and others,
Scientific Reports 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.special import expit

from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_STEPS: Final = 200
"""Newton's steps at most; ten are usual."""
RESIDUAL: Final = 1e-6
"""Largest relative difference of expected and observed degrees of a good solution."""
LONGEST_STEP: Final = 4.0
"""Longest change of a log-fitness in one step: near nested networks fitness runs to infinity."""


@dataclass(frozen=True, kw_only=True)
class ConfigurationModel:
    """Fitted fitness, by degree."""

    of_account: Integers
    """Class of each account: those of one degree."""
    of_token: Integers
    """Class of each token."""
    accounts: Integers
    """Accounts in each class."""
    tokens: Integers
    """Tokens in each class."""
    chances: Floats
    """Chance that an account shows a token, account classes x token classes."""
    residual: float
    """Largest relative difference of expected and observed degrees."""

    def expected_shared(self) -> Floats:
        """Mean number of tokens that two accounts share, account classes x account classes."""
        return np.asarray((self.chances * self.tokens) @ self.chances.T, dtype=np.float64)


def fit_pairs(pairs: Incidences, account_count: int) -> ConfigurationModel:
    """Fit the model to the account-token pairs of one link.

    Args:
        pairs: Account-token pairs, each once.
        account_count: Number of accounts in the log.

    Returns:
        The fitted model.
    """
    return fit_degrees(
        np.bincount(pairs.account, minlength=account_count).astype(np.int64),
        np.bincount(pairs.token, minlength=pairs.token_count).astype(np.int64),
    )


def fit_degrees(of_account: Integers, of_token: Integers) -> ConfigurationModel:
    """Fit the model to two sequences of degrees.

    Args:
        of_account: Tokens that each account shows, shape (accounts,).
        of_token: Accounts that show each token, shape (tokens,), of the same sum.

    Returns:
        The fitted model, its residual stated.

    Raises:
        ValueError: If the sums differ.

    Example:
        >>> model = fit_degrees(np.array([1, 1]), np.array([1, 1]))
        >>> model.chances.round(9).tolist(), model.expected_shared().round(9).tolist()
        ([[0.5]], [[0.5]])
    """
    if of_account.sum() != of_token.sum():
        raise ValueError("the degrees of accounts and of tokens have different sums")
    rows, row_of, row_times = np.unique(of_account, return_inverse=True, return_counts=True)
    columns, column_of, column_times = np.unique(of_token, return_inverse=True, return_counts=True)
    chances = np.zeros((rows.size, columns.size))
    row_open, column_open = rows > 0, columns > 0
    row_left, column_left = rows.astype(np.float64), columns.astype(np.float64)
    # Who shows everything that is left does so surely; without him the others may too.
    while row_open.any() and column_open.any():
        width, height = column_times[column_open].sum(), row_times[row_open].sum()
        full_rows = row_open & (row_left >= width)
        full_columns = column_open & (column_left >= height) & ~full_rows.any()
        chances[np.ix_(full_rows, column_open)] = 1.0
        chances[np.ix_(row_open, full_columns)] = 1.0
        column_left -= row_times[full_rows].sum()
        row_left -= column_times[full_columns].sum()
        row_open &= ~full_rows & (row_left > 0)
        column_open &= ~full_columns & (column_left > 0)
        if not full_rows.any() and not full_columns.any():
            break
    if row_open.any() and column_open.any():
        chances[np.ix_(row_open, column_open)] = _solved(
            row_left[row_open],
            row_times[row_open],
            column_left[column_open],
            column_times[column_open],
        )
    off_rows = np.abs(chances @ column_times - rows) / np.maximum(rows, 1)
    off_columns = np.abs(row_times @ chances - columns) / np.maximum(columns, 1)
    return ConfigurationModel(
        of_account=row_of.astype(np.int64),
        of_token=column_of.astype(np.int64),
        accounts=row_times.astype(np.int64),
        tokens=column_times.astype(np.int64),
        chances=chances,
        residual=float(max(off_rows.max(initial=0.0), off_columns.max(initial=0.0))),
    )


def _solved(rows: Floats, row_times: Integers, columns: Floats, column_times: Integers) -> Floats:
    """Chances by degree: maximum likelihood by Newton's method on the logarithms of fitness.

    The likelihood is concave, so a step that is shortened until it grows cannot go astray.
    """
    edges = float(rows @ row_times)
    # Independent edges at the product of degrees: the solution where all chances are small.
    high = np.log(rows) - 0.5 * np.log(edges)
    wide = np.log(columns) - 0.5 * np.log(edges)
    many, often = row_times.astype(np.float64), column_times.astype(np.float64)

    def likelihood(high: Floats, wide: Floats) -> float:
        linear = (many * rows) @ high + (often * columns) @ wide
        return float(linear - many @ np.logaddexp(0.0, high[:, None] + wide[None, :]) @ often)

    value = likelihood(high, wide)
    for _step in range(MOST_STEPS):
        chances = expit(high[:, None] + wide[None, :])
        short_rows, short_columns = rows - chances @ often, columns - many @ chances
        off = max(np.abs(short_rows / rows).max(), np.abs(short_columns / columns).max())
        if off <= RESIDUAL / 10.0:
            break
        up, out = _newton_step(chances, short_rows, short_columns, many, often)
        length = min(1.0, LONGEST_STEP / max(np.abs(up).max(), np.abs(out).max(), 1e-300))
        better = likelihood(high + length * up, wide + length * out)
        while better < value - 1e-12 * abs(value) and length > 1e-6:
            length /= 2.0
            better = likelihood(high + length * up, wide + length * out)
        high, wide, value = high + length * up, wide + length * out, better
    return np.asarray(expit(high[:, None] + wide[None, :]), dtype=np.float64)


def _newton_step(
    chances: Floats, short_rows: Floats, short_columns: Floats, many: Floats, often: Floats
) -> tuple[Floats, Floats]:
    """Solve the Newton equations through the Schur complement of the longer side.

    Fitness may be moved from one side to the other without any change of the chances, so the
    matrix is singular by one; a trace of it on the diagonal chooses a solution.
    """
    if chances.shape[0] < chances.shape[1]:
        out, up = _newton_step(chances.T, short_columns, short_rows, often, many)
        return up, out
    spread = chances * (1.0 - chances)
    weights = many[:, None] * spread * often[None, :]
    rows = np.maximum(weights.sum(axis=1), 1e-300)
    columns = np.maximum(weights.sum(axis=0), 1e-300)
    inner = np.diag(columns * (1.0 + 1e-10)) - (weights / rows[:, None]).T @ weights
    target = often * short_columns - weights.T @ (many * short_rows / rows)
    inner[np.diag_indices_from(inner)] += 1e-12 * columns.max()
    out = np.asarray(linalg.solve(inner, target, assume_a="pos"), dtype=np.float64)
    return (many * short_rows - weights @ out) / rows, out
