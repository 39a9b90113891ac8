"""Teachers and students that are n-gram models: a whole distillation attack in seconds.

The teacher is a bigram model of the human prompts that come with the package (OpenAssistant and
others; src/cautery/simulate/sample/LICENCES.md), smoothed and cut to its likeliest tokens. It
writes under a watermark of the shelf. The student is an n-gram model of what it is trained on: it
copies the token that followed a random occurrence of its context, or of a shorter one.
"""

from __future__ import annotations

import gzip
import itertools
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cautery.provenance.suspect_material import Sample
from cautery.records.key import Key
from cautery.registry import SCHEMES
from cautery.watermark.exponentials import exponentials
from cautery.watermark.fingerprints import fingerprints
from cautery.watermark.null_distributions import GreenCount
from cautery.watermark.positions import Positions
from cautery.watermark.two_layer_embedding import choose_rows

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]

VOCABULARY: Final = 3_000
CANDIDATES: Final = 100
"""Tokens among which a teacher chooses at each place, as with top-k sampling."""
BIGRAM_WEIGHT: Final = 0.5
WORD: Final = re.compile(r"[A-Za-z']+|[.,!?]")
ROW_TOKENS: Final = 60
"""Tokens of one answer."""


@dataclass(frozen=True)
class Teacher:
    """A bigram model of human text."""

    candidates: Whole
    """Likeliest tokens after each token, shape (vocabulary, candidates)."""
    probabilities: Floats
    """Theirs, shape (vocabulary, candidates)."""

    @property
    def entropy(self) -> float:
        """Nats per token, all contexts alike."""
        return float(-(self.probabilities * np.log(self.probabilities)).sum(axis=1).mean())

    def write(self, rows: int, seed: int, mark: Mark | None = None) -> Whole:
        """Write answers.

        Args:
            rows: Answers.
            seed: Of the draws.
            mark: The watermark; none for plain text.

        Returns:
            Token ids, shape (rows, ``ROW_TOKENS``).
        """
        draw = np.random.default_rng(seed)
        text = np.full((rows, 4 + ROW_TOKENS), -1, dtype=np.int64)
        text[:, 3] = draw.integers(0, VOCABULARY, rows)
        for place in range(4, text.shape[1]):
            context = text[:, place - 4 : place]
            offered = self.candidates[context[:, -1]]
            chances = self.probabilities[context[:, -1]]
            if mark is None:
                text[:, place] = drawn(chances, offered, draw)
            else:
                text[:, place] = mark.choose(context, chances, offered, draw)
        return text[:, 4:]


def drawn(chances: Floats, offered: Whole, draw: np.random.Generator) -> Whole:
    """Draw a token a row."""
    sums = np.cumsum(chances, axis=1)
    places = (sums < draw.random((len(sums), 1)) * sums[:, -1:]).sum(axis=1)
    chosen: Whole = offered[np.arange(len(offered)), np.minimum(places, offered.shape[1] - 1)]
    return chosen


@dataclass(frozen=True)
class Mark:
    """A watermark of the shelf under one key, or one key of each layer."""

    scheme: str
    given: tuple[tuple[str, Any], ...]
    keys: tuple[Key, ...]
    width: int
    """Tokens of a context that the keyed function reads."""

    @cached_property
    def parameters(self) -> Any:
        """The scheme's."""
        return SCHEMES.load(self.scheme).parameters(dict(self.given))

    def choose(
        self, context: Whole, chances: Floats, offered: Whole, draw: np.random.Generator
    ) -> Whole:
        """Choose a token a row, as an engine with this watermark would."""
        if self.scheme == "cautery-two-layer":
            return choose_rows(chances, context, self.keys, self.parameters, offered)
        scheme = SCHEMES.load(self.scheme)
        rows, most = offered.shape
        pairs = Positions(
            index=np.arange(rows * most),
            token=offered.ravel(),
            context=np.repeat(context[:, -self.width :], most, axis=0),
        )
        values = scheme.values(pairs, self.keys[0], self.parameters).reshape(rows, most)
        if isinstance(scheme.null(self.parameters), GreenCount):
            bias = getattr(self.parameters, "bias", getattr(self.parameters, "delta", 0.0))
            return drawn(chances * np.exp(bias * values), offered, draw)
        # Gumbel-max: the value is -ln(1 - u); the token with the smallest -ln(u) / p is chosen.
        best = np.argmin(exponentials(np.exp(-values)) / chances, axis=1)
        chosen: Whole = offered[np.arange(rows), best]
        return chosen


