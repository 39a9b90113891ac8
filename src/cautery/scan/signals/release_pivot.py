"""How much of a group moved to a new served model within a day of its release."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from ibis import _
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.weighing import Curve, on_curve, percent, rounded

WINDOW_SECONDS: Final = 86_400
"""The reported campaign moved about half its traffic within 24 hours (detection.md, section 1)."""
CURVE: Final[Curve] = ((-0.2, -0.5), (0.0, 0.0), (0.1, 0.3), (0.3, 1.5), (0.5, 2.5))
"""Group's share on the new model in the window less everybody else's share, and bits."""
FEWEST_EXCHANGES: Final = 20
"""Exchanges in the window under which a share is chance."""


class ReleasePivot:
    """Speaks for distillation when a group jumps to a new model faster than others."""

    name: Final = "release_pivot"
    label: Final = "moved to a new served model at once"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "behaviour"
    needs: Final = ("releases", "request_model")

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: not tested here.
        """
        best = np.zeros(groups.count)
        count = np.zeros(groups.count, dtype=np.int64)
        shares = np.zeros(groups.count)
        usual = np.zeros(groups.count)
        seen = False
        for model, released_us in facts.releases:
            group_share, exchanges, other = pivot(facts, groups, model, released_us // 1_000_000)
            if exchanges.max(initial=0) < FEWEST_EXCHANGES or other is None:
                continue
            excess = np.where(exchanges >= FEWEST_EXCHANGES, group_share - other, 0.0)
            better = (np.abs(excess) > np.abs(best)) | ~np.full(groups.count, seen)
            seen = True
            best = np.where(better, excess, best)
            shares, usual = np.where(better, group_share, shares), np.where(better, other, usual)
            count = np.where(better, exchanges, count)
        bits = on_curve(CURVE, best)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"{percent(float(shares[g]))} within 24 h",
                usual=percent(float(usual[g])),
                sentence=(
                    f"{percent(float(shares[g]))} of the group's exchanges were on the new served "
                    f"model within a day of its release; of all others, {percent(float(usual[g]))}."
                ),
                sample_size=int(count[g]),
            )
            for g in range(groups.count)
        ]


def pivot(
    facts: Facts, groups: Groups, model: str, released_second: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], float | None]:
    """Share on a model in the day after its release, by group and for everybody else.

    Args:
        facts: What the log says.
        groups: Candidate groups.
        model: Name of the new served model.
        released_second: Release in seconds since 1970.

    Returns:
        Share by group, exchanges by group, and the share of accounts outside all groups (None if
        the log has none in the window).
    """
    window = (_.second >= released_second) & (_.second < released_second + WINDOW_SECONDS)
    found = (
        groups.exchanges.filter(window & _.harvest)
        .group_by("group")
        .aggregate(exchanges=_.count(), new=(_.model == model).sum().cast("int64"))
        .to_pyarrow()
    )
    exchanges = np.zeros(groups.count, dtype=np.int64)
    new = np.zeros(groups.count, dtype=np.int64)
    exchanges[found["group"].to_numpy()] = found["exchanges"].to_numpy()
    new[found["group"].to_numpy()] = found["new"].fill_null(0).to_numpy()
    outside = np.flatnonzero(groups.group_of < 0)
    rest = (
        facts.exchanges.filter(window)
        .group_by("account")
        .aggregate(exchanges=_.count(), new=(_.model == model).sum().cast("int64"))
        .to_pyarrow()
    )
    free = np.isin(rest["account"].to_numpy(), outside)
    total = int(rest["exchanges"].to_numpy()[free].sum())
    other = int(rest["new"].fill_null(0).to_numpy()[free].sum()) / total if total else None
    return new / np.maximum(exchanges, 1), exchanges, other


MEMBER: Final = ReleasePivot()
