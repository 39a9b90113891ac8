"""The benchmark of embeddings: its static model and its areas are what they say."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.embedding_power import Pool, area, table_lines
from benchmarks.static_model import principal, rarity


def pool(label: str, p_value: float, *, attack: bool) -> Pool:
    """Make a pool whose three p-values are one."""
    return Pool(
        log="simulate hydra 1",
        kind="found",
        label=label,
        attack=attack,
        accounts=12,
        p_default=p_value,
        p_both=p_value,
        p_meaning=p_value,
        bits_default=-1.0,
        bits_both=-0.5,
        coverage=(0.9, 0.9, 0.5),
        coverage_meaning=(0.9, 0.9, 0.01),
    )


def test_area() -> None:
    """Smaller p-values of attacks count whole, equal ones half."""
    assert area([0.01, 0.2], [0.2, 0.5]) == pytest.approx(3.5 / 4)
    assert np.isnan(area([], [0.5]))


def test_table() -> None:
    """A row a class, attacks by tier, and the areas last."""
    lines = table_lines([pool("hydra-1", 0.005, attack=True), pool("vpn_exit", 0.4, attack=False)])
    assert "| found | campaigns, simulate hydra | 1 | 1 | 1 | 1 | -1.00 | -0.50 | 0 | 1 |" in lines
    assert "| found | vpn_exit | 1 | 0 | 0 | 0 | -1.00 | -0.50 | 0 | 1 |" in lines
    assert "found pools: p_default 1.000" in lines[-2]


def test_principal_components() -> None:
    """All components keep the distances between centred vectors, the first keeps most of them."""
    vectors = np.random.default_rng(3).normal(0, 1, (40, 6)) * np.array([9, 1, 1, 1, 1, 1])
    whole, first = principal(vectors, 6), principal(vectors, 1)
    assert np.allclose(np.linalg.norm(whole[3] - whole[8]), np.linalg.norm(vectors[3] - vectors[8]))
    assert first.shape == (40, 1)
    assert np.var(first) > 0.8 * np.var(whole, axis=0).sum()


def test_rarity() -> None:
    """Common tokens weigh less, and no weight is above one."""
    weights = rarity(1_000)
    assert (np.diff(weights) > 0).all()
    assert 0 < weights[0] < weights[-1] < 1
