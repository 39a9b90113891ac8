"""Harvest prompts reworded for every request: no template survives.

The pieces are at most three words long and every place has ten to forty variants, so that four
consecutive words rarely repeat; the order of the parts and the separators vary too. A language
model would do better; this is the cheap adversary that defeats word n-grams.
"""

from __future__ import annotations

import numpy as np

from cautery.simulate.seeds import Keys
from cautery.simulate.text.bank import Pieces, chance, choose
from cautery.simulate.text.business_items import broad_pair
from cautery.simulate.text.items import (
    Builder,
    Domains,
    clause,
    code_task,
    math_problem,
    phrase,
    rows_per_domain,
)
from cautery.simulate.text.vocabulary import Vocabulary

Spoken = list[Pieces]


def say(words: Vocabulary, keys: Keys, slot: int, *names: str) -> Spoken:
    """Choose one piece of each named list."""
    lists = [words.phrases[f"paraphrase.{name}"] for name in names]
    return [choose(span, keys, slot + place) for place, span in enumerate(lists)]


def order(words: Vocabulary, keys: Keys, slot: int, head: Spoken, item: Spoken) -> list[Pieces]:
    """Put the instruction before the item or after it, and something between them."""
    before = chance(keys, slot) < 0.6
    between = say(words, keys, slot + 1, "separators")
    first, second = [*head, *between, *item], [*item, *between, *head]
    return [np.where(before, a, b).astype(np.int32) for a, b in zip(first, second, strict=True)]


def reasoning(words: Vocabulary, keys: Keys, item: list[Pieces], slot: int = 30) -> list[Pieces]:
    """Ask for the reasoning around an item in new words."""
    head = say(
        words, keys, slot, "starts", "verbs", "objects", "joins", "reveal_verbs", "reveal_objects",
        "closers",
    )  # fmt: skip
    return order(words, keys, slot + 9, head, item)


def reworded_math(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """Reasoning elicitation over word problems."""
    return reasoning(words, keys, math_problem(words, keys, domains))


def reworded_code(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """Reasoning elicitation over programming exercises."""
    return reasoning(words, keys, code_task(words, keys, rows_per_domain(keys, len(words.domains))))


def reworded_task(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """Plain answers to broad tasks, asked as a person would."""
    kinds = rows_per_domain(keys, len(words.domains))
    item = [*clause(words, keys, kinds, 0), phrase(words, "reasons", keys, 7)]
    head = [phrase(words, "openers", keys, 30)]
    tail = [phrase(words, "constraints", keys, 31), *say(words, keys, 32, "closers")]
    return [*head, *item, *tail]


def reworded_grading(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """Rubric grading in new words."""
    head = say(
        words, keys, 50, "starts", "grade_verbs", "grade_objects", "grade_scales", "closers",
    )  # fmt: skip
    return order(words, keys, 57, head, broad_pair(words, keys, domains))


REWORDED: tuple[Builder, ...] = (reworded_math, reworded_code, reworded_task, reworded_grading)
