"""Accounts that each carry many projects and kinds of work, as the traffic of others' users is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.account_habits import account_habits
from cautery.scan.account_permutations import compare
from cautery.scan.cohorts import cohorts_of
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.pool_samples import judged_groups
from cautery.scan.questions import SYSTEM_PROMPTS
from cautery.scan.weighing import rounded

Floats = NDArray[np.float64]


class ForwardedMix:
    """Says whether each account carries more kinds of work than customers of its kind do."""

    name: Final = "forwarded_mix"
    label: Final = "many projects in each account"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "behaviour"
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
        work = effective_number(account_habits(facts, groups).capabilities)
        projects = system_prompts(facts)
        kinds = np.log2(work) + np.log2(projects)
        cohorts = cohorts_of(facts, groups)
        usual = cohorts.usual(kinds)
        large = set(judged_groups(facts, groups).tolist())
        weights = []
        for group in range(groups.count):
            members = groups.members(group)
            p_value = None
            if group in large:
                known = cohorts.thinned(members)
                others = cohorts.sample(group, known.size)
                p_value = compare(
                    kinds[known][:, None],
                    kinds[others][:, None],
                    lambda first, second: (first - second)[:, 0],
                )[1]
            own = float(kinds[members].mean())
            weights.append(
                Weight(
                    signal=self.name,
                    label=self.label,
                    aspect=self.aspect,
                    family=self.family,
                    bits=0.0,
                    observed=f"{rounded(2**own)} kinds of work an account",
                    usual=f"{rounded(2 ** usual[group])} in {cohorts.words(group)}",
                    sentence=(
                        f"An account does {rounded(2**own)} kinds of work on average, told by "
                        "system prompts and capabilities."
                    ),
                    p_value=p_value,
                    sample_size=int(members.size),
                )
            )
        return weights


def effective_number(shares: Floats) -> Floats:
    """Effective number of classes of each row (Hill number of order two).

    Args:
        shares: Rows that add up to one, or of zeros.

    Returns:
        Inverse Simpson index, at least 1.

    Example:
        >>> effective_number(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist()
        [2.0, 1.0]
    """
    squares = (shares**2).sum(axis=1)
    return np.where(squares > 0, 1.0 / np.maximum(squares, 1e-12), 1.0)


def system_prompts(facts: Facts) -> Floats:
    """Effective number of system prompts of each account, none counting as one.

    Args:
        facts: What the log says.

    Returns:
        Inverse Simpson index by account, at least 1.
    """
    found = facts.answer(SYSTEM_PROMPTS).sort_by(
        [("account", "ascending"), ("system_hash", "ascending")]
    )
    account, held = found["account"].to_numpy(), found["exchanges"].to_numpy().astype(np.float64)
    count, total = facts.account_count, np.maximum(facts.totals["exchanges"], 1)
    squares = np.bincount(account, (held / total[account]) ** 2, count)
    prompted = np.bincount(account, held / total[account], count)
    squares = squares + np.clip(1.0 - prompted, 0.0, 1.0) ** 2
    return np.asarray(np.round(1.0 / np.maximum(squares, 1e-12), 9), dtype=np.float64)


MEMBER: Final = ForwardedMix()
