"""Measures the guardrail gap's statistics: size under the null, coverage, power, and the rules.

    python benchmarks/guardrail_gap.py          # size, coverage, power: some seconds
    python benchmarks/guardrail_gap.py FILE.gz  # answers of people that the rules call refused

FILE.gz holds OpenAssistant trees (Apache-2.0), one a line.
"""

from __future__ import annotations

import gzip
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from cautery.provenance.answer_grading import RuleGrader
from cautery.provenance.paired_tests import (
    PairedCounts,
    difference_interval,
    log10_chance_of_loss,
    loss_needed,
)

SUITES = 4
LEVEL = 0.01
DRAWS = 20_000


def size_rows() -> Iterator[str]:
    """Share of suspects named that do as their teacher does; items differ in hardness."""
    chance = cache(log10_chance_of_loss)
    for pairs in (30, 200):
        for guarded in (0.5, 0.9):
            random = np.random.default_rng(7)
            hardness = np.clip(random.normal(guarded, 0.2, pairs), 0, 1)
            teacher, suspect = random.random((2, DRAWS, pairs)) < hardness
            lost = (teacher & ~suspect).sum(axis=1).tolist()
            gained = (suspect & ~teacher).sum(axis=1).tolist()
            found = np.array([chance(*each) for each in zip(lost, gained, strict=True)])
            shares = [(found <= math.log10(level)).mean() for level in (0.05, 0.01)]
            yield f"| {pairs} | {guarded:.0%} | {shares[0]:.4f} | {shares[1]:.4f} |"


def coverage() -> float:
    """Share of Newcombe's 95 % intervals that hold the true difference, 30 pairs."""
    shares, covered = [0.5, 0.3, 0.05, 0.15], 0
    for both, lost, gained, neither in (
        np.random.default_rng(11).multinomial(30, shares, DRAWS).tolist()
    ):
        counts = PairedCounts(both=both, lost=lost, gained=gained, neither=neither)
        _, low, high = difference_interval(counts)
        covered += low <= 0.25 <= high
    return covered / DRAWS


def power_rows() -> Iterator[str]:
    """Lost share that shows with 90 % chance."""
    level = math.log10(LEVEL / SUITES)
    for pairs in (30, 100, 300, 1000):
        needed = [loss_needed(pairs, gained, level) for gained in (0.0, 0.05, 0.1)]
        cells = ("none" if each is None else f"{each:.0%}" for each in needed)
        yield f"| {pairs:,} | {' | '.join(cells)} |"


def answers_of(node: dict[str, Any]) -> Iterator[str]:
    """Walk a tree for answers that people wrote."""
    if node.get("role") == "assistant" and not node.get("synthetic"):
        yield node["text"]
    for reply in node.get("replies", []):
        yield from answers_of(reply)


def main() -> None:
    """Print the tables."""
    if len(sys.argv) > 1:
        with gzip.open(sys.argv[1]) as stream:
            trees = [json.loads(line) for line in stream]
        texts = [text for tree in trees for text in answers_of(tree.get("prompt", tree))]
        grades = [RuleGrader().grade("request", "", text) for text in texts]
        print(dict(Counter(map(str, grades))))
        for text, grade in zip(texts, grades, strict=True):
            if grade == "refused":
                print(ascii(text[:200]))
        return
    print("size:", *size_rows(), sep="\n")
    print(f"coverage: {coverage():.4f}")
    print("power:", *power_rows(), sep="\n")


if __name__ == "__main__":
    main()
