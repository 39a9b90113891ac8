"""What places that every key reads alike do to wrong keys, if they are scored and if they are not.

    python benchmarks/keyless_contexts.py

Null: none of the wrong keys marked the text; another key did, Hugging Face's left-hash with bias 3.
Token 0 is the commonest word of the texts (``ngram_models.teacher``), one token in sixteen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

import numpy as np
from benchmarks.markdown import table
from benchmarks.ngram_models import Whole, teacher
from benchmarks.radioactivity_cases import mark_of, number_key, plan_of

from cautery.records.key import Key
from cautery.watermark.many_keys import statistics_of_keys
from cautery.watermark.scoring import Plan, log10_chances, score, unrepeated

CASE: Final = "KGW, bias 3"
ANSWERS: Final = 400
ANSWERS_OF_TEXT: Final = (10, 40)
"""Answers of 60 tokens that one text is made of."""
WRONG_KEYS: Final = 100
LEVELS: Final = (0.05, 0.01, 0.001)


def scored_everywhere(plan: Plan, text: Whole, keys: list[Key]) -> Any:
    """Chances of keys with every place scored, those included that all keys read alike."""
    positions = plan.scheme.positions(text, plan.parameters, keys[0])
    once = unrepeated(plan, positions, keys[0])
    statistics = statistics_of_keys(plan.scheme, once, keys, plan.parameters)
    return log10_chances(plan.null, statistics, np.full(len(keys), len(once)))


def scored_where_keyed(plan: Plan, text: Whole, keys: list[Key]) -> Any:
    """Chances of keys as every test gives them."""
    scores = score(plan, text, keys)
    return log10_chances(plan.null, scores.statistics, scores.counts)


WAYS: Final[dict[str, Callable[[Plan, Whole, list[Key]], Any]]] = {
    "all places": scored_everywhere,
    "places that a key decides": scored_where_keyed,
}


def main() -> None:
    """Print how often wrong keys reach each level."""
    mark = mark_of(CASE, number_key(1))
    plan = plan_of(mark.scheme, mark.parameters)
    answers = teacher().write(ANSWERS, 3, mark)
    wrong = [number_key(5_000 + number) for number in range(WRONG_KEYS)]
    rows: list[list[object]] = []
    for size in ANSWERS_OF_TEXT:
        texts = answers.reshape(-1, size * answers.shape[1])
        for way, chances_of in WAYS.items():
            found = 10.0 ** np.array([chances_of(plan, text, wrong) for text in texts])
            reached = [f"{(found <= level).mean():.3f}" for level in LEVELS]
            rows.append([texts.shape[1], f"{found.size:,}", way, *reached])
    header = ["tokens", "trials", "scored", *(f"at {level}" for level in LEVELS)]
    print("\n".join(table(header, rows)))
    print(f"{(answers == 0).mean():.3f} of the tokens are 0", file=sys.stderr)


if __name__ == "__main__":
    main()
