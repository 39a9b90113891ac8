"""Leak audit: does a single column, or one number per account, give the attackers away?

A generator leaks when something trivial separates the classes: a peer's labelled set is solved by
the user agent alone. For every column of the log and of the account table, and for every number
per account that is easily computed from one column, this audit computes the area under the ROC
curve of attackers against honest accounts. From the ``hydra`` tier up none may pass ``LIMIT``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cautery.errors import InputError
from cautery.simulate import leak_features

LIMIT: Final = 0.7
"""Highest tolerated area under the curve (design: method.md, Honesty)."""
STRICT_TIERS: Final = ("hydra", "paraphrased", "forwarded")
"""Tiers that the limit holds for; the easier ones are meant to be easy."""
LEAST_ACCOUNTS: Final = 40
"""A feature that fewer accounts of either kind have is not judged."""
FEW_VALUES: Final = 60
"""Columns with at most this many values are judged as categories."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """How well one feature alone tells attackers from honest accounts."""

    feature: str
    """Column and what was computed from it, for example ``client_address distinct``."""
    auc: float
    """Area under the curve, at least 0.5: whichever direction separates."""
    accounts: int
    """Accounts that have the feature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakAudit:
    """All features, worst first."""

    tier: str
    leaks: tuple[Leak, ...]

    @property
    def worst(self) -> float:
        """The highest area under the curve."""
        return self.leaks[0].auc if self.leaks else 0.5

    def above(self, limit: float = LIMIT) -> tuple[Leak, ...]:
        """Return the features above a limit."""
        return tuple(leak for leak in self.leaks if leak.auc > limit)


def area_under_curve(values: npt.NDArray[Any], attacker: npt.NDArray[np.bool_]) -> float:
    """Return the larger area under the ROC curve of both directions, ties counted half.

    Example:
        >>> area_under_curve(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, False, False]))
        1.0
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[place]
    positive, negative = int(attacker.sum()), int((~attacker).sum())
    if not positive or not negative:
        return 0.5
    area = (ranks[attacker].sum() - positive * (positive + 1) / 2) / (positive * negative)
    return float(max(area, 1 - area))


def numeric_leak(name: str, values: Any, attacker: npt.NDArray[np.bool_]) -> Iterator[Leak]:
    """Judge a number per account; accounts without it are judged apart."""
    numbers = np.asarray(values, np.float64)
    known = ~np.isnan(numbers)
    missing = float(np.abs(known[attacker].mean() - known[~attacker].mean()) / 2 + 0.5)
    if not known.all():
        yield Leak(feature=f"{name} missing", auc=missing, accounts=len(known))
    both = min(int((known & attacker).sum()), int((known & ~attacker).sum()))
    if both >= LEAST_ACCOUNTS:
        area = area_under_curve(numbers[known], attacker[known])
        yield Leak(feature=name, auc=area, accounts=int(known.sum()))


def category_leak(name: str, values: Any, attacker: npt.NDArray[np.bool_]) -> Iterator[Leak]:
    """Judge a value per account: how many share it, and, if there are few values, which it is.

    Which value it is is scored with the rates of the other half of the accounts, so that rare
    values do not look telling by chance.
    """
    words = np.array([value or "" for value in values], object).astype(str)
    _, place, counts = np.unique(words, return_inverse=True, return_counts=True)
    known = words != ""
    yield from numeric_leak(f"{name} missing", known.astype(float), attacker)
    shared = np.where(known, counts[place], np.nan)
    yield from numeric_leak(f"{name} shared by accounts", shared, attacker)
    if len(counts) <= FEW_VALUES:
        half = np.arange(len(words)) % 2 == 0
        score = np.zeros(len(words))
        for here in (half, ~half):
            rate = attacker[~here].mean()
            hits = np.bincount(place[~here], attacker[~here], len(counts))
            total = np.bincount(place[~here], minlength=len(counts))
            score[here] = ((hits + 4 * rate) / (total + 4))[place[here]]
        yield Leak(
            feature=f"{name} value", auc=area_under_curve(score, attacker), accounts=len(words)
        )


def audit(folder: Path) -> LeakAudit:
    """Audit a simulated folder with a canonical Parquet log.

    Args:
        folder: What ``simulate`` wrote.

    Returns:
        Every feature, the most telling first.

    Raises:
        InputError: If the folder holds no attackers or no ``exchanges.parquet``.
    """
    log = folder / "exchanges.parquet"
    if not log.is_file():
        raise InputError(
            "no exchanges.parquet to audit",
            where=str(folder),
            hint="Simulate with --log-format canonical-parquet.",
        )
    table = leak_features.read_truth(folder)
    attacker = np.array([row["attacker"] == "1" for row in table.truth])
    if not attacker.any():
        raise InputError("there is no attacker to audit", where=str(folder))
    leaks: list[Leak] = []
    for name, values in leak_features.account_features(table):
        judge = numeric_leak if values.dtype.kind == "f" else category_leak
        leaks += judge(f"accounts.{name}", values, attacker)
    seen = np.isin(table.account_ids, leak_features.accounts_seen(log))
    order = table.account_ids[seen]
    for name, values in leak_features.log_features(log, order):
        judge = numeric_leak if values.dtype.kind == "f" else category_leak
        leaks += judge(name, values, attacker[seen])
    for name, values, mine in leak_features.row_features(log, table.account_ids[attacker]):
        leaks += list(numeric_leak(f"{name} of one exchange", values, mine))
    leaks.sort(key=lambda leak: (-leak.auc, leak.feature))
    tier = next(row["tier"] for row in table.truth if row["attacker"] == "1")
    return LeakAudit(tier=tier, leaks=tuple(leaks))
