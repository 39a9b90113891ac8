from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.watermark.hf_cases import number_key, profile, texts, unpacked

from cautery.errors import ConfigurationError, InputError
from cautery.registry import SCHEMES
from cautery.watermark.schemes.hf_kgw import MEMBER

FIELDS = (
    "vocab_size",
    "seeding_scheme",
    "context_width",
    "greenlist_ratio",
)
KEY = number_key(0x0123456789ABCDEF)


def test_it_stands_on_the_shelf() -> None:
    """Found by its name in profiles."""
    found: object = SCHEMES.load("hf-kgw")
    assert found is MEMBER


def test_green_tokens_are_those_of_the_engines_detector() -> None:
    """24 texts of both schemes, a third of them written by the engine's generator."""
    for number, text in enumerate(texts("hf_kgw")):
        parameters = MEMBER.parameters(profile(text, FIELDS))
        key = number_key(int(text["hashing_key"]))
        MEMBER.check_key(key, parameters)
        positions = MEMBER.positions(text["tokens"].astype(np.int64), parameters, key)
        values = MEMBER.values(positions, key, parameters)
        assert np.array_equal(values, unpacked(text["green"], len(positions))), number


def test_marked_texts_are_detected_and_wrong_keys_are_not() -> None:
    """What the engine's generator marked has tiny chances; 80 wrong keys keep their rate."""
    generator, missed = np.random.default_rng(0), []
    for text in list(texts("hf_kgw"))[::3]:
        parameters = MEMBER.parameters(profile(text, FIELDS))
        positions = MEMBER.positions(text["tokens"].astype(np.int64), parameters, KEY)
        null = MEMBER.null(parameters)
        _, kept = np.unique(MEMBER.prf_inputs(positions, KEY, parameters), return_index=True)

        def decades(key_number: int, kept: Any = kept, positions: Any = positions) -> float:
            values = MEMBER.values(positions, number_key(key_number), parameters)[kept]  # noqa: B023
            return null.log10_upper_tail(null.statistic(values), len(values))  # noqa: B023

        right = decades(int(text["hashing_key"]))
        if parameters.greenlist_ratio < 0.9:
            assert right < -2
        missed += [decades(int(number)) < -1.0 for number in generator.integers(1, 2**62, size=10)]
    assert sum(missed) <= 18  # of 80 at 10 %; 19 or more have a chance of 0.0003


def test_first_positions_are_the_contracts() -> None:
    """One token is skipped with left-hash, whatever the width, and the rest of self-hash's."""
    tokens = np.arange(10)
    for scheme, width, first in (
        ("lefthash", 1, 1),
        ("lefthash", 4, 1),
        ("selfhash", 4, 3),
        ("selfhash", 1, 0),
    ):
        given = {"vocab_size": 100, "seeding_scheme": scheme, "context_width": width}
        parameters = MEMBER.parameters(given)
        positions = MEMBER.positions(tokens, parameters, KEY)
        assert positions.index.tolist() == list(range(first, 10))
        assert len(MEMBER.values(positions, KEY, parameters)) == 10 - first
        assert len(MEMBER.positions(tokens[:first], parameters, KEY)) == 0


def test_prf_input_is_the_seed_and_the_token() -> None:
    """Windows that differ where the smallest product does not lie count once."""
    parameters = MEMBER.parameters(
        {"vocab_size": 50, "seeding_scheme": "selfhash", "context_width": 4}
    )
    tokens = np.random.default_rng(0).integers(0, 50, 4000)
    positions = MEMBER.positions(tokens, parameters, KEY)
    prints = MEMBER.prf_inputs(positions, KEY, parameters)
    values = MEMBER.values(positions, KEY, parameters)
    windows = np.column_stack([positions.context, positions.token])
    assert len(np.unique(prints)) < len(np.unique(windows, axis=0)) / 2
    _, first, again = np.unique(prints, return_index=True, return_inverse=True)
    assert np.array_equal(values[first][again], values)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "vocab_size"),
        ({"vocab_size": 1}, "vocab_size"),
        ({"vocab_size": 100, "seeding_scheme": "minhash"}, "seeding_scheme"),
        ({"vocab_size": 100, "greenlist_ratio": 1.0}, "greenlist_ratio"),
        ({"vocab_size": 100, "greenlist_ratio": 0.001}, "greenlist_ratio"),
        ({"vocab_size": 100, "context_width": 0}, "context_width"),
        ({"vocab_size": 100, "bias": -1}, "bias"),
        ({"vocab_size": 100, "gamma": 0.5}, "gamma"),
    ],
)
def test_wrong_parameters_name_the_field(given: dict[str, Any], field: str) -> None:
    """Missing, out of range or of another scheme."""
    with pytest.raises(ConfigurationError, match=f"parameters.{field}"):
        MEMBER.parameters(given)


@pytest.mark.parametrize("number", [0, 0x4141414141414141, 0x0123456789AB0000])
def test_weak_keys_are_refused(number: int) -> None:
    """Zero, one byte over and over, and keys whose seeds have few values; the value not shown."""
    with pytest.raises(ConfigurationError, match="key k-1") as error:
        MEMBER.check_key(number_key(number), MEMBER.parameters({"vocab_size": 100}))
    assert f"{number:x}" not in str(error.value) or not number


def test_keys_that_the_engine_cannot_hold_are_refused() -> None:
    """PyTorch multiplies signed numbers, with self-hash alone."""
    key = number_key(2**63 + 5)
    MEMBER.check_key(key, MEMBER.parameters({"vocab_size": 100}))
    with pytest.raises(ConfigurationError, match="2\\*\\*63"):
        MEMBER.check_key(key, MEMBER.parameters({"vocab_size": 100, "seeding_scheme": "selfhash"}))


@pytest.mark.parametrize("token", [-1, 100])
def test_tokens_beyond_the_vocabulary_are_refused(token: int) -> None:
    """They are of another model, and no list has them."""
    with pytest.raises(InputError, match="vocabulary of 100"):
        MEMBER.positions(np.array([5, token]), MEMBER.parameters({"vocab_size": 100}), KEY)
