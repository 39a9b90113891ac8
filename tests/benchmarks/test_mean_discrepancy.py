"""Mean discrepancy: near nothing within one distribution, large between two, and honest limits."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.baseline_methods.mean_discrepancy import (
    Detector,
    fit_embedding,
    members,
    rows_by_unit,
    squared_discrepancy,
    word_vectors,
)

BENIGN = [f"please tell me about {name} and {other}" for name in "abcdefgh" for other in "ijklmnop"]
HARVEST = [f"grade answer {number} by the rubric strictly" for number in range(64)]


def test_the_same_text_has_the_same_vector_of_length_one() -> None:
    """Hashes do not depend on the process; an empty prompt is nothing."""
    vectors = word_vectors(["Two words", "two, WORDS!", ""])
    assert np.array_equal(vectors[0], vectors[1])
    assert float(np.linalg.norm(vectors[0])) == pytest.approx(1.0)
    assert not vectors[2].any()


def test_features_approximate_the_gaussian_kernel() -> None:
    """Dot products of features are the kernel up to the error of random features."""
    vectors = word_vectors([*BENIGN, *HARVEST])
    embedding = fit_embedding(vectors)
    features = embedding.features(vectors)
    assert np.allclose(np.linalg.norm(features, axis=1), 1.0, atol=1e-5)
    bandwidth = 1.0 / float(embedding.directions.std())
    distances = np.linalg.norm(vectors[:1] - vectors, axis=1)
    kernel = np.exp(-(distances**2) / (2 * bandwidth**2))
    # Eight times the error of 128 pairs of features, over 128 kernel values.
    assert np.abs(features @ features[0] - kernel).max() < 0.35
    assert np.corrcoef(features @ features[0], kernel)[0, 1] > 0.8


def test_the_estimate_is_unbiased_under_the_null() -> None:
    """Windows of the reference's own distribution average to zero, within their error."""
    random = np.random.default_rng(0)
    vectors = (random.standard_normal((4_000, 256)) / 16).astype(np.float32)
    features = fit_embedding(vectors).features(vectors)
    reference = features[:2_000].sum(axis=0, dtype=np.float64)
    found = [
        squared_discrepancy(features[start : start + 50], reference, 2_000)
        for start in range(2_000, 4_000, 50)
    ]
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found)) < 4 * error
    assert min(found) < 0 < max(found)


def make_detector(harvesters: int = 1) -> tuple[Detector, list[str]]:
    accounts = [f"honest-{number % 16}" for number in range(len(BENIGN) * 8)]
    accounts += [f"harvest-{number % harvesters}" for number in range(64)]
    vectors = word_vectors([*(BENIGN * 8), *HARVEST])
    features = fit_embedding(vectors[: len(BENIGN)]).features(vectors)
    benign = np.array([name.startswith("honest") for name in accounts])
    return Detector(features, benign, seed=1), accounts


def test_a_pool_is_seen_where_its_accounts_are_too_small() -> None:
    """Four accounts of sixteen prompts fill no window of forty; together they do."""
    detector, accounts = make_detector(harvesters=4)
    alone = rows_by_unit(accounts)
    assert not {name for name in detector.alarmed(alone, 40) if name.startswith("harvest")}
    pool_of = {name: "pool" for name in accounts if name.startswith("harvest")}
    named = detector.alarmed(rows_by_unit(accounts, pool_of), 40)
    assert members(named, pool_of) == set(pool_of)


def test_benign_traffic_is_not_named() -> None:
    """Of units of one window of mixed benign prompts about one in twenty is named, not half."""
    detector, accounts = make_detector()
    honest = np.flatnonzero([name.startswith("honest") for name in accounts])
    shuffled = np.random.default_rng(3).permutation(honest)
    units = {str(place): rows for place, rows in enumerate(np.array_split(shuffled, 25))}
    assert len(detector.alarmed(units, 20)) <= 5


def test_the_threshold_lets_one_benign_window_in_twenty_pass() -> None:
    """Benign mixed windows exceed it at about the rate that the paper's rule asks for."""
    detector, _ = make_detector()
    limit = detector.threshold(20)
    random = np.random.default_rng(2)
    above = [
        detector.statistic(random.choice(len(BENIGN) * 8, 20, replace=False)) > limit
        for _ in range(400)
    ]
    assert 0.0 < np.mean(above) < 0.15


def test_no_benign_traffic_names_nobody() -> None:
    """A window that the benign traffic cannot fill has no threshold, and no alarm."""
    detector, accounts = make_detector()
    assert detector.threshold(100_000) == float("inf")
    assert detector.alarmed(rows_by_unit(accounts), 100_000) == set()
