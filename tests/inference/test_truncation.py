"""The final distribution of a request, beside the engines' own steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cautery.inference.truncation import (
    LLAMA_CPP,
    TRANSFORMERS,
    VLLM,
    Sampling,
    final_distribution,
)

SAMPLINGS = st.builds(
    Sampling,
    temperature=st.sampled_from([0.3, 0.7, 1.0, 1.7]),
    top_k=st.sampled_from([-1, 0, 1, 5, 40, 10_000]),
    top_p=st.sampled_from([0.05, 0.5, 0.9, 0.999, 1.0]),
    min_p=st.sampled_from([0.0, 0.01, 0.2, 1.0]),
)


def dense(logits: Any, sampling: Sampling, order: Any) -> Any:
    """The distribution over all tokens."""
    shares, places = final_distribution(logits, sampling, order)
    whole = np.zeros(len(logits))
    whole[places] = shares
    return whole


@settings(max_examples=150, deadline=None)
@given(sampling=SAMPLINGS, seed=st.integers(0, 10_000), steps=st.sampled_from([0.0, 0.125]))
def test_it_is_what_transformers_samples_from(sampling: Sampling, seed: int, steps: float) -> None:
    """Hugging Face's own warpers give the same, ties of coarse logits included."""
    torch = pytest.importorskip("torch")
    engine = pytest.importorskip("transformers")
    logits = np.random.default_rng(seed).normal(size=200).astype(np.float32) * 3
    logits[:3] = -np.inf
    if steps:  # as coarse as bfloat16
        logits = np.round(logits / steps) * np.float32(steps)
    scores = torch.tensor(logits, dtype=torch.float64)[None]
    top_p = 1.0 if steps else sampling.top_p  # which of equal tokens top-p keeps is an accident
    sampling = replace(sampling, top_p=top_p)
    warpers = [engine.TemperatureLogitsWarper(sampling.temperature)]
    if sampling.top_k > 0:
        warpers.append(engine.TopKLogitsWarper(sampling.top_k))
    warpers.append(engine.TopPLogitsWarper(top_p))
    warpers.append(engine.MinPLogitsWarper(sampling.min_p))
    for warper in warpers:
        scores = warper(None, scores)
    assert np.allclose(
        dense(logits, sampling, TRANSFORMERS), torch.softmax(scores, dim=1)[0].numpy(), atol=1e-12
    )


@given(sampling=SAMPLINGS, seed=st.integers(0, 10_000), order=st.sampled_from([VLLM, LLAMA_CPP]))
def test_it_is_a_distribution_over_the_likeliest(
    sampling: Sampling, seed: int, order: tuple[str, ...]
) -> None:
    """Probabilities add up to 1, keep the order of the logits, and have the likeliest token."""
    logits = np.random.default_rng(seed).normal(size=60)
    whole = dense(logits, sampling, order)
    assert whole.sum() == pytest.approx(1.0)
    assert whole[logits.argmax()] == whole.max() > 0
    kept = whole > 0
    assert logits[kept].min() > logits[~kept].max(initial=-np.inf)
    if 0 < sampling.top_k < 60:
        assert kept.sum() <= sampling.top_k


def test_the_order_of_steps_matters() -> None:
    """A temperature before top-p changes what it keeps; llama.cpp's, behind it, does not."""
    logits = np.log([0.6, 0.3, 0.1])
    hot = Sampling(temperature=4.0, top_p=0.85)
    assert (dense(logits, hot, VLLM) > 0).sum() == 3
    assert (dense(logits, hot, LLAMA_CPP) > 0).sum() == 2


def test_infinite_logits() -> None:
    """A forced token takes all; a row without any token is an error."""
    assert dense(np.array([1.0, np.inf, 2.0]), Sampling(), VLLM).tolist() == [0, 1, 0]
    with pytest.raises(ValueError, match="no token"):
        final_distribution(np.full(3, -np.inf), Sampling(), VLLM)
