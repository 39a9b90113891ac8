"""Radioactivity of n-gram students: p-values, null, accounts, and the attacks that remove it.

    python benchmarks/radioactivity.py power        # by the marked share, shown and said
    python benchmarks/radioactivity.py null         # wrong keys, and students that saw no mark
    python benchmarks/radioactivity.py accounts     # keys of accounts, pooled, and two layers
    python benchmarks/radioactivity.py paraphrase   # words of the harvest replaced
    python benchmarks/radioactivity.py neutralise   # asked against a reference without the mark
    python benchmarks/radioactivity.py reference    # tested against unmarked text
    python benchmarks/radioactivity.py pools        # power of accounts together, said and real

The teacher is a bigram model of human prompts, the students are n-gram models (ngram_models.py):
they repeat their training data's frequencies exactly, which no neural model does. So the figures
say how the test behaves, and which attack removes what; not what a neural student would show.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

import numpy as np
from benchmarks.markdown import table
from benchmarks.ngram_models import (
    Mark,
    Student,
    samples_of,
    teacher,
    training_data,
)
from benchmarks.radioactivity_attacks import show_neutralisation, show_paraphrase
from benchmarks.radioactivity_cases import (
    LOG10_LEVEL,
    SCHEME_CASES,
    evidence,
    layer_key,
    mark_of,
    number_key,
    plan_of,
)
from benchmarks.radioactivity_pools import show_pools
from benchmarks.radioactivity_power import show_power
from benchmarks.radioactivity_reference import show_reference

from cautery.provenance.radioactive_evidence import evidence_of_keys
from cautery.provenance.radioactive_tests import (
    Tally,
    control_chances,
    log10_chance_of,
    tallies_of,
)
from cautery.provenance.suspect_material import Exposure
from cautery.records.key import Key, Layer
from cautery.records.probe import Pool
from cautery.watermark.multiple_testing import holm

CONTROL_KEYS: Final = 200


def show_null() -> None:
    """Print whether wrong keys and clean students are uniform."""
    from scipy.stats import kstest

    rows = []
    for case in SCHEME_CASES:
        for share in (0.0, 0.05):
            key = number_key(51)
            mark = mark_of(case, key)
            texts, marked = training_data(share, 1_000, mark, 51)
            samples = samples_of(Student(texts, mark.width).write(600, 52))
            plan, one, _ = evidence(mark, key, samples, marked)
            found = 10.0 ** control_chances(plan, one, CONTROL_KEYS)
            what = f"{CONTROL_KEYS} wrong keys, student fed {share:.0%}"
            rows.append([case, what, f"{len(one.values):,}", *_uniformity(found, kstest)])
            print(*rows[-1], file=sys.stderr, flush=True)
        found = np.array(list(_clean_chances(case)))
        rows.append(
            [case, f"{len(found)} right keys, 5 clean students", "", *_uniformity(found, kstest)]
        )
        print(*rows[-1], file=sys.stderr, flush=True)
    header = ["scheme", "null", "pairs", "KS p", "at .05", "at .01", "smallest p"]
    print("\n".join(table(header, rows)))


def _uniformity(chances: Any, kstest: Any) -> list[object]:
    return [
        f"{kstest(chances, 'uniform').pvalue:.3f}",
        f"{(chances <= 0.05).mean():.3f}",
        f"{(chances <= 0.01).mean():.3f}",
        f"{chances.min():.1e}",
    ]


def _clean_chances(case: str, keys: int = 40) -> Iterator[float]:
    """Chances of right keys, with the filter of what they marked, in students that saw none."""
    for seed in range(5):
        order = SCHEME_CASES[case][2]
        written = samples_of(Student(teacher().write(600, 900 + seed), order).write(200, seed))
        for number in range(keys):
            key = number_key(5000 + seed * keys + number)
            mark = mark_of(case, key)
            yield 10.0 ** evidence(mark, key, written, teacher().write(10, number, mark))[2]


def show_accounts() -> None:
    """Print what keys of accounts show, alone and pooled, and what the two layers add."""
    cases = {
        "keys of accounts, width 1": ("vllm-sbw", {"scheme": "lefthash", "gamma": 0.25}, 1),
        "keys of accounts, width 2": ("vllm-gumbel", {"context_width": 2}, 2),
        "two layers": ("cautery-two-layer", {}, 4),
    }
    rows = []
    for name, (scheme, given, width) in cases.items():
        for accounts in (10, 100, 400):
            rows += _account_rows(name, Mark(scheme, tuple(given.items()), (), width), accounts)
            print(*rows[-1], file=sys.stderr, flush=True)
    header = ["keys", "accounts", "contexts", "shared key, log10 p", "accounts named"]
    header += ["best account, corrected log10 p", "accounts together, log10 p"]
    print("\n".join(table(header, rows)))


def _account_rows(name: str, like: Mark, accounts: int) -> Iterator[list[object]]:
    shared: list[Key] = []
    if like.scheme == "cautery-two-layer":
        shared = [layer_key(-2, Layer.SHARED, epoch="e1")]
        own = [layer_key(n, Layer.ACCOUNT, account_id=f"a{n}") for n in range(accounts)]
    else:
        own = [number_key(n, account_id=f"a{n}") for n in range(accounts)]
    marks = [Mark(like.scheme, like.given, (*shared, key), like.width) for key in own]
    total = max(1_200, 3 * accounts)
    rows, marked = training_data(1.0, total, marks, 5)
    written = samples_of(Student(rows, min(like.width, 2)).write(1_000, 6))
    plan = plan_of(like.scheme, marks[0].parameters)
    owners = [f"a{n}" for n in range(accounts) for _ in range(total // accounts)]
    exposures = [
        Exposure(tokens=row, account_id=owner) for row, owner in zip(marked, owners, strict=True)
    ]
    campaign = dict.fromkeys(owners, "C-1")
    for contexts, given in (("all", []), ("of each account", exposures)):
        found = list(evidence_of_keys(plan, written, given, [*shared, *own]))
        tallies = tallies_of(found, campaign)
        chances = np.array([log10_chance_of(plan, tally)[1] for tally in tallies])
        yield [name, accounts, contexts, *_account_cells(tallies, chances, holm(chances))]


def _account_cells(tallies: list[Tally], chances: Any, corrected: Any) -> list[object]:
    kinds = np.array([str(tally.pool) for tally in tallies])
    alone = corrected[kinds == Pool.ACCOUNT]
    epoch = chances[kinds == Pool.EPOCH]
    return [
        f"{epoch[0]:.1f}" if len(epoch) else "none",
        f"{(alone <= LOG10_LEVEL).sum()}",
        f"{alone.min():.1f}",
        f"{chances[kinds == Pool.CAMPAIGN_ACCOUNTS][0]:.1f}",
    ]


PARTS: Final = {
    "power": show_power,
    "null": show_null,
    "accounts": show_accounts,
    "paraphrase": show_paraphrase,
    "neutralise": show_neutralisation,
    "reference": show_reference,
    "pools": show_pools,
}


def main() -> None:
    """Read the command line and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", choices=sorted(PARTS))
    start = time.process_time()
    PARTS[parser.parse_args().part]()
    print(f"\n{time.process_time() - start:.0f} s of one processor", file=sys.stderr)


if __name__ == "__main__":
    main()
