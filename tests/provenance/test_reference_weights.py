"""Weights against an unmarked reference: what they add to the plain test, and their null."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.ngram_models import VOCABULARY, Student, Whole, samples_of, teacher, training_data
from benchmarks.radioactivity_cases import mark_of, number_key, plan_of
from scipy.stats import kstest
from tests.provenance.student_cases import examined, exposures_of, profile_of

from cautery.provenance.learned_pairs import unrepeated_pairs
from cautery.provenance.radioactive_evidence import evidence_of_keys
from cautery.provenance.reference_weights import PARTS, weigh
from cautery.provenance.suspect_material import Exposure
from cautery.watermark.positions import Positions

WEAK = "KGW, bias 2"
KGW_GIVEN = (("vocab_size", VOCABULARY), ("bias", 2.0))


def pairs_of(rows: list[tuple[int, int]]) -> Positions:
    """Pairs of a context of one token and a token."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return Positions(index=np.arange(len(table)), token=table[:, 1], context=table[:, :1])


def weak_attack(seed: int) -> tuple[Whole, Whole]:
    """What a student wrote that was fed 5 % of a weak mark, and the marked text."""
    mark = mark_of(WEAK, number_key(1000 + seed))
    texts, marked = training_data(0.05, 2_000, mark, seed)
    return Student(texts, 1).write(2_000, seed), marked


def test_weights_are_excesses() -> None:
    """Chosen oftener than expected counts for a key, less often against it, both bounded."""
    chosen = pairs_of([(1, 5)] * 3 + [(1, 6)] + [(2, 7)] * 2)
    usual = pairs_of([(1, 5)] + [(1, 8)] * 3 + [(9, 9)] * 5)
    found = weigh(chosen, usual)
    weights = {
        (int(context[0]), int(token)): weight / PARTS
        for context, token, weight in zip(
            found.pairs.context, found.pairs.token, found.weights.tolist(), strict=True
        )
    }
    assert weights[1, 5] == pytest.approx((3 - 1) / 1.1, abs=0.126)
    assert weights[1, 6] == 1.0
    assert weights[1, 8] == pytest.approx(-3 / 1.3, abs=0.126)
    assert weights[2, 7] == 1.0  # a context that the reference never has: as in the plain test
    assert weights[9, 9] == 0.0  # and one that the suspect never has
    many = weigh(pairs_of([(1, 5)] * 500 + [(1, 6)]), pairs_of([(1, 6)] * 900))
    assert sorted(many.weights.tolist()) == [-8 * PARTS, 8 * PARTS]
    assert not len(weigh(pairs_of([]), pairs_of([])).weights)


@pytest.mark.parametrize("seed", [1, 3])
def test_a_reference_shows_a_weak_mark(seed: int) -> None:
    """KGW with Hugging Face's bias, 5 % marked: plain chances above 1e-7, with it below 1e-12."""
    written, marked = weak_attack(seed)
    key, profile = number_key(1000 + seed), profile_of("hf-kgw", KGW_GIVEN)
    exposures = exposures_of(marked)
    (plain,) = examined(profile, [key], written, exposures).key_tests
    reference = (exposures_of(teacher().write(2_000, 4_000 + seed)),)
    (test,) = examined(profile, [key], written, exposures, references=reference).key_tests
    assert plain.log10_reference_p is None
    assert plain.log10_p > -7.0
    assert test.log10_reference_p is not None
    assert test.log10_p == pytest.approx(test.log10_reference_p + np.log10(2.0))
    assert test.log10_p < -12.0
    assert test.detected


def test_wrong_keys_stay_uniform() -> None:
    """On a student that learned a mark, keys that marked nothing have uniform chances."""
    written, marked = weak_attack(1)
    mark = mark_of(WEAK, number_key(1))
    plan = plan_of(mark.scheme, mark.parameters)
    reference = [Exposure(tokens=row) for row in teacher().write(1_000, 77)]
    keys = [number_key(n) for n in range(5_000, 5_060)]
    found = evidence_of_keys(plan, samples_of(written[:300]), exposures_of(marked), keys, reference)
    chances = 10.0 ** np.array([one.log10_reference_p for one in found], dtype=np.float64)
    # One-sided: a green list of fixed size makes sums less spread than the law has it.
    assert kstest(chances, "uniform", alternative="greater").pvalue > 0.01


def test_gumbel_schemes_have_no_such_test() -> None:
    """Their values are no yes or no; the plain test stands."""
    rows = teacher().write(50, 1)
    profile = profile_of("vllm-gumbel", (("context_width", 2),))
    report = examined(profile, [number_key(1)], rows, references=(exposures_of(rows),))
    assert report.key_tests[0].log10_reference_p is None


def test_pairs_count_once() -> None:
    """Repetitions are left out by the plain test alone."""
    assert len(unrepeated_pairs(pairs_of([(1, 5)] * 3 + [(1, 6)]))) == 2
