"""What students show by the marked share of their training data, and what the probe says of it.

The power is said of what a clean student writes: it is what the probe prints where it found
nothing. A sample that shows a key has its pairs already, and nothing is said of it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from benchmarks.markdown import table
from benchmarks.ngram_models import Mark, Student, Whole, samples_of, teacher, training_data
from benchmarks.radioactivity_cases import (
    ASKED,
    LOG10_LEVEL,
    ROWS,
    SCHEME_CASES,
    SEEDS,
    evidence,
    mark_of,
    number_key,
)

from cautery.provenance.radioactive_power import Expectation, Mixture, power_at, share_needed
from cautery.provenance.radioactive_tests import expectation_of, tallies_of
from cautery.provenance.suspect_material import forced_samples
from cautery.records.key import Key
from cautery.watermark.power import Effect
from cautery.watermark.scoring import Plan

SHARES: Final = (0.01, 0.02, 0.05, 0.1, 0.2)
CLEAN_SEED: Final = 5_000
"""Added to a student's seed: its clean counterpart learns other text."""
LED_ALONG: Final = 100
LIKELIEST: Final = 3


@dataclass(frozen=True)
class Said:
    """What a clean sample says of copies."""

    plan: Plan
    pairs: int
    expected: Expectation
    marked: Effect

    def power(self, share: float, law: Expectation | None = None) -> float:
        """Chance that a copy shows."""
        given = (self.plan.null, law or self.expected, self.pairs, LOG10_LEVEL)
        return power_at(*given, marked_share=share, memorisation=1.0)

    def mixture(self, share: float) -> float:
        """The same by the first of the two countings alone."""
        return self.power(share, Mixture(self.plan.null, self.marked))

    def share_needed(self) -> float:
        """Marked share that shows with 90 % chance; infinite where even all does not."""
        found = share_needed(self.plan.null, self.expected, self.pairs, LOG10_LEVEL, 1.0)
        return math.inf if found is None else found


@dataclass(frozen=True)
class Case:
    """A student, and its clean counterpart."""

    name: str
    share: float
    seed: int

    @cached_property
    def key(self) -> Key:
        """The key that marked."""
        return number_key(1000 + self.seed)

    @cached_property
    def mark(self) -> Mark:
        """The watermark."""
        return mark_of(self.name, self.key)

    @cached_property
    def texts(self) -> tuple[Whole, Whole]:
        """What the student learns, and the marked part of it."""
        return training_data(self.share, ROWS, self.mark, self.seed)

    def said(self) -> Said:
        """Ask the clean student."""
        other = Student(teacher().write(ROWS, CLEAN_SEED + self.seed), self.mark.width)
        written = samples_of(other.write(ASKED, self.seed))
        plan, one, _ = evidence(self.mark, self.key, written, self.texts[1])
        (tally,) = tallies_of([one], {})
        expected, marked, _ = expectation_of(plan, tally)
        return Said(plan, len(one.values), expected, marked)

    def shown(self) -> Iterator[float]:
        """Pairs of the student, their excess, and log10 p, closed and open."""
        texts, marked = self.texts
        student = Student(texts, self.mark.width)
        written = samples_of(student.write(ASKED, self.seed))
        plan, one, log10_p = evidence(self.mark, self.key, written, marked)
        led = forced_samples(student, list(marked[:LED_ALONG]), LIKELIEST)
        yield from (len(one.values), float(one.values.mean()) - plan.null.mean, log10_p)
        yield evidence(self.mark, self.key, led, marked)[2]


def show_power() -> None:
    """Print p-values by the marked share, and the power that was said."""
    header = ["scheme", "marked share", "pairs", "excess", "log10 p, median", "weakest"]
    header += [f"p < 1e{LOG10_LEVEL:.0f}", "power said", "mixture alone", "share needed"]
    header += ["open: log10 p"]
    rows = [_row(name, share) for name in SCHEME_CASES for share in SHARES]
    print("\n".join(table(header, rows)))


def _row(name: str, share: float) -> list[object]:
    cases = [Case(name, share, seed) for seed in SEEDS]
    pairs, excess, chances, opened = np.array([list(case.shown()) for case in cases]).T
    said = [case.said() for case in cases]
    needed = float(np.median([one.share_needed() for one in said]))
    row: list[object] = [
        name,
        f"{share:.0%}",
        f"{np.median(pairs):,.0f}",
        f"{np.median(excess):.4f}",
        f"{np.median(chances):.1f}",
        f"{chances.max():.1f}",
        f"{(chances < LOG10_LEVEL).sum()} of {len(SEEDS)}",
        f"{np.mean([one.power(share) for one in said]):.2f}",
        f"{np.mean([one.mixture(share) for one in said]):.2f}",
        f"{needed:.1%}" if needed <= 1.0 else "more than all",
        f"{np.median(opened):.1f}",
    ]
    print(*row, sep=" | ", file=sys.stderr, flush=True)
    return row
