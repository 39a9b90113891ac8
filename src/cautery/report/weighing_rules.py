"""How rows of a waterfall become chances: what a replay asks of the rules that it is given.

The scan has the rules and stands apart from reports, so whoever calls hands them in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cautery.report.figures import tenths
from cautery.report.waterfall import probability_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.records.evidence import Weight


class GroupVerdict(Protocol):
    """What rules say of a group."""

    @property
    def weights(self) -> tuple[Weight, ...]:
        """Its rows, with prior and limits."""

    @property
    def bits(self) -> float:
        """Their sum."""

    @property
    def probability(self) -> float:
        """Chance that it is an unpermitted campaign."""

    @property
    def linked_probability(self) -> float | None:
        """Chance of one operator; None if the rules cannot tell."""

    @property
    def distillation_probability(self) -> float | None:
        """Chance of distillation; likewise."""


class WeighingRules(Protocol):
    """How rows become chances, as ``cautery.scan.reweighing`` says it."""

    version: str
    """Version of the weights."""

    def group(self, weights: Sequence[Weight]) -> GroupVerdict:
        """Judge a group by its rows."""

    def member(
        self, weights: Sequence[Weight], account_stability: float | None, stability: float | None
    ) -> tuple[tuple[Weight, ...], float]:
        """Judge an account's membership by its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Added:
    weights: tuple[Weight, ...]
    bits: float
    probability: float
    linked_probability: float | None = None
    distillation_probability: float | None = None


class AddedUp:
    """Rules for a case of other weights: its rows are added up as they stand, limits and all.

    Args:
        version: Version of the case's weights.
    """

    def __init__(self, version: str) -> None:
        self.version = version

    def group(self, weights: Sequence[Weight]) -> GroupVerdict:
        """Add up the rows of a group."""
        bits = sum(tenths(weight.bits) for weight in weights) / 10
        return _Added(weights=tuple(weights), bits=bits, probability=round(probability_of(bits), 6))

    def member(
        self, weights: Sequence[Weight], account_stability: float | None, stability: float | None
    ) -> tuple[tuple[Weight, ...], float]:
        """Add up the rows of a member."""
        bits = sum(tenths(weight.bits) for weight in weights) / 10
        return tuple(weights), round(probability_of(bits), 6)
