"""A group asks for questions, instructions or rewrites, the raw material of a training set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.phrases import PhraseReading, phrase_weights
from cautery.scan.weighing import Curve

CURVE: Final[Curve] = ((0.0, -0.3), (0.03, 0.0), (0.15, 1.0), (0.4, 2.5), (0.8, 3.0))
"""Share of the harvest that asks so, and bits; set by hand, see the signal's page."""


class DataMaking:
    """Speaks for distillation when much of a group's harvest asks for one thing."""

    name: Final = "data_making"
    label: Final = "asks for training material"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "content"
    needs: Final = ("input_text",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups with their exchanges.

        Returns:
            One weight a group. Null of the p-value: the group asks as often as the rest.
        """
        reading = PhraseReading(
            signal=self.name,
            label=self.label,
            intents=("DATA_MAKING",),
            curve=CURVE,
            sentence="asks for questions, instructions or rewrites",
        )
        return phrase_weights(facts, groups, reading)


MEMBER: Final = DataMaking()
