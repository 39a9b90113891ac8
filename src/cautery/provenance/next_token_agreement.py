"""How often models answer the same prompts with the same next token, compared as text.

Token ids mean nothing across tokenizers, so text is compared: the first word of a greedy answer,
or, where every model gives its likeliest first tokens and no two name different tokenizers, the
average overlap of the two lists (Webber, Moffat and Zobel, *A similarity measure for indefinite
rankings*, TOIS 2010, section 2), which is plain agreement of the top token for lists of one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.errors import InputError

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

FEWEST_PROMPTS: Final = 50
"""Prompts that every model answered, below which nothing is said."""
MOST_PROMPTS: Final = 20_000
"""Prompts that are compared; bounds memory."""
DEEPEST: Final = 5
"""Likeliest tokens that are compared."""
LONGEST_WORD: Final = 64
"""Characters of a word that count."""
FIRST_WORDS: Final = "first words"
LIKELIEST_TOKENS: Final = "likeliest tokens"
_WORD: Final = re.compile(r"\w+|[^\w\s]")
_WORD_STARTS: Final = "\u0120\u2581 "
"""How tokenizers spell the space before a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstTokens:
    """What a model answered to one prompt."""

    text: str = ""
    """Beginning of its greedy answer; empty if only tokens are known."""
    likeliest: tuple[str, ...] = ()
    """Its likeliest first tokens as text, the likeliest first; empty if they are not known."""
    prompt: str = ""
    """What was asked; empty if not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredModel:
    """One model and its answers."""

    name: str
    answers: Mapping[str, FirstTokens]
    """By id of the prompt; empty answers are left out."""
    tokenizer: str = ""
    """Name of its tokenizer; empty if not known."""


@dataclass(slots=True)
class Comparison:
    """Answers of several models to the same prompts, as numbers."""

    names: tuple[str, ...]
    prompt_ids: tuple[str, ...]
    basis: str
    """``first words`` or ``likeliest tokens``."""
    codes: Numbers
    """A number for each text, shape (models, prompts, depth)."""
    notes: tuple[str, ...]
    _scores: dict[tuple[int, int], Floats] = field(default_factory=dict)
    _means: dict[tuple[int, int], float] = field(default_factory=dict)

    def score(self, first: int, second: int) -> Floats:
        """Give the agreement of two models on each prompt, from 0 to 1, shape (prompts,)."""
        pair = min(first, second), max(first, second)
        if pair not in self._scores:
            self._scores[pair] = overlap(self.codes[pair[0]], self.codes[pair[1]])
        return self._scores[pair]

    def mean(self, first: int, second: int) -> float:
        """Give the mean agreement of two models, from 0 to 1."""
        pair = min(first, second), max(first, second)
        if pair not in self._means:
            self._means[pair] = float(self.score(*pair).mean())
        return self._means[pair]


def first_word(text: str) -> str:
    """Give the first word, or mark, of a text.

    Example:
        >>> first_word("  Paris, of course")
        'Paris'
    """
    found = _WORD.search(unicodedata.normalize("NFC", text[: 16 * LONGEST_WORD]))
    return found[0][:LONGEST_WORD] if found else ""


def overlap(first: Numbers, second: Numbers) -> Floats:
    """Give the average overlap of two rankings on each prompt.

    Args:
        first: Shape (prompts, depth), the likeliest first, none twice in a row.
        second: Likewise.

    Returns:
        From 0 to 1, shape (prompts,).

    Example:
        >>> overlap(np.array([[1, 2], [1, 2]]), np.array([[1, 3], [2, 1]])).tolist()
        [0.75, 0.5]
    """
    same = first[:, :, None] == second[:, None, :]
    shared = same.cumsum(axis=1).cumsum(axis=2)
    depths = np.arange(1, first.shape[1] + 1)
    average: Floats = (shared[:, depths - 1, depths - 1] / depths).mean(axis=1)
    return average


def compare(models: Sequence[AnsweredModel]) -> Comparison:
    """Put the answers of models side by side, on the prompts that all of them answered.

    Args:
        models: At least two, with different names.

    Returns:
        The comparison.

    Raises:
        InputError: Two models have one name, were asked different things under one id, or share
            too few prompts or too many.
    """
    names = tuple(model.name for model in models)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError("two models have this name", where=twice)
    prompts = _shared(models)
    tokenizers = {model.tokenizer for model in models}
    listed = all(model.answers[one].likeliest for model in models for one in prompts)
    differ = len(tokenizers - {""}) > 1
    notes = []
    asked = max(len(model.answers) for model in models)
    if len(prompts) < asked:
        notes.append(
            f"{len(prompts):,} of {asked:,} prompts are compared: all models answered them"
        )
    if differ:
        notes.append("the tokenizers differ: first words are compared as text, never token ids")
    elif "" in tokenizers:
        notes.append("not every tokenizer is known: text is compared, never token ids")
    if listed and not differ:
        basis, texts = LIKELIEST_TOKENS, [_tokens(model, prompts) for model in models]
    else:
        basis, texts = FIRST_WORDS, [_words(model, prompts) for model in models]
    return Comparison(names, tuple(prompts), basis, _numbers(texts), tuple(notes))


def _shared(models: Sequence[AnsweredModel]) -> list[str]:
    """List the prompts that all models answered, each text once."""
    first, *others = models
    prompts, seen = [], set()
    for one in sorted(first.answers):  # in whichever order they were answered
        answer = first.answers[one]
        there = [model.answers.get(one) for model in others]
        texts = {other.prompt for other in (answer, *there) if other is not None and other.prompt}
        if len(texts) > 1:
            raise InputError(
                f"models were asked different things under the id {one!r}",
                where=first.name,
                hint="Ask every model the same prompts.",
            )
        text = next(iter(texts), one)
        if all(there) and text not in seen:
            seen.add(text)
            prompts.append(one)
    if len(prompts) < FEWEST_PROMPTS:
        raise InputError(
            f"only {len(prompts):,} prompts were answered by every model; {FEWEST_PROMPTS} are "
            "the least",
            where=first.name,
            hint="Ask all models the same prompts, under the same ids; empty answers do not count.",
        )
    if len(prompts) > MOST_PROMPTS:
        raise InputError(f"more than {MOST_PROMPTS:,} prompts", where=first.name)
    return prompts


def _words(model: AnsweredModel, prompts: Sequence[str]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for one in prompts:
        answer = model.answers[one]
        if not answer.text.strip():
            raise InputError(
                f"the answer to {one!r} has no text, and tokens cannot be compared",
                where=model.name,
                hint="Give text for every model, or likeliest tokens of one tokenizer.",
            )
        found.append((first_word(answer.text),))
    return found


def _tokens(model: AnsweredModel, prompts: Sequence[str]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for one in prompts:
        plain = [text.strip(_WORD_STARTS) or text for text in model.answers[one].likeliest]
        rows.append(tuple(dict.fromkeys(plain))[:DEEPEST])
    return rows


def _numbers(texts: Sequence[Sequence[tuple[str, ...]]]) -> Numbers:
    """Number the texts; every list is cut to the length of the shortest."""
    depth = min(len(row) for rows in texts for row in rows)
    known: dict[str, int] = {}
    return np.array(
        [
            [[known.setdefault(text, len(known)) for text in row[:depth]] for row in rows]
            for rows in texts
        ],
        dtype=np.int64,
    )
