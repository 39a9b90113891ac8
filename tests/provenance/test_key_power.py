"""Power of a single key: never more is claimed of a clean sample than copies then show."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
import pytest
from benchmarks.ngram_models import Mark, Student, Whole, samples_of, training_data
from scipy import stats
from tests.provenance.student_cases import KGW, exposures_of, number_key, profile_of

from cautery.provenance.pooled_power import additions_of
from cautery.provenance.radioactive_evidence import evidence_of_keys
from cautery.provenance.radioactive_power import Lowest, Mixture, power_at
from cautery.provenance.radioactive_tests import (
    Tally,
    expectation_of,
    log10_chance_of,
    tallies_of,
)
from cautery.watermark.scoring import Plan
from cautery.watermark.verification import plan_of

GUMBEL_OF_ONE: Final = ("vllm-gumbel", (("context_width", 1),), 1)
ROWS: Final = 500
"""Training texts of a student, and texts that it is asked for."""
RUNS: Final = 12
LOG10_LEVEL: Final = -3.0


def tally(plan: Plan, texts: Whole, marked: Whole, width: int, seed: int) -> Tally:
    """Test what a student of some texts writes for the key of the marked ones."""
    written = samples_of(Student(texts, width).write(ROWS, seed))
    evidence = evidence_of_keys(plan, written, exposures_of(marked), [number_key(seed)])
    return tallies_of(list(evidence), {})[0]


@lru_cache(maxsize=4)
def claimed_and_shown(scheme: tuple[str, Any, int], share: float) -> tuple[float, float, int]:
    """Mean power that clean samples claim, that of the mixture alone, and copies that show."""
    name, given, width = scheme
    plan = plan_of(profile_of(name, given))
    claims, shown = [], 0
    for seed in range(RUNS):
        mark = Mark(name, given, (number_key(seed),), width)
        texts, marked = training_data(share, ROWS, mark, seed)
        plain, _ = training_data(0.0, ROWS, mark, seed + 5_000)
        clean = tally(plan, plain, marked, width, seed)
        expected, teacher, _ = expectation_of(plan, clean)
        asked = (len(clean.values), LOG10_LEVEL)
        claims.append(
            [
                power_at(plan.null, law, *asked, marked_share=share, memorisation=1.0)
                for law in (expected, Mixture(plan.null, teacher))
            ]
        )
        copy = tally(plan, texts, marked, width, seed)
        shown += log10_chance_of(plan, copy)[1] <= LOG10_LEVEL
    claimed, mixture = np.mean(claims, axis=0)
    return float(claimed), float(mixture), shown


def most_likely(shown: int) -> float:
    """Upper end of the 99.9 % interval (Clopper and Pearson) of the power that copies have."""
    return float(stats.binomtest(shown, RUNS).proportion_ci(0.999).high)


@pytest.mark.parametrize(
    ("scheme", "share"),
    [(GUMBEL_OF_ONE, 0.05), (GUMBEL_OF_ONE, 0.3), (KGW, 0.05)],
    ids=["Gumbel 5 %", "Gumbel 30 %", "KGW 5 %"],
)
def test_no_more_is_claimed_than_copies_show(scheme: tuple[str, Any, int], share: float) -> None:
    """The power claimed is at most what is likely of the copies that were seen to show."""
    claimed, _, shown = claimed_and_shown(scheme, share)
    assert claimed <= most_likely(shown)


def test_the_mixture_alone_would_claim_too_much() -> None:
    """Gumbel's one favoured token a context counts once: a mixture of pairs forgets that."""
    claimed, mixture, shown = claimed_and_shown(GUMBEL_OF_ONE, 0.05)
    assert claimed < most_likely(shown) < mixture


def test_a_curve_can_still_promise() -> None:
    """Enough marked text of green lists is said to show, and shows."""
    claimed, _, shown = claimed_and_shown(KGW, 0.1)
    assert claimed > 0.9
    assert shown == RUNS


def test_the_lower_of_two_is_taken_at_every_share() -> None:
    """Neither the mixture nor what would be added expects less than what is said."""
    name, given, width = KGW
    plan = plan_of(profile_of(name, given))
    mark = Mark(name, given, (number_key(1),), width)
    texts, marked = training_data(0.05, ROWS, mark, 1)
    one = tally(plan, texts, marked, width, 1)
    expected, teacher, measured = expectation_of(plan, one)
    both = Mixture(plan.null, teacher), additions_of(plan, one.members)
    assert measured
    assert isinstance(expected, Lowest)
    for part in (0.0, 0.01, 0.1, 1.0):
        assert expected.effect(part).mean == min(each.effect(part).mean for each in both)
