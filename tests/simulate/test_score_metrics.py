"""The measures of agreement, calibration and bounds: hand-computed values and properties."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.simulate.score_metrics import (
    adjusted_rand_index,
    b_cubed,
    calibration,
    upper_bound,
    wilson_interval,
)

GROUPINGS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)


def test_adjusted_rand_index_matches_a_hand_computed_table() -> None:
    """Cells 2, 1, 1, 2 of six items: index 2, expected 6 * 6 / 15 = 2.4, maximum 6."""
    assert adjusted_rand_index("aaabbb", "xxyxyy") == pytest.approx((2 - 2.4) / (6 - 2.4))


def test_b_cubed_matches_a_hand_computed_table() -> None:
    """Amigo's definition on five items: precision 11/15, recall 4/5."""
    result = b_cubed("aaabb", "xxxxy")
    assert result.precision == pytest.approx((3 * 3 / 4 + 1 / 4 + 1) / 5)
    assert result.recall == pytest.approx((3 * 1 + 0.5 + 0.5) / 5)


@given(GROUPINGS)
def test_a_grouping_agrees_fully_with_itself(pairs: list[tuple[int, int]]) -> None:
    """Identity gives exactly 1 in every measure."""
    labels = [true for true, _ in pairs]
    assert adjusted_rand_index(labels, labels) == 1.0
    assert b_cubed(labels, labels).f_score == pytest.approx(1.0)


@given(GROUPINGS, st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(pairs: list[tuple[int, int]], chance: random.Random) -> None:
    """Shuffled items and renamed groups give the same numbers."""
    moved = [(f"t{true}", -predicted) for true, predicted in pairs]
    chance.shuffle(moved)
    true, predicted = zip(*pairs, strict=True)
    true_moved, predicted_moved = zip(*moved, strict=True)
    assert adjusted_rand_index(true, predicted) == adjusted_rand_index(true_moved, predicted_moved)
    first, second = b_cubed(true, predicted), b_cubed(true_moved, predicted_moved)
    assert first.precision == pytest.approx(second.precision)
    assert first.recall == pytest.approx(second.recall)


@given(GROUPINGS)
def test_measures_keep_their_bounds(pairs: list[tuple[int, int]]) -> None:
    """B-cubed lies above 0 and up to 1, the adjusted Rand index from -1 to 1."""
    true, predicted = zip(*pairs, strict=True)
    result = b_cubed(true, predicted)
    assert -1.0 <= adjusted_rand_index(true, predicted) <= 1.0
    for value in (result.precision, result.recall, result.f_score):
        assert 0.0 < value <= 1.0 + 1e-12


@given(GROUPINGS)
def test_swapping_the_sides_swaps_precision_and_recall(pairs: list[tuple[int, int]]) -> None:
    """B-cubed recall is the precision seen from the other side; the Rand index is symmetric."""
    true, predicted = zip(*pairs, strict=True)
    there, back = b_cubed(true, predicted), b_cubed(predicted, true)
    assert there.precision == pytest.approx(back.recall)
    assert adjusted_rand_index(true, predicted) == adjusted_rand_index(predicted, true)


def test_independent_groupings_score_about_zero() -> None:
    """The correction for chance works: two shuffled groupings agree by about nothing."""
    chance = random.Random(3)
    true = [chance.randrange(5) for _ in range(4_000)]
    predicted = [chance.randrange(7) for _ in range(4_000)]
    assert abs(adjusted_rand_index(true, predicted)) < 0.01


def test_unequal_lengths_are_refused() -> None:
    """Groupings of different items cannot be compared."""
    with pytest.raises(ValueError, match="2 true groups but 1"):
        b_cubed("ab", "x")


@given(st.integers(0, 200), st.integers(0, 200))
def test_intervals_hold_their_share(first: int, second: int) -> None:
    """The observed share lies inside Wilson's interval and below the exact upper bound."""
    successes, trials = min(first, second), max(first, second)
    if trials == 0:
        assert (wilson_interval(0, 0), upper_bound(0, 0)) == ((0.0, 1.0), 1.0)
        return
    low, high = wilson_interval(successes, trials)
    assert low <= successes / trials <= high
    assert successes / trials <= upper_bound(successes, trials) <= 1.0


def test_the_exact_bound_is_exact() -> None:
    """At the bound, seeing so few hits has a chance of exactly five in a hundred."""
    bound = upper_bound(1, 30)
    chance = (1 - bound) ** 30 + 30 * bound * (1 - bound) ** 29
    assert chance == pytest.approx(0.05)


def test_calibration_matches_hand_computed_values() -> None:
    """Two bins of two accounts: gaps 0.05 and 0.45, Brier from the squares."""
    result = calibration([0.95, 0.95, 0.05, 0.05], [True, True, False, True])
    assert result.expected_error == pytest.approx((2 * 0.05 + 2 * 0.45) / 4)
    assert result.brier_score == pytest.approx((2 * 0.05**2 + 0.05**2 + 0.95**2) / 4)
    assert [row.count for row in result.bins] == [0, 2, 0, 0, 2, 0]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=50))
def test_every_account_is_in_one_bin(rows: list[tuple[float, bool]]) -> None:
    """Bins count each account once, edges included."""
    result = calibration([chance for chance, _ in rows], [outcome for _, outcome in rows])
    assert sum(row.count for row in result.bins) == len(rows)
    for row in result.bins:
        assert not row.count or row.low - 1e-12 <= row.mean_probability <= row.high + 1e-12
