"""Tests of a suspect for each key, for the pooled accounts of a campaign, and their controls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cautery.provenance.pooled_power import additions_of
from cautery.provenance.radioactive_evidence import LearnedPairs, effect_of, interval
from cautery.provenance.radioactive_power import Expectation, Lowest, Mixture
from cautery.records.probe import ControlKeys, KeyTest, Pool
from cautery.watermark.many_keys import unrepeated_statistics_of_keys
from cautery.watermark.power import expected_effect
from cautery.watermark.scoring import log10_chances
from cautery.watermark.wrong_key_replay import wrong_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cautery.watermark.power import Effect
    from cautery.watermark.scoring import Plan

CONTROL_SEED: Final = 20_261_129
LOG10_TWO: Final = math.log10(2.0)
LOG10_MARKED: Final = -2.0
"""Chance of our own marked text without the key, above which it does not seem to carry it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Values under one key, or under the keys of a pool, each with the key that it is of."""

    pool: Pool
    key_id: str
    epoch: str = ""
    account_id: str = ""
    campaign_id: str = ""
    keys: int = 1
    exposed_contexts: int | None
    values: NDArray[np.float64]
    teacher: NDArray[np.float64]
    log10_reference_p: float | None = None
    """Chance against a reference, of one key; None without one."""
    members: Sequence[LearnedPairs] = ()
    """Evidence of its keys."""

    @property
    def teacher_effect(self) -> Effect | None:
        """What the exposure shows; None if there is too little of it."""
        return effect_of(self.teacher)


def tallies_of(evidence: Sequence[LearnedPairs], campaigns: Mapping[str, str]) -> list[Tally]:
    """Turn evidence of keys into tests: one a key, and one for each campaign's accounts.

    The values of a pool are those of all its accounts' keys, each in the contexts of its own
    exposure. Keys are independent, so their sum has the law of one key with as many pairs.

    Args:
        evidence: One a key.
        campaigns: Campaign of each account, for accounts whose key does not name it.

    Returns:
        Keys in their order, then pools by campaign.
    """
    members: dict[str, list[LearnedPairs]] = {}
    found = []
    for one in evidence:
        found.append(_of_key(one))
        campaign = one.key.campaign_id or campaigns.get(one.key.account_id, "")
        if one.key.account_id and campaign:
            members.setdefault(campaign, []).append(one)
    pools = [_of_pool(name, members[name]) for name in sorted(members) if len(members[name]) > 1]
    return [*found, *pools]


def _of_key(one: LearnedPairs) -> Tally:
    key = one.key
    pool = Pool.CAMPAIGN if key.campaign_id else Pool.EPOCH
    return Tally(
        pool=Pool.ACCOUNT if key.account_id else pool,
        key_id=key.key_id,
        epoch=key.epoch,
        account_id=key.account_id,
        campaign_id=key.campaign_id,
        exposed_contexts=one.exposed_contexts,
        values=one.values,
        teacher=one.teacher,
        log10_reference_p=one.log10_reference_p,
        members=(one,),
    )


def _of_pool(campaign: str, members: Sequence[LearnedPairs]) -> Tally:
    contexts = [one.exposed_contexts for one in members if one.exposed_contexts is not None]
    return Tally(
        pool=Pool.CAMPAIGN_ACCOUNTS,
        key_id=campaign,
        campaign_id=campaign,
        keys=len(members),
        exposed_contexts=sum(contexts) if contexts else None,
        values=np.concatenate([one.values for one in members]),
        teacher=np.concatenate([one.teacher for one in members]),
        members=members,
    )


def expectation_of(plan: Plan, tally: Tally) -> tuple[Expectation, Effect, bool]:
    """Say what a pair of a copy is expected to show, by the marked share of its training data.

    Of a single key the lower of two countings, of a pool what its answers would add.

    Args:
        plan: Scheme and parameters.
        tally: The values.

    Returns:
        What is expected, what marked text shows, and whether that was measured on the exposure.
    """
    measured = tally.teacher_effect
    teacher = measured or expected_effect(plan.null, plan.parameters)
    mixture = Mixture(plan.null, teacher, keys=tally.keys)
    if measured is None:
        return mixture, teacher, False
    additions = additions_of(plan, tally.members)
    return additions if tally.keys > 1 else Lowest((mixture, additions)), teacher, True


def log10_chance_of(plan: Plan, tally: Tally) -> tuple[float, float]:
    """Statistic of a tally, and log10 of its chance in a suspect that never saw the key.

    Args:
        plan: Its scheme has the law.
        tally: The values.

    Returns:
        The two; a chance of 1 for no pair. With a reference there are two chances, and twice the
        smaller counts (Bonferroni).
    """
    statistic = plan.null.statistic(tally.values)
    if not len(tally.values):
        return statistic, 0.0
    log10_p = plan.null.log10_upper_tail(statistic, len(tally.values))
    if tally.log10_reference_p is None:
        return statistic, log10_p
    return statistic, min(min(log10_p, tally.log10_reference_p) + LOG10_TWO, 0.0)


def teacher_of(plan: Plan, tally: Tally) -> tuple[Effect | None, bool]:
    """Say what our own text shows, and whether it seems to carry the key at all.

    Args:
        plan: Its scheme has the law.
        tally: The values.

    Returns:
        Its effect, None if there is too little of it; and whether it shows the mark.
    """
    effect = tally.teacher_effect
    if effect is None:
        return None, False
    statistic = plan.null.statistic(tally.teacher)
    log10_p = plan.null.log10_upper_tail(statistic, len(tally.teacher))
    return effect, log10_p <= LOG10_MARKED


def key_test(
    plan: Plan, profile: str, tally: Tally, log10_corrected_p: float, log10_level: float
) -> KeyTest:
    """Write a tally down as a test of the report.

    Args:
        plan: Its scheme has the law.
        profile: The profile's name.
        tally: The values.
        log10_corrected_p: After Holm's correction.
        log10_level: Largest corrected chance that counts.

    Returns:
        The test.
    """
    statistic, log10_p = log10_chance_of(plan, tally)
    mean, low, high = interval(tally.values, plan.null.variance)
    teacher, marked = teacher_of(plan, tally)
    gap = teacher.mean - plan.null.mean if teacher and marked else 0.0
    return KeyTest(
        profile=profile,
        pool=tally.pool,
        key_id=tally.key_id,
        epoch=tally.epoch,
        account_id=tally.account_id,
        campaign_id=tally.campaign_id,
        keys=tally.keys,
        exposed_contexts=tally.exposed_contexts,
        pairs_scored=len(tally.values),
        statistic=statistic,
        log10_p=log10_p,
        log10_corrected_p=log10_corrected_p,
        detected=log10_corrected_p <= log10_level,
        mean=mean,
        mean_low=low,
        mean_high=high,
        null_mean=plan.null.mean,
        teacher_mean=teacher.mean if teacher else None,
        log10_reference_p=tally.log10_reference_p,
        inherited=(mean - plan.null.mean) / gap if gap > 0.0 and len(tally.values) else None,
    )


def control_chances(plan: Plan, one: LearnedPairs, count: int) -> NDArray[np.float64]:
    """Chances of keys that marked nothing, on the pairs of a key.

    Args:
        plan: Scheme and parameters.
        one: The key's evidence.
        count: Control keys to draw, always the same ones.

    Returns:
        log10 of their chances, shape (count,).
    """
    drawn = wrong_keys(plan, one.key, count, CONTROL_SEED)
    statistics, counts = unrepeated_statistics_of_keys(
        plan.scheme, one.pairs, drawn, plan.parameters
    )
    return log10_chances(plan.null, statistics, counts)


def controls_of(
    plan: Plan, profile: str, evidence: Iterable[LearnedPairs], count: int
) -> ControlKeys | None:
    """Set control keys beside the likeliest key of a profile.

    Args:
        plan: Scheme and parameters.
        profile: The profile's name.
        evidence: Of its keys.
        count: Control keys.

    Returns:
        What they find; None if no key has a pair, or no control is asked for.
    """
    from scipy.stats import kstest  # half a second of import, for reports alone

    chances = [
        (plan.null.log10_upper_tail(plan.null.statistic(one.values), len(one.values)), place, one)
        for place, one in enumerate(evidence)
        if len(one.values)
    ]
    if not chances or not count:
        return None
    log10_p, _, best = min(chances, key=lambda entry: entry[:2])
    control = control_chances(plan, best, count)
    return ControlKeys(
        profile=profile,
        key_id=best.key.key_id,
        keys=count,
        at_least_as_lucky=int((control <= log10_p).sum()),
        log10_smallest_p=float(control.min()),
        # One-sided: a discrete law gives chances that are too large, never too small.
        uniform_p=float(kstest(10.0**control, "uniform", alternative="greater").pvalue),
    )
