"""Accounts that work in the same ten minutes more often than their daily rhythm explains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import ibis
import numpy as np
from ibis import _
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.coincidences import coincidences
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.weighing import Curve, on_curve, rounded

WINDOW_SECONDS: Final = 600
"""Ten minutes: longer than a retry, shorter than a lecture."""
FEWEST_DAYS: Final = 3
"""Days that a group must span before its rhythm can be told from its synchrony."""
MOST_OTHERS: Final = 10_000
"""Other accounts that are looked at; a mean ratio needs no more."""
CURVE: Final[Curve] = ((-1.0, -0.5), (0.0, 0.0), (0.6, 0.5), (1.5, 2.0), (3.0, 3.5))
"""log2 of observed over expected coincidences, less the same of other accounts; and bits."""


class CoActivity:
    """Speaks for one scheduler when accounts are active together beyond the daily rhythm."""

    name: Final = "co_activity"
    label: Final = "active at the same minutes"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "behaviour"
    needs: Final = ("time_start",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: every account keeps its time of day and works on random
            days (circadian-shifted null).
        """
        inside = coincidences(groups.exchanges.filter(_.harvest), groups.count)
        others = _sample(np.flatnonzero(groups.group_of < 0))
        usual = coincidences(
            facts.exchanges_of(others).mutate(group=ibis.literal(0, type="int32")), 1
        )
        base = (
            _log_ratio(usual.observed, usual.expected)[0] if usual.days[0] >= FEWEST_DAYS else 0.0
        )
        ratio = _log_ratio(inside.observed, inside.expected)
        bits = on_curve(CURVE, ratio - max(base, 0.0))
        bits = np.where((inside.days < FEWEST_DAYS) | (inside.expected < 1.0), 0.0, bits)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"{2 ** ratio[g]:.1f} times the coincidences of its rhythm",
                usual=f"{2**base:.1f} times",
                sentence=(
                    f"In windows of ten minutes, {int(inside.observed[g])} pairs of accounts were "
                    f"active together; their daily rhythm explains {inside.expected[g]:.0f}."
                ),
                sample_size=int(inside.observed[g]),
            )
            for g in range(groups.count)
        ]


def _sample(accounts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take accounts at even distances, so that the same ones come in any order of rows."""
    if accounts.size <= MOST_OTHERS:
        return accounts
    return accounts[np.arange(MOST_OTHERS) * accounts.size // MOST_OTHERS]


def _log_ratio(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """log2 of the ratio with five coincidences added to both, so that few prove little."""
    return np.asarray(np.log2((observed + 5.0) / (expected + 5.0)), dtype=np.float64)


MEMBER: Final = CoActivity()
