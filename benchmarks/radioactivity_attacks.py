"""What a harvester does against radioactivity: paraphrase before training, neutralise after it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from benchmarks.markdown import table
from benchmarks.ngram_models import (
    VOCABULARY,
    Student,
    Whole,
    drawn,
    samples_of,
    teacher,
    training_data,
)
from benchmarks.radioactivity_cases import (
    ASKED,
    LOG10_LEVEL,
    ROWS,
    SEEDS,
    evidence,
    mark_of,
    number_key,
)

HEADER = ["scheme", "marked share", "attack", "log10 p, median", "weakest", "p < 1e-5"]
ATTACKED_SHARES = (0.05, 0.2, 1.0)


def show_paraphrase() -> None:
    """Print what is left after words of the harvest are replaced before a student reads it."""
    rows: list[list[object]] = []
    for case in ("KGW, bias 3", "Gumbel, width 2"):
        for share in ATTACKED_SHARES:
            for replaced in (0.0, 0.1, 0.3, 0.5, 1.0):
                found = [_paraphrased(case, share, replaced, seed) for seed in SEEDS[:3]]
                attack = f"{replaced:.0%} of words replaced"
                rows.append([case, f"{share:.0%}", attack, *_left(found)])
                print(*rows[-1], file=sys.stderr, flush=True)
    print("\n".join(table(HEADER, rows)))


def show_neutralisation() -> None:
    """Print what is left after a student is asked against a reference of the attacker's own."""
    rows: list[list[object]] = []
    for share in ATTACKED_SHARES:
        for strength in (0.0, 0.5, 1.0):
            found = [_neutralised(share, strength, seed) for seed in SEEDS[:3]]
            attack = f"neutralised, strength {strength:g}"
            rows.append(["KGW, bias 3", f"{share:.0%}", attack, *_left(found)])
            print(*rows[-1], file=sys.stderr, flush=True)
    print("\n".join(table(HEADER, rows)))


def _left(chances: Sequence[float]) -> list[object]:
    named = sum(one < LOG10_LEVEL for one in chances)
    return [f"{np.median(chances):.1f}", f"{max(chances):.1f}", f"{named} of {len(chances)}"]


def _paraphrased(case: str, share: float, replaced: float, seed: int) -> float:
    """Replace words of the marked text by those of the next frequency before a student reads it."""
    key = number_key(1000 + seed)
    mark = mark_of(case, key)
    texts, marked = training_data(share, ROWS, mark, seed)
    draw = np.random.default_rng(seed)
    other = np.arange(VOCABULARY) ^ 1  # each word and its neighbour in frequency stand for another
    harvested = texts[: len(marked)]
    texts[: len(marked)] = np.where(
        draw.random(harvested.shape) < replaced, other[harvested], harvested
    )
    written = Student(texts, mark.width).write(ASKED, seed)
    return evidence(mark, key, samples_of(written), marked)[2]


def _neutralised(share: float, strength: float, seed: int) -> float:
    """Ask a student against a reference of the attacker's own, which saw no marked text.

    Each next token is drawn with the student's chance times (reference / student) ** strength,
    pair of words by pair: what inference-time neutralisation does where it knows the width.
    """
    key = number_key(1000 + seed)
    mark = mark_of("KGW, bias 3", key)
    texts, marked = training_data(share, ROWS, mark, seed)
    ratio = _bigrams(teacher().write(ROWS, 77 + seed)) / (own := _bigrams(texts))
    chances = own * ratio**strength
    draw = np.random.default_rng(seed)
    rows = np.empty((ASKED, 60), dtype=np.int64)
    rows[:, 0] = draw.choice(texts.ravel(), ASKED)
    everything = np.arange(VOCABULARY)
    for place in range(1, 60):
        for start in range(0, ASKED, 500):
            some = slice(start, start + 500)
            likely = chances[rows[some, place - 1]]
            offered = np.broadcast_to(everything, likely.shape)
            rows[some, place] = drawn(likely, offered, draw)
    return evidence(mark, key, samples_of(rows), marked)[2]


def _bigrams(texts: Whole) -> Any:
    """Chances of each next word, with a trifle for those that were never seen."""
    counts = np.full((VOCABULARY, VOCABULARY), 1e-4)
    np.add.at(counts, (texts[:, :-1].ravel(), texts[:, 1:].ravel()), 1.0)
    return counts / counts.sum(axis=1, keepdims=True)
