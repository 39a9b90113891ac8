from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.watermark.hf_cases import layer_keys, profile, texts, unpacked
from tests.watermark.hf_reference import synthid_bits

from cautery.errors import ConfigurationError
from cautery.registry import SCHEMES
from cautery.watermark.schemes.hf_synthid import MEMBER
from cautery.watermark.synthid_hash import fresh_contexts, hashes
from cautery.watermark.torch_random import random_bits

FIELDS = (
    "ngram_len",
    "sampling_table_size",
    "sampling_table_seed",
    "context_history_size",
)


def given_of(text: dict[str, Any], statistic: str = "mean") -> dict[str, Any]:
    return profile(text, FIELDS) | {"depth": len(text["keys"]), "statistic": statistic}


def engine_bits(text: dict[str, Any]) -> np.ndarray:
    """The engine's g-values, shape (positions, layers)."""
    count, depth = len(text["tokens"]) - int(text["ngram_len"]) + 1, len(text["keys"])
    return unpacked(text["bits"], count * depth).reshape(count, depth)


def test_it_stands_on_the_shelf() -> None:
    """Found by its name in profiles."""
    found: object = SCHEMES.load("hf-synthid")
    assert found is MEMBER


@pytest.mark.parametrize("statistic", ["mean", "weighted_mean"])
def test_values_are_means_of_the_engines_bits(statistic: str) -> None:
    """24 texts; the weights are linspace(10, 1, m), as in the engine's reference."""
    for text in texts("hf_synthid"):
        parameters = MEMBER.parameters(given_of(text, statistic))
        key = layer_keys(text["keys"])
        MEMBER.check_key(key, parameters)
        positions = MEMBER.positions(text["tokens"].astype(np.int64), parameters, key)
        bits = engine_bits(text)
        weights = np.linspace(10, 1, bits.shape[1]) if statistic != "mean" else None
        expected = np.average(bits, axis=1, weights=weights)
        assert MEMBER.values(positions, key, parameters) == pytest.approx(expected, rel=1e-14)


def test_repeated_contexts_are_the_engines() -> None:
    """The mask of what the engine's generator left unmarked, with every history size."""
    repeated = 0
    for text in texts("hf_synthid"):
        parameters = MEMBER.parameters(given_of(text))
        key = layer_keys(text["keys"])
        positions = MEMBER.positions(text["tokens"].astype(np.int64), parameters, key)
        fresh = fresh_contexts(hashes(positions.context), parameters.context_history_size)
        assert np.array_equal(fresh, unpacked(text["fresh"], len(positions)))
        repeated += int((~fresh).sum())
    assert repeated > 100


def test_marked_texts_are_detected_and_wrong_keys_are_not() -> None:
    """What the engine's generator marked has tiny chances; wrong keys keep their rate."""
    generator, found, missed = np.random.default_rng(0), [], []
    for text in list(texts("hf_synthid"))[::3]:
        parameters = MEMBER.parameters(given_of(text, "weighted_mean"))
        if parameters.sampling_table_size < 65_000:  # too few entries: ones are not half of them
            continue
        key, null = layer_keys(text["keys"]), MEMBER.null(parameters)
        positions = MEMBER.positions(text["tokens"].astype(np.int64), parameters, key)
        _, kept = np.unique(hashes(positions.context), return_index=True)
        values = MEMBER.values(positions, key, parameters)[kept]
        found.append(null.log10_upper_tail(null.statistic(values), len(values)))
        for _ in range(100):
            wrong = layer_keys(generator.integers(1, 2**62, size=parameters.depth, dtype=np.uint64))
            values = MEMBER.values(positions, wrong, parameters)[kept]
            missed.append(null.log10_upper_tail(null.statistic(values), len(values)) < -1.0)
    assert len(missed) >= 300
    # At a nominal 10 %: three standard errors above it.
    assert np.mean(missed) <= 0.15
    assert np.median(found) < -6


