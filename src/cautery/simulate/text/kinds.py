"""The kinds of items by name; a strand of traffic holds the number of its kind."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from cautery.simulate.seeds import Keys
from cautery.simulate.text import business_items, items, paraphrased
from cautery.simulate.text.bank import Pieces
from cautery.simulate.text.items import Builder, Domains
from cautery.simulate.text.vocabulary import Vocabulary

ITEM_KINDS: Final[dict[str, Builder]] = {
    "empty": business_items.empty,
    "opening": items.opening,
    "follow_up": items.follow_up,
    "foreign": items.foreign,
    "task": items.task,
    "math": items.math_problem,
    "code_task": items.code_task,
    "code_turn": items.code_turn,
    "code_review": business_items.code_review,
    "record": business_items.record,
    "pair": business_items.graded_pair,
    "segment": business_items.segment,
    "document": business_items.document,
    "benchmark": business_items.benchmark,
    "second_benchmark": business_items.second_benchmark,
    "human": business_items.human,
    "sensitive": business_items.sensitive,
    "broad_task": business_items.broad_task,
    "broad_pair": business_items.broad_pair,
    "coursework": business_items.coursework,
    "reworded_math": paraphrased.reworded_math,
    "reworded_code": paraphrased.reworded_code,
    "reworded_task": paraphrased.reworded_task,
    "reworded_grading": paraphrased.reworded_grading,
}
"""Builders by name, in the order of their numbers."""

KIND_NUMBER: Final = {name: number for number, name in enumerate(ITEM_KINDS)}
WIDTH: Final = 72
"""Most pieces of one item."""


def build_items(
    words: Vocabulary, kinds: npt.NDArray[np.int16], keys: Keys, domains: Domains
) -> Pieces:
    """Compose the items of many rows, each of its own kind."""
    matrix = np.zeros((len(keys), WIDTH), np.int32)
    for number, builder in enumerate(ITEM_KINDS.values()):
        rows = np.flatnonzero(kinds == number)
        if len(rows):
            for place, column in enumerate(builder(words, keys[rows], domains[rows])):
                matrix[rows, place] = column
    return matrix
