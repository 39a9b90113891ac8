from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cautery.watermark.localisation import _rises, marked_regions
from cautery.watermark.null_distributions import GammaSum, GreenCount
from cautery.watermark.positions import Positions


def positions(count: int, skipped: int = 4) -> Positions:
    """Positions of a text whose first few tokens are not scored."""
    index = np.arange(count, dtype=np.int64) + skipped
    return Positions(index=index, token=index, context=index[:, None])


@settings(max_examples=200)
@given(steps=st.lists(st.floats(-3.0, 3.0), max_size=120), level=st.floats(1.0, 6.0))
def test_rises_alternate_and_are_complete(steps: list[float], level: float) -> None:
    """Every rise reaches the level, they do not overlap, and none is left beside them."""
    walk = np.concatenate([[0.0], np.cumsum(steps)])
    found = list(_rises(walk, level))
    ends = [0, *(end for rise in found for end in rise), len(walk) - 1]
    assert ends == sorted(ends)
    for start, stop in found:
        assert walk[stop] - walk[start] >= level
        inside = walk[start : stop + 1]
        assert inside.min() == walk[start]
        assert inside.max() == walk[stop]
    for before, after in zip(ends[::2], ends[1::2], strict=True):
        between = walk[before : after + 1]
        assert float((between - np.minimum.accumulate(between)).max()) < level


def test_unmarked_text_has_no_region() -> None:
    """Of 2,000 unmarked texts, at most 5 % show a region at 5 %: the bound holds, with room."""
    generator = np.random.default_rng(8)
    hits = 0
    for _ in range(2_000):
        values = generator.exponential(size=300)
        hits += bool(marked_regions(positions(300), values, GammaSum(), 0.05))
    assert 0 < hits <= 100


def mixed_text(generator: np.random.Generator) -> NDArray[np.float64]:
    """A million values with three marked stretches, two of them close to each other."""
    values = generator.exponential(size=1_000_000)
    values[300_000:300_200] *= 2.4
    values[600_000:601_000] *= 1.8
    values[601_400:602_000] *= 2.2
    return values


def test_regions_of_a_million_tokens() -> None:
    """All marked stretches are found apart, to within 30 tokens, and nothing else."""
    values = mixed_text(np.random.default_rng(1))
    found = marked_regions(positions(1_000_000), values, GammaSum(), 1e-6)
    wanted = [(300_000, 300_200), (600_000, 601_000), (601_400, 602_000)]
    assert len(found) == 3
    for region, (start, stop) in zip(found, wanted, strict=True):
        assert region.start - 4 == pytest.approx(start, abs=30)
        assert region.stop - 4 == pytest.approx(stop, abs=30)
        assert region.log10_corrected_p < -6
        assert region.mean > 1.6
        assert region.tokens_scored == region.stop - region.start


def test_a_text_marked_throughout_is_one_region() -> None:
    """Nothing of it is left out but the ends' uncertainty."""
    values = (np.random.default_rng(3).random(4_000) < 0.45).astype(np.float64)
    (region,) = marked_regions(positions(4_000), values, GreenCount(0.25), 1e-6)
    assert region.tokens_scored > 3_900
    assert region.log10_corrected_p < -100


def test_no_values_no_region() -> None:
    """An empty text has nothing marked."""
    assert marked_regions(positions(0), np.empty(0), GammaSum(), 1e-6) == []
