"""Rates of wrong keys: intervals for trials that hang together, and what is advised."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.watermark.fake_scheme import plan, unmarked_text

from cautery.errors import ConfigurationError, InputError
from cautery.records.key import Layer
from cautery.registry import SCHEMES
from cautery.watermark.calibration import Holds, calibrate_texts, drawn_keys, realised_rates
from cautery.watermark.deduplicate import Deduplicate
from cautery.watermark.scoring import Plan

GIVEN = {"hf-kgw": {"vocab_size": 500}}


def plan_of(scheme: str) -> Plan:
    """A plan with a scheme of the shelf and its engine's defaults."""
    member = SCHEMES.load(scheme)
    return Plan(
        scheme=member,
        parameters=member.parameters(GIVEN.get(scheme, {})),
        deduplicate=Deduplicate.CONTEXT_TOKEN,
        false_positive_rate=0.01,
    )


@pytest.mark.parametrize("name", SCHEMES.names())
def test_every_scheme_draws_wrong_keys(name: str) -> None:
    """Each scheme lays them out, all differ, and the same seed gives the same ones."""
    asked = plan_of(name.replace("_", "-"))
    keys = drawn_keys(asked, 30, seed=1)
    assert len({key.value.reveal() for key in keys}) == 30
    assert [key.value for key in keys] == [key.value for key in drawn_keys(asked, 30, seed=1)]
    assert {key.layer for key in keys} == {Layer.SHARED, Layer.ACCOUNT}
    for key in keys:
        asked.scheme.check_key(key, asked.parameters)


def test_independent_trials_have_the_exact_interval() -> None:
    """Without keys that are luckier than others it is near that of Clopper and Pearson."""
    draws = np.log10(np.random.default_rng(3).random((2_000, 20)))
    rate = realised_rates(draws)[0].realised
    exact = stats.binomtest(rate.false_positives, rate.trials).proportion_ci(method="exact")
    assert rate.low == pytest.approx(exact.low, rel=0.05)
    assert rate.high == pytest.approx(exact.high, rel=0.05)


def test_one_text_forty_times_is_one_trial_a_key() -> None:
    """Copies of a text neither narrow the interval nor make it seem that the rate fails."""
    once = np.log10(np.random.default_rng(4).random((1_000, 1)))
    alone = realised_rates(once)[0].realised
    copied = realised_rates(np.tile(once, (1, 40)))[0].realised
    assert copied.rate == alone.rate
    assert copied.low == pytest.approx(alone.low, rel=0.1)
    assert copied.high == pytest.approx(alone.high, rel=0.1)


def test_intervals_cover_the_true_rate() -> None:
    """Of 200 intervals for trials that share half their luck by key, 90 % or more cover 1 %."""
    generator = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        own = generator.normal(size=(400, 1))
        scores = np.sqrt(0.5) * own + np.sqrt(0.5) * generator.normal(size=(400, 12))
        chances = np.log10(stats.norm.sf(scores))
        found = realised_rates(chances)[0].realised
        covered += found.low <= 0.01 <= found.high
    assert covered >= 180


def test_a_rate_holds_fails_or_is_not_known() -> None:
    """A right law holds given many trials, twice the rate fails, and few trials say nothing."""
    uniform = np.random.default_rng(6).random((4_000, 10))
    assert realised_rates(np.log10(uniform))[0].holds is Holds.YES
    assert realised_rates(np.log10(uniform / 2.0))[0].holds is Holds.NO
    assert realised_rates(np.log10(uniform[:50]))[2].holds is Holds.UNKNOWN


def test_texts_that_nothing_is_scored_of() -> None:
    """They are no trials; if all are such there is no rate."""
    chances = np.array([[np.nan, -0.5], [np.nan, -3.5]])
    assert realised_rates(chances)[0].realised.trials == 2
    with pytest.raises(InputError):
        calibrate_texts(plan(), [np.array([1], dtype=np.int64)], 20, seed=0)
    with pytest.raises(ConfigurationError):
        calibrate_texts(plan(), [unmarked_text(30, seed=1)], 5, seed=0)


def test_a_self_hash_is_advised_to_remove_prf_inputs() -> None:
    """SBW's self-hash reads a minimum: on few different tokens only ``prf-input`` holds."""
    draw = np.random.default_rng(7)
    texts = [draw.integers(0, 8, 200).astype(np.int64) for _ in range(6)]
    asked = plan_of("vllm-sbw")
    report = calibrate_texts(asked, texts, 150, seed=2)
    assert report.own.fails
    assert report.advised is Deduplicate.PRF_INPUT
    assert report.own.tokens_scored > report.own.tokens_scored_across
