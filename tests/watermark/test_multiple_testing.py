from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.watermark.multiple_testing import benjamini_hochberg, bonferroni, holm, holm_front

DECADES = st.lists(st.floats(-1e5, 0.0), min_size=1, max_size=30)


@given(decades=DECADES)
def test_corrections_follow_their_definitions(decades: list[float]) -> None:
    """Holm and Benjamini-Hochberg agree with the textbook, one test at a time."""
    log10_p = np.asarray(decades)
    tests = len(decades)
    ranked = sorted(decades)
    for found, wanted in zip(holm(log10_p), decades, strict=True):
        steps = [p + np.log10(tests - i) for i, p in enumerate(ranked) if p <= wanted]
        first = ranked.index(wanted)
        assert found == pytest.approx(min(max(steps[: first + 1]), 0.0))
    for found, wanted in zip(benjamini_hochberg(log10_p), decades, strict=True):
        later = [p + np.log10(tests / (i + 1)) for i, p in enumerate(ranked) if p >= wanted]
        assert found == pytest.approx(min(*later, 0.0))


@given(decades=DECADES)
def test_the_front_is_corrected_as_if_all_were_there(decades: list[float]) -> None:
    """The best few of many get the same correction without the rest."""
    ranked = np.sort(np.asarray(decades))
    few = max(1, len(ranked) // 3)
    assert holm_front(ranked[:few], len(ranked)) == pytest.approx(holm(ranked)[:few])
    assert bonferroni(float(ranked[0]), len(ranked)) == pytest.approx(holm(ranked)[0])


def test_family_wise_error_under_the_null() -> None:
    """Of 20,000 families of 24 null keys, 1 % have a Holm-corrected p of 1 % or less."""
    families = np.log10(np.random.default_rng(5).random((20_000, 24)))
    hits = sum(bool((holm(one) <= -2.0).any()) for one in families)
    assert 0.008 < hits / 20_000 < 0.0121
