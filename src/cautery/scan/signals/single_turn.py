"""Exchanges without any earlier turn: training pairs are asked for, not talked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from ibis import _

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.harvest import count_where
from cautery.scan.null_models import binomial_p
from cautery.scan.phrases import usual_share
from cautery.scan.weighing import Curve, above_usual, on_curve, percent, rounded, shrunk_share

CURVE: Final[Curve] = ((0.0, -2.5), (0.4, -1.0), (0.7, 0.0), (0.9, 0.8), (0.98, 1.5))
"""Share of the harvest without an earlier turn, and bits."""


class SingleTurn:
    """Speaks for distillation when nobody reacts to answers."""

    name: Final = "single_turn"
    label: Final = "single-turn share"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "content"
    needs: Final = ("message_count",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: the group is like the rest of the log.
        """
        usual = usual_share(facts, groups, _.single_turn)
        known, held = count_where(groups.exchanges, _.single_turn, groups.count)
        share = shrunk_share(held.astype(float), known.astype(float), usual)
        bits = np.where(known > 0, above_usual(on_curve(CURVE, share), share, usual), 0.0)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=percent(held[g] / max(known[g], 1)),
                usual=f"{percent(usual)} of an account's exchanges",
                sentence=(
                    f"{percent(held[g] / max(known[g], 1))} of the harvest has no earlier turn."
                ),
                p_value=binomial_p(int(held[g]), int(known[g]), min(max(usual, 1e-6), 1.0)),
                sample_size=int(known[g]),
            )
            for g in range(groups.count)
        ]


MEMBER: Final = SingleTurn()
