"""A group writes to detectors and filters, or asks for censorship-safe versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.phrases import PhraseReading, phrase_weights
from cautery.scan.weighing import Curve

CURVE: Final[Curve] = ((0.0, 0.0), (0.02, 0.3), (0.1, 1.5), (0.4, 2.5))
"""Share of the harvest that asks so, and bits; set by hand, see the signal's page."""


class Evasion:
    """Speaks for distillation when much of a group's harvest asks for one thing."""

    name: Final = "evasion"
    label: Final = "speaks to the detector"
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
            intents=("EVASION", "SENSITIVE_REWRITE"),
            curve=CURVE,
            sentence="speaks to a filter or asks for versions that pass one",
        )
        return phrase_weights(facts, groups, reading)


MEMBER: Final = Evasion()
