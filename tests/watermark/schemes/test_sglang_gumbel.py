from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.watermark.scalar_reference import evidence, sglang_hash
from tests.watermark.vector_cases import cases, first_occurrences, make_key, vectors

from cautery.errors import ConfigurationError
from cautery.watermark.schemes.sglang_gumbel import MEMBER

STORED = vectors("sglang_gumbel")


def test_evidence_and_verdict_of_the_engine() -> None:
    """4,600 scores of SGLang's own detector, to the last bits; its score, count and p-value.

    Half of the texts were marked by SGLang's own selector, after a prompt; the others were not.
    """
    for number, key, given in cases("sglang_gumbel", "context_window"):
        parameters = MEMBER.parameters(given)
        positions = MEMBER.positions(STORED["tokens"][number].astype(np.int64), parameters, key)
        values = MEMBER.values(positions, key, parameters)
        assert np.isnan(STORED["value"][number][: positions.index[0]]).all()
        theirs = STORED["value"][number][positions.index]
        np.testing.assert_allclose(values, theirs, rtol=1e-15, atol=0)
        once = first_occurrences(positions.context)
        null = MEMBER.null(parameters)
        statistic = null.statistic(values[once])
        assert len(once) == STORED["tokens_scored"][number]
        assert math.isclose(statistic, STORED["statistic"][number], rel_tol=1e-14)
        log = null.log10_upper_tail(statistic, len(once)) * math.log(10)
        assert math.isclose(log, STORED["log_p_value"][number], rel_tol=1e-9, abs_tol=1e-9)
        assert (log < -40) == bool(number % 2)


def test_plain_numbers_give_the_same() -> None:
    """A short text, token by token in plain whole numbers; the first window is not scored."""
    number = 0xFEDCBA9876543210
    tokens, key = np.array([5, 7, 5, 151_000]), make_key(number)
    parameters = MEMBER.parameters({"context_window": 2})
    positions = MEMBER.positions(tokens, parameters, key)
    assert positions.index.tolist() == [2, 3]
    expected = [
        evidence((sglang_hash(context, token, number) + 0.5) / 2**32)
        for context, token in (([5, 7], 5), ([7, 5], 151_000))
    ]
    values = MEMBER.values(positions, key, parameters)
    np.testing.assert_allclose(values, expected, rtol=1e-15)


@pytest.mark.parametrize("length", [0, 1, 3, 4])
def test_text_not_longer_than_the_window_has_no_positions(length: int) -> None:
    """Every context reaches into the prompt, which nobody knows."""
    key, parameters = make_key(12345), MEMBER.parameters({})
    positions = MEMBER.positions(np.arange(length), parameters, key)
    assert len(positions) == 0
    assert positions.context.shape == (0, 4)
    assert MEMBER.values(positions, key, parameters).shape == (0,)


@pytest.mark.parametrize(
    ("field", "value"), [("context_window", 0), ("context_window", 65), ("key_b", "ff")]
)
def test_wrong_parameter_is_named(field: str, value: Any) -> None:
    """A field out of range, or one of the dual-key mode, is an error that names it."""
    with pytest.raises(ConfigurationError, match=rf"^parameters\.{field}: "):
        MEMBER.parameters({field: value})
