"""One rare combination of client and request parameters on all accounts of a group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

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
        styles = (
            groups.exchanges.filter(_.harvest)
            .group_by(["group", "style"])
            .aggregate(exchanges=_.count())
            .to_pyarrow()
        )
        population = facts.answer(
            Question(of="exchanges", by=("style",), sums={"exchanges": _.count()})
        )
        outside: dict[str, set[int]] = {}
        for style, account in zip(
            population["style"].to_pylist(), population["account"].to_pylist(), strict=True
        ):
            if groups.group_of[account] < 0:
                outside.setdefault(style, set()).add(account)
        free = max(int(np.sum(groups.group_of < 0)), 1)
        best: dict[int, tuple[int, str]] = {}
        total = np.zeros(groups.count, dtype=np.int64)
        for group, style, exchanges in zip(
            styles["group"].to_pylist(),
            styles["style"].to_pylist(),
            styles["exchanges"].to_pylist(),
            strict=True,
        ):
            total[group] += exchanges
            best[group] = max(best.get(group, (0, "")), (exchanges, style))
        weights = []
        for group in range(groups.count):
            exchanges, style = best.get(group, (0, ""))
            share = exchanges / max(int(total[group]), 1)
            elsewhere = len(outside.get(style, ())) / free
            rarity = float(np.clip(-np.log2(elsewhere + 1.0 / free) / 8.0, 0.0, 1.0))
            weights.append(
                Weight(
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
                    sample_size=int(total[group]),
                )
            )
        return weights


MEMBER: Final = ParameterFingerprint()
