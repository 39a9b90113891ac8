"""Waterfall rows of signals that judge a pool as a whole, beside its matched cohort."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cautery.records.evidence import Weight
from cautery.scan.pool_samples import FEWEST_EXCHANGES, pool_samples
from cautery.scan.weighing import rounded

if TYPE_CHECKING:
    from cautery.scan.facts import Facts
    from cautery.scan.groups import Groups


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow:
    """What a signal found of one pool."""

    observed: str
    usual: str
    sentence: str
    p_value: float | None = None
    bits: float = 0.0


NOT_JUDGED: Final = PoolRow(
    observed="not looked at",
    usual="no cohort",
    sentence=f"Pools of under {FEWEST_EXCHANGES:,} exchanges are not judged as a whole.",
)


def pool_weights(
    signal: Any, facts: Facts, groups: Groups, judge: Callable[[int], PoolRow]
) -> Sequence[Weight]:
    """Give every group its row: what was found of sampled pools, and why others have nothing.

    Args:
        signal: The signal of the shelf whose rows they are.
        facts: What the log says; it must have prompts.
        groups: Candidate groups.
        judge: Judges the pool of one group, given its number.

    Returns:
        One weight a group, in order.
    """
    sampled = pool_samples(facts, groups).members
    weights = []
    for group in range(groups.count):
        row = judge(group) if group in sampled else NOT_JUDGED
        weights.append(
            Weight(
                signal=signal.name,
                label=signal.label,
                aspect=signal.aspect,
                family=signal.family,
                bits=rounded(row.bits),
                observed=row.observed,
                usual=row.usual,
                sentence=row.sentence,
                p_value=row.p_value,
                sample_size=int(groups.sizes[group]),
            )
        )
    return weights
