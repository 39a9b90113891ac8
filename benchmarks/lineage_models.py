"""Unrelated models and students of one of them, as bigram tables: a lineage test in seconds.

All models know the same language (bigrams of the human prompts that come with the package), and
each weighs it in its own way: every bigram by a log-normal factor of its own, which stands for data
and training. In a world of *families* half of the models share a part of these factors, as models
of one maker do. A student counts what its teacher writes, mixed with what another model writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from benchmarks.ngram_models import teacher
from numpy.typing import NDArray

from cautery.provenance.next_token_agreement import AnsweredModel, FirstTokens

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

PROMPTS: Final = 600
"""Contexts that every model is asked to continue."""
SPREAD: Final = 0.8
"""Standard deviation of the logarithm of a model's factors."""
KEPT: Final = 5
"""Likeliest tokens of an answer."""
STUDIED: Final = 200
"""Tokens of a student's training data, for each context."""


@lru_cache(maxsize=1)
def language() -> tuple[Whole, Floats]:
    """Give the words that may follow each prompt, and their chances: shape (prompts, words)."""
    known = teacher()
    return known.candidates[:PROMPTS], known.probabilities[:PROMPTS]


@dataclass(frozen=True)
class TableModel:
    """A model: the weight of each word after each prompt, shape (prompts, words)."""

    weights: Floats

    def answered(self, name: str, *, listed: bool = False, tokenizer: str = "") -> AnsweredModel:
        """Ask it every prompt, for its likeliest word or, listed, its likeliest five."""
        words = language()[0]
        order = np.argsort(-self.weights, axis=1, kind="stable")[:, :KEPT]
        best = np.take_along_axis(words, order, axis=1).tolist()
        answers = {
            f"p{place}": FirstTokens(
                text=f" w{row[0]} and so on",
                likeliest=tuple(f" w{word}" for word in row) if listed else (),
                prompt=f"prompt {place}",
            )
            for place, row in enumerate(best)
        }
        return AnsweredModel(name=name, answers=answers, tokenizer=tokenizer)


def unrelated(
    count: int, seed: int, family: float = 0.0, weaker: float = 1.0, ignorant: float = 0.0
) -> list[TableModel]:
    """Make models.

    Args:
        count: Models.
        seed: Of the draws.
        family: Part of the variance of its factors that every second model shares with the others
            of its family; 0 for models that are all unrelated.
        weaker: By how much the spread of the factors of every second model is larger: such a model
            knows the language less well.
        ignorant: Part of the prompts to which each model gives a default answer, of which there are
            two in the world: so models form two camps.
    """
    draw = np.random.default_rng(seed)
    chances = language()[1]
    shared = draw.normal(size=chances.shape)
    models = []
    for place in range(count):
        part = family if place % 2 else 0.0
        own = np.sqrt(1.0 - part) * draw.normal(size=chances.shape) + np.sqrt(part) * shared
        spread = SPREAD * (weaker if place % 2 else 1.0)
        weights = chances * np.exp(spread * own)
        if ignorant:
            weights[draw.random(len(weights)) < ignorant, draw.integers(2)] = 1e6
        models.append(TableModel(weights))
    return models


def student(learned: TableModel, other: TableModel, share: float, seed: int) -> TableModel:
    """Train a student.

    Args:
        learned: The teacher.
        other: Whom the rest of the training data is of.
        share: The teacher's part of the training data, from 0 to 1.
        seed: Of the draws.
    """
    draw = np.random.default_rng(seed)
    own = round(share * STUDIED)
    counts = draw.multinomial(own, _normal(learned.weights))
    counts = counts + draw.multinomial(STUDIED - own, _normal(other.weights))
    return TableModel(counts + language()[1])


def _normal(weights: Floats) -> Floats:
    scaled: Floats = weights / weights.sum(axis=1, keepdims=True)
    return scaled
