"""How long the answers are that a group collects: a student learns from long ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from ibis import _
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.questions import Question
from cautery.scan.weighing import Curve, on_curve, rounded

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CURVE: Final[Curve] = ((-3.0, -2.0), (-1.5, -1.0), (-0.5, -0.2), (0.0, 0.0), (1.0, 0.6), (2.0, 1.0))
"""log2 of the group's mean output tokens over the usual mean, and bits."""


class OutputValue:
    """Speaks against distillation when a group collects labels and short fields."""

    name: Final = "output_value"
    label: Final = "long answers"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "content"
    needs: Final = ("output_tokens",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: not tested here.
        """
        inside = groups.exchanges.filter(_.harvest & _.output_tokens.notnull()).group_by("group")
        mean, known = _means(inside.aggregate(**_COUNTS).to_pyarrow(), "group", groups.count)
        asked = Question(of="exchanges", where=_.output_tokens.notnull(), sums=_COUNTS)
        by_account, exchanges = _means(facts.answer(asked), "account", facts.account_count)
        outside = groups.group_of < 0
        total = int(exchanges[outside].sum())
        usual = float((by_account * exchanges)[outside].sum()) / max(total, 1)
        ratio = np.log2((mean + 1.0) / (usual + 1.0))
        bits = np.where((known > 0) & (usual > 0), on_curve(CURVE, ratio), 0.0)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"{mean[g]:.0f} tokens an answer",
                usual=f"{usual:.0f} tokens",
                sentence=f"Answers to the harvest hold {mean[g]:.0f} tokens on average.",
                sample_size=int(known[g]),
            )
            for g in range(groups.count)
        ]


_COUNTS: Final = {"tokens": _.output_tokens.sum().cast("int64"), "exchanges": _.count()}


def _means(found: Any, column: str, count: int) -> tuple[Floats, Integers]:
    """Mean output tokens of the exchanges that tell them, and their number."""
    mean, known = np.zeros(count), np.zeros(count, dtype=np.int64)
    places = found[column].to_numpy()
    known[places] = found["exchanges"].to_numpy()
    mean[places] = found["tokens"].to_numpy() / found["exchanges"].to_numpy()
    return mean, known


MEMBER: Final = OutputValue()
