from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.watermark.scalar_reference import sbw_seed, sbw_word
from tests.watermark.vector_cases import cases, make_key, vectors

from cautery.errors import ConfigurationError
from cautery.watermark.schemes.vllm_sbw import MEMBER

STORED = vectors("vllm_sbw")


def scheme_of(stored: dict[str, Any], number: int) -> dict[str, Any]:
    scheme = "selfhash" if stored["self_hash"][number] else "lefthash"
    return {"scheme": scheme, "gamma": float(stored["gamma"][number])}


def test_green_tokens_are_those_of_the_engines_generator() -> None:
    """6,000 tokens of both schemes: the one that vLLM's generator favours is green."""
    for number, key, given in cases("vllm_sbw", "context_width", scheme_of):
        parameters = MEMBER.parameters(given)
        positions = MEMBER.positions(STORED["tokens"][number].astype(np.int64), parameters, key)
        values = MEMBER.values(positions, key, parameters)
        assert np.array_equal(values, STORED["value"][number])


def test_detector_of_the_engine_agrees_for_self_hash_alone() -> None:
    """VLLM's own detector reads other seeds for lefthash: the reason for the caveat."""
    agree = STORED["value"] == STORED["detector_value"]
    assert agree[STORED["self_hash"]].all()
    assert agree[~STORED["self_hash"]].mean() < 0.7
    assert "generator" in MEMBER.parameters({"scheme": "lefthash"}).caveat
    assert not MEMBER.parameters({}).caveat


@pytest.mark.parametrize("scheme", ["selfhash", "lefthash"])
def test_plain_numbers_give_the_same(scheme: str) -> None:
    """A short text with padding, in plain whole numbers."""
    number = 0x0123456789ABCDEF
    tokens, key = np.array([3, 900, 17, 3]), make_key(number)
    parameters = MEMBER.parameters({"scheme": scheme, "context_width": 2, "gamma": 0.4})
    values = MEMBER.values(MEMBER.positions(tokens, parameters, key), key, parameters)
    contexts = ([-1, -1], [-1, 3], [3, 900], [900, 17])
    expected = [
        sbw_word(sbw_seed(context, int(token), number, scheme), int(token)) < parameters.threshold
        for context, token in zip(contexts, tokens, strict=True)
    ]
    assert values.tolist() == [float(one) for one in expected]


def test_prf_input_is_the_seed_and_the_token() -> None:
    """Contexts that differ where self-hash does not look have one fingerprint and one value."""
    key = make_key(0x0123456789ABCDEF)
    parameters = MEMBER.parameters({"context_width": 3})
    tokens = np.array([1, 5, 6, 7, 2, 5, 6, 7])
    positions = MEMBER.positions(tokens, parameters, key)
    prints = MEMBER.prf_inputs(positions, key, parameters)
    assert positions.context[3].tolist() != positions.context[7].tolist()
    assert prints[3] == prints[7]
    assert len(set(prints.tolist())) < len(tokens)


def test_self_hash_is_the_default() -> None:
    """An empty profile has vLLM's defaults; lefthash has another width."""
    parameters = MEMBER.parameters({})
    assert (parameters.scheme, parameters.context_width) == ("selfhash", 4)
    assert (parameters.gamma, parameters.delta) == (0.5, 2.0)
    assert MEMBER.parameters({"scheme": "lefthash"}).context_width == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scheme", "minhash"),
        ("gamma", 0),
        ("gamma", 1.0),
        ("delta", -1),
        ("delta", float("nan")),
        ("context_width", 0),
        ("sbw_gamma", 0.5),
    ],
)
def test_wrong_parameter_is_named(field: str, value: Any) -> None:
    """A field out of range, or of another scheme, is an error that names it."""
    with pytest.raises(ConfigurationError, match=rf"^parameters\.{field}: "):
        MEMBER.parameters({field: value})


@pytest.mark.parametrize(
    ("number", "reason"),
    [(1 << 63, "2\\*\\*63"), (2**64 - 1, "weak"), (0x8123456789ABCDEF, "2\\*\\*63"), (0, "weak"),
     (0x0123456789AB0000, "weak")],
)  # fmt: skip
def test_key_that_the_engine_cannot_hold_is_refused(number: int, reason: str) -> None:
    """A key of 2**63 or more, or one that ends in zeros, is refused without being shown."""
    with pytest.raises(ConfigurationError, match=reason) as caught:
        MEMBER.check_key(make_key(number), MEMBER.parameters({}))
    assert f"{number:016x}" not in str(caught.value)
    MEMBER.check_key(make_key(2**63 - 1), MEMBER.parameters({}))
