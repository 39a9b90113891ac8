from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.watermark.scalar_reference import evidence, vllm_uniform
from tests.watermark.vector_cases import cases, first_occurrences, make_key, vectors

from cautery.errors import ConfigurationError
from cautery.watermark.key_numbers import derived_number
from cautery.watermark.schemes.vllm_dual_gumbel import MEMBER

STORED = vectors("vllm_dual_gumbel")


def alpha_of(stored: dict[str, Any], number: int) -> dict[str, Any]:
    return {"alpha": float(stored["alpha"][number])}


def test_evidence_of_the_engine() -> None:
    """4,800 weighted scores of vLLM's own detector, to the last bits."""
    for number, key, given in cases("vllm_dual_gumbel", "context_width", alpha_of):
        parameters = MEMBER.parameters(given)
        positions = MEMBER.positions(STORED["tokens"][number].astype(np.int64), parameters, key)
        values = MEMBER.values(positions, key, parameters)
        np.testing.assert_allclose(values, STORED["value"][number], rtol=2e-15, atol=0)


def test_statistic_of_the_engine_and_a_p_value_that_is_not_smaller() -> None:
    """Score and count are vLLM's; where vLLM's fitted Gamma is exact, so is the p-value.

    Elsewhere vLLM's is too small in the tail: at 91 decades by more than seven.
    """
    farthest = 0.0
    for number, key, given in cases("vllm_dual_gumbel", "context_width", alpha_of):
        parameters = MEMBER.parameters(given)
        positions = MEMBER.positions(STORED["tokens"][number].astype(np.int64), parameters, key)
        once = first_occurrences(positions.context)
        null = MEMBER.null(parameters)
        statistic = null.statistic(MEMBER.values(positions, key, parameters)[once])
        assert len(once) == STORED["tokens_scored"][number]
        assert math.isclose(statistic, STORED["statistic"][number], rel_tol=1e-14)
        log = null.log10_upper_tail(statistic, len(once))
        theirs = math.log10(STORED["p_value"][number])
        if parameters.alpha == 0.5:
            assert math.isclose(log, theirs, rel_tol=1e-9, abs_tol=1e-9)
        elif log < -2:
            assert log > theirs
            farthest = max(farthest, log - theirs)
        assert (log < -20) == bool(number % 2)
    assert farthest > 7


def test_plain_numbers_give_the_same() -> None:
    """A short text under both derived keys, in plain whole numbers."""
    master = 0x0123456789ABCDEF
    tokens, key = np.array([3, 1]), make_key(master)
    parameters = MEMBER.parameters({"context_width": 1, "alpha": 0.3})
    values = MEMBER.values(MEMBER.positions(tokens, parameters, key), key, parameters)
    expected = []
    for before, token in ((-1, 3), (3, 1)):
        first, second = (
            evidence(vllm_uniform([before], token, derived_number(master, domain)))
            for domain in (b"key_a", b"key_b")
        )
        expected.append(0.7 * first + 0.3 * second)
    np.testing.assert_allclose(values, expected, rtol=2e-15)


def test_defaults_are_the_engines() -> None:
    """An empty profile has the defaults of vLLM's configuration."""
    parameters = MEMBER.parameters({})
    assert (parameters.context_width, parameters.alpha) == (4, 0.1)


@pytest.mark.parametrize(
    ("field", "value"),
    [("alpha", -0.1), ("alpha", 1.01), ("alpha", "0.1"), ("context_width", 0), ("gamma", 0.5)],
)
def test_wrong_parameter_is_named(field: str, value: Any) -> None:
    """A field out of range, or of another scheme, is an error that names it."""
    with pytest.raises(ConfigurationError, match=rf"^parameters\.{field}: "):
        MEMBER.parameters({field: value})
