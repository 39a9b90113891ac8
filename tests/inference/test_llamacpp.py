"""Marking inside llama-cpp-python, whose samplers run behind the processor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.inference.marking_cases import (
    GIVEN,
    SYNTHID,
    TWO_LAYER,
    ToyModel,
    chi_square_p,
    detected,
    keys_of,
    log10_p,
)

from cautery.errors import ConfigurationError
from cautery.inference.llamacpp import MarkingProcessor
from cautery.inference.truncation import LLAMA_CPP, Sampling, final_distribution
from cautery.registry import SCHEMES

MODEL = ToyModel()
SAMPLING = Sampling(temperature=1.1, top_k=120, top_p=0.97, min_p=0.005)
PROMPT = [7, 8, 9, 10]


def processor(scheme: str, account: str, **options: Any) -> MarkingProcessor:
    """A processor of one completion."""
    member = SCHEMES.load(scheme)
    keys = options.pop("keys", keys_of(scheme, account))
    sampling = options.pop("sampling", SAMPLING)
    return MarkingProcessor(member, member.parameters(GIVEN[scheme]), keys, sampling, **options)


def completion(mark: MarkingProcessor, prompt: list[int], count: int) -> list[int]:
    """Generate as llama-cpp-python 0.3 does: processors on all logits, then its own samplers.

    Order of ``Llama._init_sampler``: custom, penalties, top-k, top-p, min-p, temperature.
    """
    rng = np.random.default_rng(2)
    input_ids = np.zeros(len(prompt) + count, dtype=np.intc)
    input_ids[: len(prompt)] = prompt
    for place in range(len(prompt), len(input_ids)):
        scores = MODEL.logits(int(input_ids[place - 1]))
        marked = mark(input_ids[:place], scores)
        assert marked.dtype == np.single
        marked = np.where(np.isin(np.arange(len(marked)), input_ids[:place]), marked - 0.5, marked)
        shares, places = final_distribution(marked, SAMPLING, LLAMA_CPP)
        input_ids[place] = rng.choice(places, p=shares)
    return [int(token) for token in input_ids[len(prompt) :]]


@pytest.mark.parametrize("scheme", [TWO_LAYER, SYNTHID])
def test_a_completion_has_its_own_keys(scheme: str) -> None:
    """The text shows its account's keys through penalties and samplers, and nobody else's."""
    generator = np.random.default_rng(3)
    text = completion(processor(scheme, "a", generator=generator), PROMPT, 160)
    assert detected(scheme, text, keys_of(scheme, "a"))
    assert log10_p(scheme, text, keys_of(scheme, "b")[-1]) > -5
    if scheme == TWO_LAYER:
        keys = keys_of(scheme, "a")
        assert MODEL.replayed(keys, PROMPT, text, SAMPLING, LLAMA_CPP) > 150


def test_the_distribution_is_kept() -> None:
    """Over 1,000 prompts the first token has the law of llama.cpp's samplers (chi-square).

    Null: it was drawn from it; at 1e-4.
    """
    rng = np.random.default_rng(4)
    sampling = Sampling(temperature=0.8, top_k=12, top_p=0.9, min_p=0.02)
    logits = MODEL.logits(11)
    chosen = []
    for _ in range(1_000):
        mark = processor(TWO_LAYER, "a", sampling=sampling, generator=rng)
        prompt = rng.integers(300, size=4).astype(np.intc)
        (token,) = np.flatnonzero(mark(prompt, logits) > -np.inf).tolist()
        chosen.append(token)
    assert chi_square_p(chosen, *final_distribution(logits, sampling, LLAMA_CPP)) > 1e-4


def test_a_second_completion_is_refused() -> None:
    """One object marks one completion; it remembers that it failed, as C swallows the error."""
    mark = processor(TWO_LAYER, "a")
    completion(mark, PROMPT, 3)
    assert not mark.failed
    with pytest.raises(ConfigurationError, match="for each completion"):
        mark(np.array(PROMPT, dtype=np.intc), MODEL.logits(1))
    assert mark.failed


def test_what_cannot_mark_is_refused_at_once() -> None:
    """Greedy sampling, an engine's own scheme, and keys that do not go together."""
    with pytest.raises(ConfigurationError, match="greedy"):
        processor(TWO_LAYER, "a", sampling=Sampling(temperature=0.0))
    with pytest.raises(ConfigurationError, match="one key of each layer"):
        processor(TWO_LAYER, "a", keys=keys_of(TWO_LAYER, "a")[:1])
    scheme = SCHEMES.load("sglang-gumbel")
    with pytest.raises(ConfigurationError, match="its own engine"):
        MarkingProcessor(scheme, scheme.parameters({}), [], SAMPLING)
