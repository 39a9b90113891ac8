from __future__ import annotations

import math

import numpy as np
import pytest
from tests.watermark.fake_scheme import key, marked_text, plan, unmarked_text

from cautery.errors import ConfigurationError
from cautery.records.key import Key, Secret
from cautery.watermark.wrong_key_replay import (
    Replay,
    realised_false_positives,
    replay,
    wrong_keys,
)


def test_wrong_keys_are_such_as_the_scheme_takes() -> None:
    """Same seed, same keys; draws that the scheme refuses are drawn again."""
    drawn = wrong_keys(plan(), key(1), 200, seed=3)
    assert [one.value for one in drawn] == [one.value for one in wrong_keys(plan(), key(1), 200, 3)]
    assert len({one.value.reveal() for one in drawn}) == 200
    assert all(one.value.reveal()[0] < 128 for one in drawn)
    with pytest.raises(ConfigurationError):
        wrong_keys(plan(), Key(key_id="long", value=Secret(bytes(9))), 5, seed=1)


def test_a_marked_text_beats_every_wrong_key() -> None:
    """Where the law holds, the extrapolated p-value is near the law's, and never below it."""
    text = marked_text(key(5), 200, seed=1)
    found = replay(plan(), text, wrong_keys(plan(), key(5), 2_000, seed=2))
    law = plan().null.log10_upper_tail(300.0, 150)
    calibrated = found.calibrate(law)
    assert calibrated.at_least_as_lucky == 0
    assert calibrated.extrapolated
    assert law <= calibrated.log10_p <= 0.6 * law
    assert found.calibrate(0.0).log10_p == 0.0


def test_few_wrong_keys_do_not_extrapolate() -> None:
    """With 99 wrong keys the best that can be said is one in a hundred."""
    few = Replay(np.sort(np.log10(np.random.default_rng(1).random(99))))
    found = few.calibrate(-300.0)
    assert found.log10_p == pytest.approx(-2.0)
    assert not found.extrapolated


def test_calibration_repairs_a_text_without_removal() -> None:
    """Repetitions left in: at 1 % the law is wrong for a tenth of the keys, the rank for 1 %."""
    text = np.tile(unmarked_text(60, seed=3, vocabulary=2_000), 20)
    asked = plan("none")
    null = replay(asked, text, wrong_keys(asked, key(0), 1_000, seed=4))
    fresh = replay(asked, text, wrong_keys(asked, key(0), 1_000, seed=5))
    law = float((fresh.log10_p <= -2.0).mean())
    ranked = np.mean([null.calibrate(float(p)).log10_p <= -2.0 for p in fresh.log10_p])
    assert law > 0.1
    assert ranked < 0.025


def test_extrapolation_keeps_its_promise_on_a_heavy_tail() -> None:
    """Where luck is twice the law's, calibrated p-values below 1/m are still not too small."""
    generator = np.random.default_rng(6)
    null = Replay(np.sort(2.0 * np.log10(generator.random(1_000))))
    deep = 2.0 * np.log10(generator.random(2_000_000))
    hits = sum(null.calibrate(float(p)).log10_p <= -4.0 for p in deep[deep < -6.0])
    assert hits <= 2_000_000 * 1e-4 * 1.3


def test_table_of_realised_rates() -> None:
    """Rates, their intervals and what was promised, level by level."""
    uniform = np.sort(np.log10(np.random.default_rng(7).random(100_000)))
    rows = realised_false_positives([Replay(uniform[::2]), Replay(uniform[1::2])])
    assert [row.level for row in rows] == [1e-2, 1e-3, 1e-4]
    for row in rows:
        assert row.trials == 100_000
        assert row.low <= row.rate <= row.high
        assert 0.5 < row.times_nominal < 1.7
    (empty,) = realised_false_positives([Replay(np.full(10, -0.1))], levels=[0.01])
    assert (empty.rate, empty.low) == (0.0, 0.0)
    assert empty.high == pytest.approx(1.0 - 0.025 ** (1 / 10))
    assert realised_false_positives([])[0].trials == 0
    assert math.isclose(realised_false_positives([])[0].rate, 0.0)
