"""Several answers to one prompt: what rejection sampling and reinforcement learning collect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.account_permutations import permutation_p, relabellings
from cautery.scan.cohorts import cohorts_of
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.pool_rows import PoolRow, pool_weights
from cautery.scan.pool_samples import PoolSamples, pool_samples
from cautery.scan.weighing import percent

FEWEST_COPIES: Final = 4
"""Times that a prompt is sent before its answers count as samples: a retry or two is usual."""
DRAWS: Final = 99


class NBestSampling:
    """Says how much of a pool asks a prompt again and again at a temperature above zero."""

    name: Final = "n_best_sampling"
    label: Final = "several answers to one prompt"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "content"
    needs: Final = ("input_text",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: which of the group's and its cohort's accounts form the
            group is random.
        """
        samples = pool_samples(facts, groups)
        cohorts = cohorts_of(facts, groups)

        def judge(group: int) -> PoolRow:
            own, other, p_value = resampling(samples, group)
            return PoolRow(
                observed=percent(own),
                usual=f"{percent(other)} in {cohorts.words(group)}",
                sentence=(
                    f"{percent(own)} of the prompts at a temperature above zero are among those "
                    f"that the pool sent {FEWEST_COPIES} times or more."
                ),
                p_value=p_value,
            )

        return pool_weights(self, facts, groups, judge)


def resampling(samples: PoolSamples, group: int) -> tuple[float, float, float]:
    """Share of resampled prompts in a pool and in its cohort, and the p-value of the excess.

    Args:
        samples: Sampled pools.
        group: Number of a judged group.

    Returns:
        Both shares, and the chance of so much more if labels of accounts are random.
    """
    members, others = samples.members[group], samples.cohort[group]
    both = samples.prompts[np.concatenate([members, others])]
    _names, column = np.unique(both.indices, return_inverse=True)
    rows = np.repeat(np.arange(both.shape[0]), np.diff(both.indptr))
    sent = np.asarray(both.sum(axis=1)).ravel()
    # A prompt that all of them together did not send so often is none of those looked for.
    often = np.bincount(column, both.data)[column] >= FEWEST_COPIES
    rows, column, copies_of = rows[often], column[often], both.data[often]

    def share(inside: NDArray[np.bool_]) -> float:
        chosen = inside[rows]
        copies = np.bincount(column[chosen], copies_of[chosen])
        resampled = float(copies[copies >= FEWEST_COPIES].sum())
        return round(resampled / max(float(sent[inside].sum()), 1.0), 9)

    def excess(inside: NDArray[np.bool_]) -> float:
        return share(inside) - share(~inside)

    labels = np.arange(both.shape[0]) < members.size
    drawn = np.array([excess(one) for one in relabellings(members.size, others.size, DRAWS)])
    return share(labels), share(~labels), permutation_p(excess(labels), drawn)


MEMBER: Final = NBestSampling()
