"""Whether accounts of a campaign, tested together, show as often as the probe says beforehand."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from benchmarks.markdown import table
from benchmarks.ngram_models import Mark, Student, Whole, samples_of, teacher, training_data
from benchmarks.radioactivity_cases import ASKED, ROWS, number_key, plan_of

from cautery.provenance.radioactive_evidence import evidence_of_keys
from cautery.provenance.radioactive_power import Mixture, power_at
from cautery.provenance.radioactive_tests import (
    Tally,
    expectation_of,
    log10_chance_of,
    tallies_of,
)
from cautery.provenance.suspect_material import Exposure
from cautery.records.key import Key

CASES: Final[dict[str, tuple[str, dict[str, Any], int]]] = {
    "KGW, bias 3": ("hf-kgw", {"vocab_size": 3_000, "bias": 3.0}, 1),
    "Gumbel, width 1": ("vllm-gumbel", {"context_width": 1}, 1),
    "Gumbel, width 2": ("vllm-gumbel", {"context_width": 2}, 2),
}
ACCOUNTS: Final = (10, 57)
SHARES: Final = (0.05, 0.1, 0.2)
SEEDS: Final = tuple(range(1, 21))
LOG10_LEVEL: Final = -3.0


@dataclass(frozen=True)
class Harvest:
    """What accounts harvested, and what a student of it and a clean one write."""

    case: str
    accounts: int
    share: float
    seed: int

    @cached_property
    def keys(self) -> list[Key]:
        """One an account."""
        first = 10_000 * self.seed
        return [number_key(first + n, account_id=f"a{n}") for n in range(self.accounts)]

    def pool(self, written: Whole, marked: Whole, mark: Mark) -> Tally:
        """Test a sample for all accounts together, in contexts of their own answers."""
        each, rest = divmod(len(marked), self.accounts)
        owners = [f"a{n}" for n in range(self.accounts) for _ in range(each + (n < rest))]
        exposures = [
            Exposure(tokens=row, account_id=owner)
            for row, owner in zip(marked, owners, strict=True)
        ]
        plan = plan_of(mark.scheme, mark.parameters)
        evidence = list(evidence_of_keys(plan, samples_of(written), exposures, self.keys))
        return tallies_of(evidence, dict.fromkeys(owners, "C-1"))[-1]

    def outcome(self) -> tuple[float, float, float]:
        """log10 p of a copy, the power said of a clean sample, and that for each key's share."""
        scheme, given, width = CASES[self.case]
        marks = [Mark(scheme, tuple(given.items()), (key,), width) for key in self.keys]
        texts, marked = training_data(self.share, ROWS, marks, self.seed)
        plan = plan_of(scheme, marks[0].parameters)
        copy = self.pool(Student(texts, width).write(ASKED // 2, self.seed), marked, marks[0])
        other = Student(teacher().write(ROWS, 500 + self.seed), width)
        clean = self.pool(other.write(ASKED // 2, self.seed), marked, marks[0])
        expected, measured, _ = expectation_of(plan, clean)
        said, as_one = (
            power_at(
                plan.null,
                law,
                len(clean.values),
                LOG10_LEVEL,
                marked_share=self.share,
                memorisation=1.0,
            )
            for law in (expected, Mixture(plan.null, measured))
        )
        return log10_chance_of(plan, copy)[1], said, as_one


def show_pools() -> None:
    """Print how often accounts together show, and how often they were said to."""
    rows: list[list[object]] = []
    for case in CASES:
        for accounts in ACCOUNTS:
            for share in SHARES:
                found = [Harvest(case, accounts, share, seed).outcome() for seed in SEEDS]
                chances, said, as_one = np.array(found).T
                shown = f"{(chances <= LOG10_LEVEL).sum()} of {len(chances)}"
                cells = [f"{np.median(chances):.1f}", shown]
                cells += [f"{said.mean():.2f}", f"{as_one.mean():.2f}"]
                rows.append([case, accounts, f"{share:.0%}", *cells])
                print(*rows[-1], file=sys.stderr, flush=True)
    header = ["keys of accounts", "accounts", "marked share", "together: log10 p, median"]
    header += [f"p < 1e{LOG10_LEVEL:.0f}", "power said", "if each key had the whole share"]
    print("\n".join(table(header, rows)))