def test_plain_numbers_give_the_same() -> None:
    """One text with the defaults, beside whole numbers."""
    keys = [654, 400, 836]
    parameters = MEMBER.parameters({"depth": 3, "statistic": "weighted_mean"})
    tokens, key = np.array([5, 7, 9, 1000, 31_000, 2]), layer_keys(keys)
    values = MEMBER.values(MEMBER.positions(tokens, parameters, key), key, parameters)
    table = random_bits(0, 1 << 16)
    expected = [
        np.dot(synthid_bits(tokens[start : start + 5].tolist(), keys, table), [20, 11, 2]) / 33
        for start in range(2)
    ]
    assert values.tolist() == expected


def test_prf_input_is_the_hash_of_the_whole_ngram() -> None:
    """Same n-gram, same fingerprint; the key does not enter."""
    parameters = MEMBER.parameters({"depth": 1, "ngram_len": 2})
    tokens = np.array([1, 2, 3, 1, 2])
    positions = MEMBER.positions(tokens, parameters, layer_keys([1]))
    prints = MEMBER.prf_inputs(positions, layer_keys([1]), parameters)
    assert prints[0] == prints[3]
    assert len(set(prints.tolist())) == 3
    assert MEMBER.positions(tokens[:1], parameters, layer_keys([1])).context.shape == (0, 1)


def test_equal_residues_are_refused() -> None:
    """Of a table of 65,536 only 16 bits of a key are read; another size reads all of them."""
    keys = layer_keys([5, 5 + (1 << 16)])
    with pytest.raises(ConfigurationError, match="equal modulo 65536"):
        MEMBER.check_key(keys, MEMBER.parameters({"depth": 2}))
    MEMBER.check_key(keys, MEMBER.parameters({"depth": 2, "sampling_table_size": 1 << 20}))
    MEMBER.check_key(keys, MEMBER.parameters({"depth": 2, "sampling_table_size": 65_535}))


def test_a_table_with_more_ones_is_no_mark() -> None:
    """The engine draws the table at random: where it has more ones, the law knows it."""
    fair, uneven = (MEMBER.parameters({"sampling_table_seed": seed}) for seed in (0, 3))
    assert MEMBER.null(fair).mean == 0.5
    assert MEMBER.null(uneven).mean == pytest.approx(0.502426, abs=1e-6)
    ones = MEMBER.parameters({"sampling_table_size": 2, "sampling_table_seed": seed_of_ones()})
    assert MEMBER.null(ones).log10_upper_tail(1.0, 100) > -1e-3


def seed_of_ones() -> int:
    """Find a seed whose table of two entries has ones alone."""
    return next(seed for seed in range(99) if random_bits(seed, 2).all())


def test_long_unmarked_text_under_an_uneven_table() -> None:
    """With a table of .50243 ones, one wrong key in ten reaches a p-value of .1."""
    parameters = MEMBER.parameters({"sampling_table_seed": 3, "statistic": "mean"})
    generator = np.random.default_rng(4)
    null, hits, trials = MEMBER.null(parameters), 0, 300
    tokens = generator.integers(0, 50_000, size=5_004)
    for _ in range(trials):
        key = layer_keys(generator.integers(1, 2**63, size=30).tolist())
        values = MEMBER.values(MEMBER.positions(tokens, parameters, key), key, parameters)
        hits += null.log10_upper_tail(null.statistic(values), len(values)) <= -1.0
    # One in ten: between 13 and 50 of 300 all but once in 100,000 times.
    assert 13 <= hits <= 50


def test_keys_of_another_length_or_too_large_are_refused() -> None:
    """One key a layer, each below 2**63."""
    with pytest.raises(ConfigurationError, match="16 bytes, not 8 for each of 3"):
        MEMBER.check_key(layer_keys([5, 6]), MEMBER.parameters({"depth": 3}))
    with pytest.raises(ConfigurationError, match="2\\*\\*63"):
        MEMBER.check_key(layer_keys([5, 1 << 63]), MEMBER.parameters({"depth": 2}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ngram_len", 1),
        ("depth", 0),
        ("statistic", "bayesian"),
        ("sampling_table_size", (1 << 24) + 1),
        ("sampling_table_seed", -1),
        ("context_history_size", -1),
        ("keys", [1, 2]),
    ],
)
def test_wrong_parameters_name_the_field(field: str, value: Any) -> None:
    """Out of range, unknown, or what belongs into the key file."""
    with pytest.raises(ConfigurationError, match=f"parameters.{field}"):
        MEMBER.parameters({field: value})
