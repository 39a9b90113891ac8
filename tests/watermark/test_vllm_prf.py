from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.watermark.scalar_reference import vllm_uniform

from cautery.watermark import compiled, vllm_prf
from cautery.watermark.vllm_prf import mantissas, uniforms

TOKEN = st.integers(0, 2**31 - 1)
KEY = st.integers(0, 2**64 - 1)


@given(st.lists(st.integers(-1, 2**31 - 1), min_size=1, max_size=13), TOKEN, KEY)
def test_arrays_equal_plain_numbers(context: list[int], token: int, key: int) -> None:
    """Any context, token and key give the bits that plain whole numbers give."""
    drawn = mantissas(np.array([context]), np.array([token]), np.array([key], dtype=np.uint64))
    assert uniforms(drawn)[0, 0] == vllm_uniform(context, token, key)


@settings(max_examples=20)
@given(st.integers(1, 13), st.integers(1, 40), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_compiled_code_gives_the_same_bits(width: int, size: int, keys: int, seed: int) -> None:
    """The compiled twin equals the NumPy path, whatever the shapes."""
    generator = np.random.default_rng(seed)
    context = generator.integers(-1, 2**31, size=(size, width))
    token = generator.integers(0, 2**31, size=size)
    numbers = generator.integers(0, 2**64, size=keys, dtype=np.uint64)
    fast = compiled.vllm_mantissas(vllm_prf._words(context), width, vllm_prf._low(token), numbers)
    assert np.array_equal(fast, mantissas(context, token, numbers))


def test_many_pairs_go_through_compiled_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the threshold on, compiled code is used, with the same bits; without it, NumPy."""
    generator = np.random.default_rng(1)
    context, token = generator.integers(0, 9, (30, 4)), generator.integers(0, 9, 30)
    keys = generator.integers(0, 2**64, size=20, dtype=np.uint64)
    slow = mantissas(context, token, keys)
    monkeypatch.setattr(vllm_prf, "COMPILED_FROM", 1)
    assert np.array_equal(mantissas(context, token, keys), slow)
    monkeypatch.setattr(vllm_prf, "_compiled", lambda: None)
    assert np.array_equal(mantissas(context, token, keys), slow)


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """How keys and positions are cut into blocks changes nothing."""
    generator = np.random.default_rng(2)
    context, token = generator.integers(0, 9, (50, 3)), generator.integers(0, 9, 50)
    keys = generator.integers(0, 2**64, size=9, dtype=np.uint64)
    whole = mantissas(context, token, keys)
    for pairs in (1, 7, 50, 120):
        monkeypatch.setattr(vllm_prf, "PAIRS_AT_ONCE", pairs)
        assert np.array_equal(mantissas(context, token, keys), whole)


def test_uniform_is_the_engines_for_all_24_bits() -> None:
    """The short way to the uniform equals the engine's division and rounding, everywhere."""
    every = np.arange(2**24, dtype=np.uint32)
    engine = ((every.astype(np.float64) + 1.0) / (2**24 + 1)).astype(np.float32)
    assert np.array_equal(uniforms(every), engine.astype(np.float64))
    assert 0.0 < uniforms(every[:1])[0] < uniforms(every[-1:])[0] < 1.0
