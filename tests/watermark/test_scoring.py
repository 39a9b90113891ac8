from __future__ import annotations

import math

import numpy as np
import pytest
from tests.watermark.fake_scheme import FakeScheme, key, plan, unmarked_text

from cautery.errors import ConfigurationError
from cautery.watermark.scoring import Documents, best_first, log10_chances, score
from cautery.watermark.wrong_key_replay import wrong_keys


def test_chances_of_wrong_keys_are_uniform() -> None:
    """Five thousand keys on one ordinary text reach 1e-1, 1e-2 and 1e-3 as often as they should."""
    asked = plan("context-token")
    keys = wrong_keys(asked, key(0), 5_000, seed=1)
    scores = score(asked, unmarked_text(150, seed=2, vocabulary=2_000), keys)
    chances = log10_chances(asked.null, scores.statistics, scores.counts)
    for level in (0.1, 0.01, 0.001):
        hits = int((chances <= math.log10(level)).sum())
        assert abs(hits - 5_000 * level) <= 4.0 * math.sqrt(5_000 * level)


def test_a_repeated_paragraph_needs_removal() -> None:
    """The same paragraph twenty times: without removal a third of the keys pass at 1 %."""
    text = np.tile(unmarked_text(60, seed=3, vocabulary=2_000), 20)
    rates = {}
    for mode in ("none", "context", "context-token", "prf-input"):
        asked = plan(mode)
        keys = wrong_keys(asked, key(0), 1_000, seed=4)
        scores = score(asked, text, keys)
        chances = log10_chances(asked.null, scores.statistics, scores.counts)
        rates[mode] = float((chances <= -2.0).mean())
    assert rates["none"] > 0.1
    assert max(rates[mode] for mode in rates if mode != "none") < 0.02


def test_a_function_that_reads_less_needs_prf_input() -> None:
    """Where contexts share what the function reads, removing contexts is not enough."""
    scheme = FakeScheme(reads_context=False)
    text = unmarked_text(3_000, seed=5, vocabulary=60)
    rates = {}
    for mode in ("context-token", "prf-input"):
        asked = plan(mode, scheme=scheme)
        keys = wrong_keys(asked, key(0), 500, seed=6)
        scores = score(asked, text, keys)
        chances = log10_chances(asked.null, scores.statistics, scores.counts)
        rates[mode] = float((chances <= -2.0).mean())
    assert rates["context-token"] > 0.03
    assert rates["prf-input"] < 0.025


def test_a_template_counts_once_over_documents() -> None:
    """The second document with the same opening scores only what is new in it."""
    asked, seen = plan("context"), Documents()
    opening = np.arange(100)
    first = score(asked, opening, [key(1), key(2)], seen)
    longer = np.arange(150)
    second = score(asked, longer, [key(1), key(2)], seen)
    assert first.counts.tolist() == [98, 98]
    assert second.counts.tolist() == [50, 50]
    assert score(asked, longer, [key(1)]).counts.tolist() == [148]


def test_memories_are_bounded_in_number() -> None:
    """Thousands of keys that read different things over many documents are refused."""
    asked, seen = plan("prf-input"), Documents(capacity=100)
    keys = [key(number) for number in range(65)]
    with pytest.raises(ConfigurationError, match="deduplicate"):
        score(asked, unmarked_text(20, seed=1), keys, seen)


def test_the_front_runners_are_those_of_all() -> None:
    """Computing few tails finds the same best keys as computing all."""
    asked = plan("context")
    keys = wrong_keys(asked, key(0), 300, seed=9)
    scores = score(asked, unmarked_text(80, seed=10), keys)
    chances = log10_chances(asked.null, scores.statistics, scores.counts)
    found = best_first(asked.null, scores, 4)
    assert [place for place, _ in found] == np.argsort(chances, kind="stable")[:4].tolist()
    assert [chance for _, chance in found] == np.sort(chances)[:4].tolist()


def test_no_keys_no_scores() -> None:
    """A text under no key has no statistics."""
    scores = score(plan(), unmarked_text(10, seed=1), [])
    assert (scores.tokens, len(scores.statistics), len(scores.counts)) == (10, 0, 0)


@pytest.mark.parametrize("rate", [0.0, 1.0, -1.0, math.nan])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    """The promised rate must be a chance between 0 and 1."""
    with pytest.raises(ConfigurationError, match="false_positive_rate"):
        plan(rate=rate)