class Student:
    """An n-gram model of a training text.

    Args:
        rows: Training texts, shape (texts, tokens).
        order: Tokens of the longest context that it knows.
    """

    def __init__(self, rows: Whole, order: int) -> None:
        self._order = order
        self._prints: list[NDArray[np.uint64]] = []
        self._following: list[Whole] = []
        for width in range(1, order + 1):
            windows = np.lib.stride_tricks.sliding_window_view(rows, width + 1, axis=1)
            flat = windows.reshape(-1, width + 1)
            prints = fingerprints(*flat[:, :width].T)
            by_context = np.lexsort((flat[:, -1], prints))
            self._prints.append(prints[by_context])
            self._following.append(flat[by_context, -1])

    def write(self, rows: int, seed: int) -> Whole:
        """Write texts, each from a random first token that it was trained on."""
        draw = np.random.default_rng(seed)
        text = np.empty((rows, ROW_TOKENS), dtype=np.int64)
        text[:, 0] = draw.choice(self._following[0], rows)
        for place in range(1, ROW_TOKENS):
            text[:, place] = self._next(text[:, max(0, place - self._order) : place], draw)
        return text

    def _next(self, context: Whole, draw: np.random.Generator) -> Whole:
        found = draw.choice(self._following[0], len(context))
        luck = draw.random(len(context))
        for width in range(1, context.shape[1] + 1):
            prints = fingerprints(*context[:, -width:].T)
            low = np.searchsorted(self._prints[width - 1], prints, side="left")
            high = np.searchsorted(self._prints[width - 1], prints, side="right")
            known = high > low
            place = low + (luck * (high - low)).astype(np.int64)
            found[known] = self._following[width - 1][place[known]]
        return found

    def predict(self, tokens: Whole, most: int) -> Whole:
        """Give the tokens that most often followed each place's context in training."""
        predictions = np.full((len(tokens), most), -1, dtype=np.int64)
        for place in range(1, len(tokens)):
            for width in range(min(self._order, place), 0, -1):
                prints = fingerprints(*tokens[place - width : place, None])
                low, high = np.searchsorted(
                    self._prints[width - 1], [prints[0], prints[0] + np.uint64(1)]
                )
                if high > low:
                    following = self._following[width - 1][low:high].tolist()
                    best = [token for token, _ in Counter(following).most_common(most)]
                    predictions[place, : len(best)] = best
                    break
        return predictions


@lru_cache(maxsize=1)
def human_words() -> tuple[tuple[str, ...], ...]:
    """Read the package's human prompts, each as lower-case words and marks."""
    packed = resources.files("cautery.simulate.sample").joinpath("prompts.json.gz").read_bytes()
    texts = [text for group in json.loads(gzip.decompress(packed)).values() for text in group]
    return tuple(tuple(WORD.findall(str(text).lower())) for text in texts)


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, int]:
    """Give the commonest words their numbers, the most common first."""
    common = Counter(word for text in human_words() for word in text).most_common(VOCABULARY)
    return {word: place for place, (word, _) in enumerate(common)}


@lru_cache(maxsize=1)
def teacher() -> Teacher:
    """Train the teacher on the package's human prompts."""
    number, words = vocabulary(), human_words()
    found = Counter(word for text in words for word in text)
    unigram = np.array([found[word] for word in number], dtype=np.float64)
    unigram /= unigram.sum()
    counts = np.zeros((VOCABULARY, VOCABULARY))
    for text in words:
        ids = [number.get(word, -1) for word in text]
        for first, second in itertools.pairwise(ids):
            if first >= 0 and second >= 0:
                counts[first, second] += 1.0
    seen = counts.sum(axis=1, keepdims=True)
    bigram = np.divide(counts, seen, out=np.tile(unigram, (VOCABULARY, 1)), where=seen > 0)
    mixed = BIGRAM_WEIGHT * bigram + (1.0 - BIGRAM_WEIGHT) * unigram
    best = np.argsort(-mixed, axis=1, kind="stable")[:, :CANDIDATES]
    chances = np.take_along_axis(mixed, best, axis=1)
    return Teacher(best, chances / chances.sum(axis=1, keepdims=True))


def training_data(
    share: float, rows: int, mark: Mark | Sequence[Mark], seed: int
) -> tuple[Whole, Whole]:
    """Mix marked and plain answers of the teacher.

    Args:
        share: Marked part of the rows, from 0 to 1.
        rows: Answers in all.
        mark: The watermark, or one for each account, which write equal parts.
        seed: Of the draws.

    Returns:
        The training texts, and the marked ones among them.
    """
    marks = [mark] if isinstance(mark, Mark) else list(mark)
    wanted = round(share * rows)
    each = [wanted // len(marks) + (place < wanted % len(marks)) for place in range(len(marks))]
    parts = [
        teacher().write(count, seed * 1_000_003 + place, one)
        for place, (count, one) in enumerate(zip(each, marks, strict=True))
        if count
    ]
    nothing = np.empty((0, ROW_TOKENS), dtype=np.int64)
    marked = np.concatenate([nothing, *parts])
    plain = teacher().write(rows - wanted, seed * 1_000_003 + 999_983)
    return np.concatenate([marked, plain]), marked


def samples_of(rows: Whole) -> tuple[Sample, ...]:
    """Make a sample of each text that a student wrote."""
    return tuple(Sample(tokens=row) for row in rows)
