"""One rare combination of client and request parameters on all accounts of a group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from ibis import _

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.questions import Question
from cautery.scan.weighing import percent, rounded

MOST_BITS: Final = 2.5
"""Weight if one combination fills the harvest and nobody else uses it."""


class ParameterFingerprint:
    """Speaks for one owner when the same client code speaks for all accounts."""

    name: Final = "parameter_fingerprint"
    label: Final = "same client and parameters"
    aspect: Final[Aspect] = "linkage"
    family: Final[Family] = "behaviour"
    needs: Final = ("max_tokens",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: not tested here.
        """
        outside, free = _holders_outside(facts, groups), int(np.sum(groups.group_of < 0))
        main = _main_styles(groups)
        return [
            self._weight(
                share=main[group].exchanges / max(main[group].total, 1),
                elsewhere=outside.get(main[group].style, 0) / max(free, 1),
                rarest=1.0 / max(free, 1),
                harvest=main[group].total,
            )
            for group in range(groups.count)
        ]

    def _weight(self, *, share: float, elsewhere: float, rarest: float, harvest: int) -> Weight:
        """Weigh the part of a group's harvest that has one style, by how rare that is elsewhere."""
        rarity = float(np.clip(-np.log2(elsewhere + rarest) / 8.0, 0.0, 1.0))
        return Weight(
            signal=self.name,
            label=self.label,
            aspect=self.aspect,
            family=self.family,
            bits=rounded(MOST_BITS * np.clip((share - 0.5) / 0.5, 0.0, 1.0) * rarity),
            observed=f"{percent(share)} with one combination",
            usual=f"{percent(elsewhere)} of other accounts use it",
            sentence=(
                f"{percent(share)} of the harvest comes from one combination of client and "
                f"parameters, which {percent(elsewhere)} of the other accounts use."
            ),
            sample_size=harvest,
        )


class _MainStyle(NamedTuple):
    """The style that most of a group's harvest has."""

    style: str = ""
    exchanges: int = 0
    total: int = 0
    """Exchanges of the harvest, of any style."""


def _holders_outside(facts: Facts, groups: Groups) -> dict[str, int]:
    """Count the accounts of no group that use each style."""
    population = facts.answer(
        Question(of="exchanges", by=("style",), sums={"exchanges": _.count()})
    )
    outside: dict[str, set[int]] = {}
    for style, account in zip(
        population["style"].to_pylist(), population["account"].to_pylist(), strict=True
    ):
        if groups.group_of[account] < 0:
            outside.setdefault(style, set()).add(account)
    return {style: len(accounts) for style, accounts in outside.items()}


def _main_styles(groups: Groups) -> list[_MainStyle]:
    """Find the style of each group; of two that are used as often, the later in the alphabet."""
    styles = (
        groups.exchanges.filter(_.harvest)
        .group_by(["group", "style"])
        .aggregate(exchanges=_.count())
        .to_pyarrow()
    )
    best = [(0, "")] * groups.count
    total = [0] * groups.count
    for group, style, exchanges in zip(
        *(styles[name].to_pylist() for name in ("group", "style", "exchanges")), strict=True
    ):
        total[group] += exchanges
        best[group] = max(best[group], (exchanges, style))
    return [
        _MainStyle(style, exchanges, harvest)
        for (exchanges, style), harvest in zip(best, total, strict=True)
    ]


MEMBER: Final = ParameterFingerprint()
