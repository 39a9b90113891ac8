from __future__ import annotations

import math

import pytest
from tests.watermark.fake_scheme import FakeScheme, key, marked_text, plan, unmarked_text

from cautery.errors import ConfigurationError
from cautery.records.detection import Verdict
from cautery.watermark.detection import detect, sufficient_tokens
from cautery.watermark.power import Effect
from cautery.watermark.scoring import Documents, score

KEYS = [key(number) for number in range(20)]


def test_a_marked_text_is_detected() -> None:
    """The right key is named, with its figures and a p-value corrected for all keys."""
    text = marked_text(KEYS[7], 250, seed=1)
    found = detect(plan(), "leak", text, KEYS)
    assert (found.verdict, found.key_id, found.keys_tested) == (Verdict.DETECTED, "key-7", 20)
    assert found.tokens == 250
    assert found.tokens_scored <= 248
    scores = score(plan(), text, [KEYS[7]])
    assert found.statistic == scores.statistics[0]
    wanted = plan().null.log10_upper_tail(float(scores.statistics[0]), int(scores.counts[0]))
    assert found.log10_p == wanted < -20
    assert found.log10_corrected_p == pytest.approx(wanted + math.log10(20))
    line = found.line()
    assert list(line) == [
        *("id", "verdict", "p_value", "log10_p", "statistic", "tokens", "tokens_scored"),
        *("key_id", "corrected_p_value", "keys_tested"),
    ]
    assert line["p_value"] == pytest.approx(10.0**wanted)
    assert line["verdict"] == "detected"


def test_an_unmarked_text_is_not_detected_once_it_is_long_enough() -> None:
    """Below the sufficient number of tokens it is too short, above it is not detected."""
    enough = sufficient_tokens(plan(), 20)
    assert enough is not None
    short = detect(plan(), "a", unmarked_text(enough // 2, seed=2, vocabulary=5_000), KEYS)
    assert short.verdict is Verdict.TOO_SHORT
    assert short.tokens_needed == enough
    assert str(enough) in short.reason
    long = detect(plan(), "b", unmarked_text(enough + 100, seed=2, vocabulary=5_000), KEYS)
    assert long.verdict is Verdict.NOT_DETECTED
    assert long.log10_corrected_p is not None
    assert long.log10_corrected_p <= 0.0


def test_a_long_text_of_repetitions_is_too_short() -> None:
    """What counts is what is new: ten thousand tokens of one sentence are one sentence."""
    text = list(range(12)) * 1_000
    found = detect(plan(), "loop", text, KEYS)
    assert (found.verdict, found.tokens, found.tokens_scored) == (Verdict.TOO_SHORT, 12_000, 12)


@pytest.mark.parametrize("text", [[], [3], [3, 4]])
def test_a_text_without_a_scored_token_is_too_short(text: list[int]) -> None:
    """It was looked at, and nothing of it counts."""
    found = detect(plan(), "tiny", text, KEYS)
    assert (found.verdict, found.log10_p, found.tokens_scored) == (Verdict.TOO_SHORT, 0.0, 0)


def test_a_text_without_tokens_is_not_tested() -> None:
    """No tokenizer, no test; and no figure that looks like a result."""
    found = detect(plan(), "text", None, KEYS)
    assert found.verdict is Verdict.NOT_TESTED
    assert found.line()["p_value"] is None
    assert found.line()["statistic"] is None
    assert found.reason


def test_without_keys_there_is_no_default() -> None:
    """A profile without a key is an error."""
    with pytest.raises(ConfigurationError, match="no key"):
        detect(plan(), "text", [1, 2, 3], [])


def test_more_tests_than_keys_weigh_on_the_p_value() -> None:
    """Profiles and epochs tested besides are corrected for; fewer tests than keys are not."""
    text = marked_text(KEYS[0], 100, seed=3)
    alone = detect(plan(), "a", text, KEYS)
    among = detect(plan(), "a", text, KEYS, tests=2_000)
    assert among.log10_corrected_p == pytest.approx((alone.log10_corrected_p or 0.0) + 2.0)
    assert detect(plan(), "a", text, KEYS, tests=1).keys_tested == 20


def test_a_mark_too_weak_for_any_length() -> None:
    """Where no text would suffice, the verdict is too short and says why."""
    nothing = Effect(mean=1.0, variance=1.0)
    found = detect(plan(), "a", unmarked_text(500, seed=4), KEYS, effect=nothing)
    assert (found.verdict, found.tokens_needed) == (Verdict.TOO_SHORT, None)
    assert "cannot be told" in found.reason


def test_the_second_copy_of_a_leak_proves_nothing_new() -> None:
    """With a memory of documents, a copy of a text that was scored scores nothing."""
    text, seen = marked_text(KEYS[1], 200, seed=5), Documents()
    assert detect(plan(), "a", text, KEYS, seen=seen).verdict is Verdict.DETECTED
    assert detect(plan(), "b", text, KEYS, seen=seen).tokens_scored == 0


def test_green_tokens_are_counted() -> None:
    """A binomial scheme goes through the same steps; its statistic is a whole number."""
    found = detect(plan(scheme=FakeScheme(green=True)), "a", unmarked_text(900, seed=6), KEYS)
    assert found.statistic is not None
    assert found.statistic == int(found.statistic)
