from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.watermark.scalar_reference import evidence, vllm_uniform
from tests.watermark.vector_cases import cases, first_occurrences, make_key, vectors

from cautery.errors import ConfigurationError
from cautery.watermark.schemes.vllm_gumbel import MEMBER
from cautery.watermark.vllm_prf import mantissas, uniforms

STORED = vectors("vllm_gumbel")


def test_bits_of_the_engine() -> None:
    """4,800 uniforms of vLLM's own function, bit for bit; the evidence to the last bits."""
    for number, key, given in cases("vllm_gumbel", "context_width"):
        parameters = MEMBER.parameters(given)
        positions = MEMBER.positions(STORED["tokens"][number].astype(np.int64), parameters, key)
        bits = mantissas(positions.context, positions.token, STORED["keys"][[number]])[0]
        assert np.array_equal(uniforms(bits), STORED["uniform"][number].astype(np.float64))
        values = MEMBER.values(positions, key, parameters)
        np.testing.assert_allclose(values, STORED["value"][number], rtol=1e-15, atol=0)


def test_verdict_of_the_engine() -> None:
    """With repeated contexts scored once: the score, count and p-value of vLLM's detector.

    Half of the texts were marked by vLLM's own watermarker; the other half were not.
    """
    for number, key, given in cases("vllm_gumbel", "context_width"):
        parameters = MEMBER.parameters(given)
        positions = MEMBER.positions(STORED["tokens"][number].astype(np.int64), parameters, key)
        once = first_occurrences(positions.context)
        null = MEMBER.null(parameters)
        statistic = null.statistic(MEMBER.values(positions, key, parameters)[once])
        assert len(once) == STORED["tokens_scored"][number]
        assert math.isclose(statistic, STORED["statistic"][number], rel_tol=1e-14)
        log = null.log10_upper_tail(statistic, len(once))
        assert math.isclose(log, math.log10(STORED["p_value"][number]), rel_tol=1e-9, abs_tol=1e-9)
        assert (log < -20) == bool(number % 2)


def test_plain_numbers_give_the_same() -> None:
    """A short text, token by token in plain whole numbers."""
    tokens, key = np.array([5, 7, 5, 151_000]), make_key(0x0123456789ABCDEF)
    parameters = MEMBER.parameters({"context_width": 2})
    values = MEMBER.values(MEMBER.positions(tokens, parameters, key), key, parameters)
    contexts = ([-1, -1], [-1, 5], [5, 7], [7, 5])
    expected = [
        evidence(vllm_uniform(context, int(token), 0x0123456789ABCDEF))
        for context, token in zip(contexts, tokens, strict=True)
    ]
    np.testing.assert_allclose(values, expected, rtol=1e-15)


def test_defaults_are_the_engines() -> None:
    """An empty profile has the defaults of vLLM's configuration."""
    parameters = MEMBER.parameters({})
    assert parameters.context_width == 4
    assert parameters.deduplicate_contexts == "single_turn"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("context_width", 0),
        ("context_width", 65),
        ("context_width", "4"),
        ("prf", "hmac"),
        ("deduplicate_contexts", True),
        ("alpha", 0.1),
        ("key", 42),
    ],
)
def test_wrong_parameter_is_named(field: str, value: Any) -> None:
    """A field out of range, or of another scheme, is an error that names it."""
    with pytest.raises(ConfigurationError, match=rf"^parameters\.{field}: "):
        MEMBER.parameters({field: value})


def test_version_of_the_keyed_function_may_be_named() -> None:
    """Both vLLM's name of the function and its version are understood."""
    assert MEMBER.parameters({"prf": "philox4x32-10-v1"}) == MEMBER.parameters({"prf": "philox"})
