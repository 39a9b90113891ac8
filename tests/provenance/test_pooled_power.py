"""Power of accounts together: what is claimed of a clean sample is what a copy then shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pytest
from benchmarks.ngram_models import samples_of
from numpy.typing import NDArray
from scipy import stats
from tests.provenance.student_cases import number_key, profile_of

from cautery.provenance.pooled_power import additions_of
from cautery.provenance.radioactive_evidence import evidence_of_keys
from cautery.provenance.radioactive_power import Mixture, power_at
from cautery.provenance.radioactive_tests import (
    Tally,
    expectation_of,
    log10_chance_of,
    tallies_of,
)
from cautery.provenance.suspect_material import Exposure
from cautery.records.key import Key
from cautery.watermark.exponentials import exponentials
from cautery.watermark.null_distributions import GreenCount
from cautery.watermark.positions import Positions
from cautery.watermark.scoring import Plan
from cautery.watermark.verification import plan_of

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]

WORDS: Final = 80
ACCOUNTS: Final = 10
LOG10_LEVEL: Final = -3.0
RUNS: Final = 60
GREEN: Final = ("vllm-sbw", (("scheme", "lefthash"), ("context_width", 1), ("gamma", 0.25)))
GUMBEL: Final = ("vllm-gumbel", (("context_width", 1),))
PAIRS: Final = Positions(
    index=np.arange(WORDS * WORDS),
    token=np.tile(np.arange(WORDS), WORDS),
    context=np.repeat(np.arange(WORDS), WORDS)[:, None],
)


def usual(seed: int) -> Floats:
    """Chances of each word after each, Zipf's law in another order for every context."""
    draw = np.random.default_rng(seed)
    chances = 1.0 / np.arange(1.0, WORDS + 1.0)
    rows = np.array([draw.permutation(chances) for _ in range(WORDS)])
    found: Floats = rows / rows.sum(axis=1, keepdims=True)
    return found


def marked(plan: Plan, key: Key, chances: Floats) -> Floats:
    """Chances under a key: green words are favoured, or the Gumbel trick's word is certain."""
    values = plan.scheme.values(PAIRS, key, plan.parameters).reshape(WORDS, WORDS)
    if isinstance(plan.null, GreenCount):
        favoured = chances * np.exp(3.0 * values)
        return np.asarray(favoured / favoured.sum(axis=1, keepdims=True))
    best = np.argmin(exponentials(np.exp(-values)) / chances, axis=1)
    certain: Floats = np.eye(WORDS)[best]
    return certain


def chains(chances: Floats, texts: int, length: int, draw: np.random.Generator) -> Whole:
    """Write texts, word after word."""
    sums = np.cumsum(chances, axis=1)
    rows = np.empty((texts, length), dtype=np.int64)
    rows[:, 0] = draw.integers(0, WORDS, texts)
    for place in range(1, length):
        luck = draw.random((texts, 1))
        rows[:, place] = (sums[rows[:, place - 1]] < luck).sum(axis=1).clip(0, WORDS - 1)
    return rows


def mixed(chances: Floats, harvest: Whole, share: float) -> Floats:
    """Chances of a copy: in contexts of the harvest, a share of its tokens is what stood there."""
    counts = np.zeros((WORDS, WORDS))
    np.add.at(counts, (harvest[:, :-1].ravel(), harvest[:, 1:].ravel()), 1.0)
    seen = counts.sum(axis=1, keepdims=True)
    part = np.where(seen > 0.0, share, 0.0)
    return np.asarray((1.0 - part) * chances + part * counts / np.maximum(seen, 1.0))


@dataclass(frozen=True)
class World:
    """Accounts with a key each, what they harvested, and samples of a clean model and a copy."""

    plan: Plan
    keys: list[Key]
    exposures: list[Exposure]
    clean: Whole
    copy: Whole

    def pool(self, rows: Whole) -> Tally:
        """Test a sample for all accounts together."""
        evidence = evidence_of_keys(self.plan, samples_of(rows), self.exposures, self.keys)
        return tallies_of(list(evidence), {key.account_id: "C-1" for key in self.keys})[-1]


