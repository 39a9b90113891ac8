"""Fake signals: bits that a test says, under the name of a kind of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cautery.ports import Signal
from cautery.records.evidence import Aspect, Family, Weight


@dataclass(kw_only=True)
class FakeSignal:
    """Gives every group the bits that it was made with."""

    name: str
    bits: tuple[float, ...]
    label: str = "something"
    aspect: Aspect = "linkage"
    family: Family = "infrastructure"
    needs: tuple[str, ...] = ()
    observed: str = "what was seen"

    def measure(self, facts: Any, groups: Any) -> Sequence[Weight]:
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=value,
                observed=self.observed,
            )
            for value in self.bits
        ]


def fakes(payment: float, synchrony: float, templates: float, words: float) -> list[Signal]:
    """Make one signal of each kind of evidence, for a single group."""
    return [
        FakeSignal(name="shared_payment", bits=(payment,)),
        FakeSignal(name="co_activity", bits=(synchrony,), family="behaviour"),
        FakeSignal(
            name="repeated_templates",
            bits=(templates,),
            aspect="distillation",
            family="behaviour",
        ),
        FakeSignal(name="rubric_grading", bits=(words,), aspect="distillation", family="content"),
    ]
