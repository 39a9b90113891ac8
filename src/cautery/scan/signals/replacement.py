"""New accounts that join a group soon after one of its accounts was closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import MICROSECONDS_A_DAY, Facts
from cautery.scan.groups import Groups
from cautery.scan.weighing import Curve, on_curve, rounded

WINDOW_MICROSECONDS: Final = 3 * MICROSECONDS_A_DAY
"""Three days: reported pools show no gap when an account is banned."""
CURVE: Final[Curve] = ((0.0, 0.0), (1.0, 0.0), (2.0, 1.0), (4.0, 2.0))
"""New accounts after closures over those expected from the group's own rate, and bits."""
FEWEST_CLOSURES: Final = 4
"""Closures under which a replacement is chance: one event brings many sign-ups at once."""


class Replacement:
    """Speaks for one owner when closed accounts are replaced at once."""

    name: Final = "replacement"
    label: Final = "replaced after closure"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "behaviour"
    needs: Final = ("accounts.closed_at", "accounts.created_at")

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: sign-ups of the group fall evenly over the log.
        """
        created = facts.account_times("created_at")
        closed = facts.account_times("closed_at")
        # Only what happened during the log: elsewhere the two tables do not overlap.
        start, stop = int(facts.totals["first_us"].min()), int(facts.totals["last_us"].max())
        weights = []
        for group in range(groups.count):
            members = groups.members(group)
            inside = (closed[members] >= start) & (closed[members] <= stop)
            ends = np.sort(closed[members][inside])
            inside = (created[members] >= start) & (created[members] <= stop)
            births = np.sort(created[members][inside])
            ratio, followed, expected = replacement_ratio(ends, births, stop - start)
            bits = on_curve(CURVE, np.array([ratio]))[0] if ends.size >= FEWEST_CLOSURES else 0.0
            weights.append(
                Weight(
                    signal=self.name,
                    label=self.label,
                    aspect=self.aspect,
                    family=self.family,
                    bits=rounded(bits),
                    observed=f"{followed} sign-ups within 3 days of {ends.size} closures",
                    usual=f"{expected:.1f} by the group's own rate",
                    sentence=(
                        f"After {ends.size} closures, {followed} accounts of the group signed up "
                        f"within three days; its usual rate gives {expected:.1f}."
                    ),
                    sample_size=int(ends.size),
                )
            )
        return weights


def replacement_ratio(
    closures: NDArray[np.int64], births: NDArray[np.int64], span: int
) -> tuple[float, int, float]:
    """Compare sign-ups after closures with the group's own rate of sign-ups.

    Args:
        closures: Sorted times of closure in microseconds.
        births: Sorted times of sign-up in microseconds.
        span: Length of the time in which both were looked for, in microseconds.

    Returns:
        Ratio of observed to expected with one added to both, the observed count and the expected.
    """
    if closures.size == 0 or births.size == 0:
        return 1.0, 0, 0.0
    start = np.searchsorted(births, closures, side="right")
    stop = np.searchsorted(births, closures + WINDOW_MICROSECONDS, side="right")
    covered = np.zeros(births.size + 1, dtype=np.int64)
    np.add.at(covered, start, 1)
    np.add.at(covered, stop, -1)
    followed = int(np.count_nonzero(np.cumsum(covered)[:-1] > 0))
    merged = int(np.minimum(np.diff(closures), WINDOW_MICROSECONDS).sum()) + WINDOW_MICROSECONDS
    expected = births.size * min(merged / max(span, WINDOW_MICROSECONDS), 1.0)
    return (followed + 1.0) / (expected + 1.0), followed, expected


MEMBER: Final = Replacement()
