"""Checks for markers: exact under the null, one campaign named, few markers say little."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom

from cautery.errors import ConfigurationError
from cautery.provenance.marker_checks import check, wrong_keys
from cautery.records.key import Secret
from cautery.watermark.markers import Marker, PlantedMarker, choice_of

KEY = Secret(bytes(range(32)))
CHOICES = ("alpha phrase", "beta phrase", "gamma phrase", "delta phrase")


def markers(count: int, choices: int = 4) -> list[Marker]:
    """Markers on different questions."""
    return [
        Marker(marker_id=f"m{n}", words=(f"topic{n}.",), choices=CHOICES[:choices])
        for n in range(count)
    ]


def planted(campaigns: int, given: list[Marker]) -> list[PlantedMarker]:
    """Every campaign is given every marker."""
    return [
        PlantedMarker(campaign_id=f"C-{n}", marker=one) for n in range(campaigns) for one in given
    ]


def copied(campaign_id: str, given: list[Marker], part: float, seed: int) -> list[tuple[str, str]]:
    """Answers of a suspect that repeats a campaign's phrases on a part of the markers."""
    draw = np.random.default_rng(seed)
    answers = []
    for one in given:
        own = draw.random() < part
        place = choice_of(KEY, campaign_id, one) if own else int(draw.integers(len(one.choices)))
        answers.append((f"About {one.words[0]}", f"Well. {one.choices[place]}"))
    return answers


def test_the_campaign_whose_answers_were_learned_is_named() -> None:
    """Of ten campaigns, from 40 markers of which half were repeated."""
    given = markers(40)
    tests = check(planted(10, given), KEY, copied("C-3", given, 0.5, 1))
    assert [test.campaign_id for test in tests if test.detected] == ["C-3"]
    first = tests[0]
    assert (first.markers, first.counted, first.expected) == (40, 40, 10.0)
    assert first.log10_p == pytest.approx(binom.logsf(first.hits - 1, 40, 0.25) / math.log(10))


def test_a_suspect_with_favourites_is_not_accused() -> None:
    """It always says the same; the key's draw alone makes the null: level kept in 600 campaigns."""
    given = markers(12)
    answers = [(f"On {one.words[0]}", one.choices[0]) for one in given]
    tests = check(planted(600, given), KEY, answers)
    assert not any(test.detected for test in tests)
    for level in (0.05, 0.2):
        count = sum(10**test.log10_p <= level for test in tests)
        assert binom.sf(count - 1, len(tests), level) > 0.01
    hits = [test.hits for test in tests]
    assert abs(np.mean(hits) - 3.0) < 0.25  # four deviations of the mean


def test_unequal_choices_are_exact() -> None:
    """With 2, 3 and 4 choices the tail is that of all outcomes, summed one by one."""
    given = [
        Marker(marker_id=f"m{k}", words=(f"topic{k}.",), choices=CHOICES[:k]) for k in (2, 3, 4)
    ]
    (test,) = check(planted(1, given), KEY, copied("C-0", given, 1.0, 1))
    assert (test.hits, test.log10_smallest) == (3, test.log10_p)
    assert 10**test.log10_p == pytest.approx(1 / 24)
    answers = copied("C-0", given, 1.0, 1)
    wrong = next(one for one in given[2].choices if one not in answers[2][1])
    (test,) = check(planted(1, given), KEY, [*answers[:2], (answers[2][0], wrong)])
    shares = (1 / 2, 1 / 3, 1 / 4)
    wanted = sum(
        math.prod(share if hit else 1 - share for share, hit in zip(shares, outcome, strict=True))
        for outcome in itertools.product((0, 1), repeat=3)
        if sum(outcome) >= 2
    )
    assert test.hits == 2
    assert 10**test.log10_p == pytest.approx(wanted)


def test_a_marker_counts_once() -> None:
    """By what was said most often; a tie, an empty answer and another question say nothing."""
    (one,) = markers(1)
    question = f"On {one.words[0]}"
    said = one.choices[choice_of(KEY, "C-0", one)]
    other = next(choice for choice in one.choices if choice != said)
    (test,) = check(planted(1, [one]), KEY, [(question, said), (question, said), (question, other)])
    assert (test.counted, test.hits) == (1, 1)
    for answers in ([(question, said), (question, other)], [(question, "")], [("?", said)], []):
        (test,) = check(planted(1, [one]), KEY, answers)
        assert (test.counted, test.hits, test.log10_p, test.detected) == (0, 0, 0.0, False)


def test_what_would_show_is_said() -> None:
    """The share that a copy must repeat, checked by binomial laws; none if all are too few."""
    given = markers(40)
    (test,) = check(planted(1, given), KEY, copied("C-0", given, 0.0, 2))
    least = next(hits for hits in range(41) if binom.sf(hits - 1, 40, 0.25) <= 1e-3)
    share = test.share_needed
    assert share is not None
    assert binom.sf(least - 1, 40, share + (1 - share) / 4) == pytest.approx(0.9, abs=1e-4)
    few = markers(4)
    (test,) = check(planted(1, few), KEY, copied("C-0", few, 1.0, 2))
    assert (test.share_needed, test.hits, test.detected) == (None, 4, False)


def test_wrong_keys_accuse_no_more_than_the_level() -> None:
    """On answers that repeat a campaign's phrases, keys that drew nothing keep to the level."""
    given = markers(30)
    answers = copied("C-3", given, 1.0, 1)
    found = wrong_keys(planted(5, given), answers, 0.1, 5)
    assert found.keys == 50_000 // 150
    assert binom.sf(found.accusing - 1, found.keys, 0.1) > 0.001
    assert 0 < found.accusing == pytest.approx(found.rate * found.keys)
    assert found.rate_low < found.rate < found.rate_high
    nothing = wrong_keys(planted(5, given), [], 0.1, 5)
    assert (nothing.keys, nothing.accusing) == (1_000, 0)
    assert wrong_keys(planted(100, given), answers, 0.1, 5).keys == 20


def test_what_cannot_be_checked_is_refused() -> None:
    """No marker, and a level that is none."""
    with pytest.raises(ConfigurationError, match="no marker"):
        check([], KEY, [])
    with pytest.raises(ConfigurationError, match="between 0 and 1"):
        check(planted(1, markers(1)), KEY, [], level=math.nan)
