"""Rows that are marked together, beside rows that are marked one by one."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="wants pip install torch==2.13.0")

import torch
from numpy.typing import NDArray
from tests.inference.marking_cases import GIVEN, SYNTHID, TWO_LAYER, keys_of

from cautery.inference import row_marking
from cautery.inference.response import Response
from cautery.inference.row_marking import Turn, mark_rows
from cautery.inference.truncation import VLLM, Sampling, final_distribution
from cautery.registry import SCHEMES

VOCABULARY = 300
SAMPLINGS = (
    Sampling(temperature=0.9, top_k=20, top_p=0.9),
    Sampling(temperature=1.3, top_k=20),
    Sampling(top_k=7, min_p=0.02),
    Sampling(top_p=0.8),
    Sampling(),
    Sampling(top_k=VOCABULARY),
)


def responses(scheme: str) -> list[Response]:
    """Begin a response for each way of sampling."""
    member: Any = SCHEMES.load(scheme)
    begin = partial(member.begin, keys_of(scheme, "a"), member.parameters(GIVEN[scheme]))
    return [
        Response(partial(begin, [1, 2, row]), np.random.default_rng(row))
        for row in range(len(SAMPLINGS))
    ]


def mark_one(row: torch.Tensor, response: Response, sampling: Sampling) -> None:
    """Mark a row by itself, with a mask of what top-k keeps."""
    kept = torch.arange(len(row))
    if 0 < sampling.top_k < len(row):
        kept = (row >= row.topk(sampling.top_k).values[-1]).nonzero().flatten()
    scores = row[kept].double().numpy()
    if (scores > -np.inf).any():
        shares, places = final_distribution(scores, sampling, VLLM)
        token = response.choose(shares, kept.numpy()[places])
        row.fill_(-np.inf)
        row[token] = 0.0


def some_logits(generator: np.random.Generator) -> NDArray[np.float32]:
    """Rows with ties at the end of the likeliest; one allows few tokens, one none."""
    logits = generator.normal(0, 3, (len(SAMPLINGS) + 2, VOCABULARY)).astype(np.float32)
    logits[0] = np.round(logits[0])
    logits[2, 5:] = -np.inf
    logits[generator.integers(len(SAMPLINGS))] = -np.inf
    return logits


@pytest.mark.parametrize("at_once", [2, 64])
@pytest.mark.parametrize("scheme", [TWO_LAYER, SYNTHID])
def test_together_is_one_by_one(scheme: str, at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same tokens over many steps, in rows that are not next to each other."""
    monkeypatch.setattr(row_marking, "ROWS_AT_ONCE", at_once)
    generator = np.random.default_rng(5)
    together, alone = responses(scheme), responses(scheme)
    for _ in range(30):
        logits = torch.from_numpy(some_logits(generator))
        expected = logits.clone()
        places = generator.permutation(len(logits))[: len(SAMPLINGS)].tolist()
        for row, response, sampling in zip(places, alone, SAMPLINGS, strict=True):
            mark_one(expected[row], response, sampling)
        turns = [
            Turn(row=row, response=response, sampling=sampling)
            for row, response, sampling in zip(places, together, SAMPLINGS, strict=True)
        ]
        mark_rows(logits, turns, VLLM)
        assert torch.equal(logits, expected)
        for row, *pair in zip(places, together, alone, strict=True):
            for response in pair:
                response.accept(int(logits[row].argmax()))


def test_drafted_tokens_are_taken_in_between() -> None:
    """Three rows of one response, two of them behind drafted tokens."""
    together, alone = responses(TWO_LAYER)[0], responses(TWO_LAYER)[0]
    logits = torch.from_numpy(some_logits(np.random.default_rng(6)))
    expected = logits.clone()
    for row, drafted in enumerate([(), (9,), (8,)]):
        for token in drafted:
            alone.accept(token)
        mark_one(expected[row], alone, SAMPLINGS[0])
    turns = [
        Turn(row=row, response=together, sampling=SAMPLINGS[0], drafted=drafted)
        for row, drafted in enumerate([(), (9,), (8,)])
    ]
    mark_rows(logits, turns, VLLM)
    assert torch.equal(logits, expected)


def test_no_rows_change_nothing() -> None:
    """A step of greedy requests alone."""
    logits = torch.zeros(2, 5)
    mark_rows(logits, [], VLLM)
    assert torch.equal(logits, torch.zeros(2, 5))