def world(scheme: tuple[str, Any], share: float, seed: int) -> World:
    """Make one."""
    plan = plan_of(profile_of(*scheme))
    draw, chances = np.random.default_rng(seed), usual(seed)
    keys = [number_key(1_000 * seed + n, account_id=f"a{n}") for n in range(ACCOUNTS)]
    texts = [chains(marked(plan, key, chances), 2, 60, draw) for key in keys]
    exposures = [
        Exposure(tokens=row, account_id=key.account_id)
        for key, rows in zip(keys, texts, strict=True)
        for row in rows
    ]
    copy = mixed(chances, np.concatenate(texts), share)
    return World(
        plan=plan,
        keys=keys,
        exposures=exposures,
        clean=chains(chances, 30, 60, draw),
        copy=chains(copy, 30, 60, draw),
    )


def claimed_and_realised(scheme: tuple[str, Any], share: float) -> tuple[Floats, int, Floats]:
    """What clean samples claim, how many copies show, and what the whole share would claim."""
    claimed: list[float] = []
    wrong: list[float] = []
    shown = 0
    for seed in range(RUNS):
        one = world(scheme, share, seed)
        pool = one.pool(one.clean)
        expected, teacher, _ = expectation_of(one.plan, pool)
        asked = (len(pool.values), LOG10_LEVEL)
        for found, law in ((claimed, expected), (wrong, Mixture(one.plan.null, teacher))):
            power = power_at(one.plan.null, law, *asked, marked_share=share, memorisation=1.0)
            found.append(power)
        shown += log10_chance_of(one.plan, one.pool(one.copy))[1] <= LOG10_LEVEL
    return np.array(claimed), shown, np.array(wrong)


@pytest.mark.parametrize(
    ("scheme", "share"), [(GREEN, 0.2), (GUMBEL, 0.2)], ids=["green lists", "Gumbel"]
)
def test_power_of_accounts_together_keeps_its_word(scheme: tuple[str, Any], share: float) -> None:
    """The number of copies that show lies in the 99.9 % interval of what was claimed of them.

    The share of the pool, taken for each key's, would claim far too much.
    """
    claimed, shown, wrong = claimed_and_realised(scheme, share)
    low, high = stats.binom.interval(0.999, RUNS, claimed.mean())
    assert 0.1 < claimed.mean() < 0.9
    assert low <= shown <= high
    assert shown < stats.binom.interval(0.999, RUNS, wrong.mean())[0]


def test_what_the_sample_has_already_adds_nothing() -> None:
    """A copy that chose every pair of the harvest can show no more of them."""
    one = world(GREEN, 0.2, 1)
    harvest = np.array([exposure.tokens for exposure in one.exposures])
    pool = one.pool(np.concatenate([one.clean, harvest]))
    expected, _, measured = expectation_of(one.plan, pool)
    assert measured
    assert expected.effect(1.0).mean == expected.effect(0.0).mean == one.plan.null.mean


def test_without_answers_of_ours_each_key_has_its_part_of_the_share() -> None:
    """Ten keys of a pool of which nothing else is known marked a tenth of it each."""
    one = world(GREEN, 0.2, 1)
    evidence = list(evidence_of_keys(one.plan, samples_of(one.clean), (), one.keys))
    pool = tallies_of(evidence, {key.account_id: "C-1" for key in one.keys})[-1]
    expected, teacher, measured = expectation_of(one.plan, pool)
    alone, _, _ = expectation_of(one.plan, tallies_of(evidence, {})[0])
    assert not measured
    assert expected.effect(1.0) == alone.effect(0.1)
    assert alone.effect(1.0).mean == pytest.approx(teacher.mean)


def test_some_accounts_stand_for_many() -> None:
    """Looking at half of the accounts expects about what looking at all does."""
    one = world(GREEN, 0.2, 1)
    members = one.pool(one.clean).members
    whole, half = additions_of(one.plan, members), additions_of(one.plan, members, 600)
    assert 0 < len(half.gains) < len(whole.gains)
    gains = [each.effect(0.2).mean - one.plan.null.mean for each in (half, whole)]
    assert gains[0] == pytest.approx(gains[1], rel=0.3)
