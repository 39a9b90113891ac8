"""How much of a group moved to a new served model within a day of its release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from ibis import _
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.account_permutations import compare
from cautery.scan.cohorts import cohorts_of
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.questions import Question
from cautery.scan.weighing import Curve, on_curve, percent, rounded

WINDOW_SECONDS: Final = 86_400
"""The reported campaign moved about half its traffic within 24 hours (detection.md, section 1)."""
CURVE: Final[Curve] = ((-0.2, -0.5), (0.0, 0.0), (0.1, 0.3), (0.3, 1.5), (0.5, 2.5))
"""Group's share on the new model in the window less everybody else's share, and bits."""
FEWEST_EXCHANGES: Final = 20
"""Exchanges in the window under which a share is chance."""
USUAL_ACCOUNTS: Final = 5.0
"""Accounts with the usual share that are added to a group: a pool moves as one, and what one busy
member does is not its doing."""

MATCHED_ON: Final = ("agent", "organisation", "program")
"""Who one is decides when one moves; of finer cells too few accounts are active in one day."""


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
            One weight a group. Null of the p-value: which of the active accounts of the group and
            of its cohort form the group is random.
        """
        best = np.zeros(groups.count)
        count = np.zeros(groups.count, dtype=np.int64)
        shares = np.zeros(groups.count)
        usual = np.zeros(groups.count)
        chances: list[float | None] = [None] * groups.count
        seen = False
        for model, released_us in facts.releases:
            found = pivot(facts, groups, model, released_us // 1_000_000)
            group_share, exchanges, other = found.share, found.exchanges, found.other
            if exchanges.max(initial=0) < FEWEST_EXCHANGES or other is None:
                continue
            moved = found.accounts / (found.accounts + USUAL_ACCOUNTS)
            excess = np.where(exchanges >= FEWEST_EXCHANGES, (group_share - other) * moved, 0.0)
            better = (np.abs(excess) > np.abs(best)) | ~np.full(groups.count, seen)
            seen = True
            best = np.where(better, excess, best)
            shares, usual = np.where(better, group_share, shares), np.where(better, other, usual)
            count = np.where(better, exchanges, count)
            chances = [
                _chance(facts, groups, found, g) if better[g] else chances[g]
                for g in range(groups.count)
            ]
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
                    f"Within a day of its release the new served model had "
                    f"{percent(float(shares[g]))} of the exchanges of the group's accounts, each "
                    f"counted the same, and {percent(float(usual[g]))} of like accounts'."
                ),
                p_value=chances[g],
                sample_size=int(count[g]),
            )
            for g in range(groups.count)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pivot:
    """The day after a release."""

    share: NDArray[np.float64]
    """Mean over each group's active accounts of their share on the new model."""
    accounts: NDArray[np.int64]
    """Accounts of each group that were active."""
    exchanges: NDArray[np.int64]
    """Their exchanges."""
    other: NDArray[np.float64] | None
    """Mean share of each group's matched cohort; None if nobody outside of groups was active."""
    by_account: NDArray[np.float64]
    """Share of each account outside of groups on the new model, and of its harvest in one."""
    active: NDArray[np.bool_]
    """Accounts with exchanges on that day."""


def pivot(facts: Facts, groups: Groups, model: str, released_second: int) -> Pivot:
    """Share on a model in the day after its release, each active account counting the same.

    Args:
        facts: What the log says.
        groups: Candidate groups.
        model: Name of the new served model.
        released_second: Release in seconds since 1970.

    Returns:
        Shares of the groups' harvest and of their cohorts.
    """
    window = (_.second >= released_second) & (_.second < released_second + WINDOW_SECONDS)
    counts = {"exchanges": _.count(), "new": (_.model == model).sum().cast("int64")}
    harvested = groups.exchanges.filter(window & _.harvest).group_by("account")
    account, exchanges, share = _shares(harvested.aggregate(**counts).to_pyarrow())
    group = groups.group_of[account]
    active = np.bincount(group, minlength=groups.count)
    by_account = np.zeros(facts.account_count)
    known = np.zeros(facts.account_count, dtype=np.bool_)
    asked = Question(of="exchanges", where=window, sums=counts)
    rest, _exchanges, rest_share = _shares(facts.answer(asked))
    free = groups.group_of[rest] < 0
    by_account[rest[free]], known[rest[free]] = rest_share[free], True
    other = (
        cohorts_of(facts, groups, columns=MATCHED_ON).usual(by_account, known)
        if free.any()
        else None
    )
    by_account[account], known[account] = share, True
    return Pivot(
        share=np.bincount(group, share, groups.count) / np.maximum(active, 1),
        accounts=active.astype(np.int64),
        exchanges=np.bincount(group, exchanges, groups.count).astype(np.int64),
        other=other,
        by_account=by_account,
        active=known,
    )


def _chance(facts: Facts, groups: Groups, found: Pivot, group: int) -> float | None:
    """Chance that like accounts moved as much, None where too few exchanges tell."""
    if found.exchanges[group] < FEWEST_EXCHANGES:
        return None
    cohorts = cohorts_of(facts, groups, columns=MATCHED_ON)
    members = groups.members(group)
    members = cohorts.thinned(members[found.active[members]])
    others = cohorts.sample(group, members.size, found.active)
    shares = found.by_account[:, None]
    return compare(shares[members], shares[others], lambda one, two: (one - two)[:, 0])[1]


def _shares(
    found: Any,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Accounts in order, their exchanges and their share on a model."""
    order = np.argsort(found["account"].to_numpy())
    counts = found["exchanges"].to_numpy()[order]
    share = found["new"].fill_null(0).to_numpy()[order] / np.maximum(counts, 1)
    return found["account"].to_numpy()[order].astype(np.int64), counts, share


MEMBER: Final = ReleasePivot()
