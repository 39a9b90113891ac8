"""Count false links where there can be none: networks rewired, every degree kept.

    python benchmarks/null_networks.py --tiers none february hydra --seeds 1 32 --shuffles 5

Each log is simulated and read. Then the accounts of every kind of thing are dealt anew, so that a
busy account stays busy, a popular address popular, and nothing is shared for a reason: whatever a
test then accepts is false. Behaviour (templates, system prompts, parameters) is tested against
cards and addresses as the scan does it, under its null and under one that takes all accounts for
equally busy. Infrastructure, which the scan joins by rarity and not by a test, is tested account
by account (Saracco and others, New Journal of Physics 2017); and the whole scan is run over the
rewired log, whose groups are all by chance.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.labelled_logs import LogRequest, make_log
from benchmarks.poisson_binomial import poisson_tail_log_p
from benchmarks.results_file import RESULTS_FOLDER, ResultsFile
from benchmarks.rewired import rewired_pairs, shared_by

from cautery.ingest.account_table import read_account_table
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.records.progress import SilentProgress
from cautery.registry import LINKS, SIGNALS
from cautery.scan.association import (
    FEWEST_HOLDERS,
    JOINING_RATE,
    MOST_COMMON,
    concentrate,
    overlaps,
)
from cautery.scan.campaigns import HARD_LINKS, PASSES
from cautery.scan.configuration_model import fit_pairs
from cautery.scan.degree_null import SharedThings, ThingKind, customer_matrix, shared_things
from cautery.scan.evidence import judge
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences
from cautery.scan.linking import candidates_of, incidences_of
from cautery.scan.null_models import accepted, poisson_log_p
from cautery.scan.reading import read_facts
from cautery.scan.run import _settled, present_columns
from cautery.scan.verdicts import collect

Integers = NDArray[np.int64]
Counts = dict[str, int]
BEHAVIOUR = tuple(name for names in PASSES for name in names)
_KEYS = ("world", "tier", "seed", "accounts", "link", "null", "shuffles")


def equally_busy(things: SharedThings) -> SharedThings:
    """Put the null in place in which every customer shows a thing with the same chance."""
    count = things.shown.shape[1]
    degrees, class_of, uses = np.unique(things.degrees, return_inverse=True, return_counts=True)
    kind = ThingKind(
        classes=sparse.csr_matrix(np.ones((count, 1))),
        chances=degrees[None, :] / count,
        things=uses.astype(np.int64),
    )
    return replace(things, kinds=(kind,), class_of=class_of.astype(np.int64))


def concentration_counts(
    behaviour: Incidences, things: SharedThings, customers: Integers
) -> Counts:
    """Count what the scan's tests of one behaviour link accept."""
    shows = customer_matrix(behaviour, customers)
    holders = np.diff(shows.indptr)
    shows = shows[(holders >= FEWEST_HOLDERS) & (holders <= MOST_COMMON * shows.shape[1])]
    tests = shows.shape[0] * things.degrees.size
    pairs, expected = overlaps(shows, things)
    kinds = len(things.kinds)
    family = pairs.row * kinds + things.kind_of[pairs.column]
    observed = np.bincount(family, minlength=expected.size).reshape(expected.shape)
    counted = np.hstack([observed, observed.sum(axis=1, keepdims=True)])
    by_chance = np.hstack([expected, expected.sum(axis=1, keepdims=True)])
    log_p = poisson_log_p(counted.ravel(), by_chance.ravel())
    pooled = accepted(log_p, max(counted.size, 1)).reshape(counted.shape).any(axis=1)
    return {
        "tested": tests,
        "accepted": int(accepted(pairs.log_p, max(tests, 1), JOINING_RATE).sum()),
        "tokens": int(pooled.sum()),
        "joining": int(concentrate(behaviour, things, customers).joins.sum()),
    }


def account_pair_counts(pairs: Incidences, account_count: int) -> Counts:
    """Count pairs of accounts that share more things of one kind than their numbers explain."""
    model = fit_pairs(pairs, account_count)
    held = shared_by(pairs, account_count)
    degree = np.diff(held.indptr)
    held = held[degree >= 2]
    found = (held.T @ held).tocoo()
    kept = found.row < found.col
    first, second = model.of_account[found.row[kept]], model.of_account[found.col[kept]]
    log_p = poisson_tail_log_p(found.data[kept], model.expected_shared()[first, second])
    tests = account_count * (account_count - 1) // 2
    return {
        "tested": tests,
        "accepted": int(accepted(log_p, tests).sum()),
        "tokens": int(kept.sum()),
        "joining": int((degree >= 2).sum()),
    }


def scan_counts(facts: Facts, found: dict[str, Incidences]) -> Counts:
    """Run the scan over some pairs: accounts in candidates, in groups at watch and at likely."""
    candidates = candidates_of(facts, found, 0)
    settled = _settled(facts, candidates, found)
    groups = settled.groups
    verdicts = judge(facts, groups, [SIGNALS.load(name) for name in SIGNALS.names()])
    case = collect(facts, groups, verdicts, settled.membership, all_near_misses=False)
    likely = sum(row.accounts for row in case.campaigns if row.band in {"likely", "very likely"})
    return {
        "tested": facts.account_count,
        "tokens": int((candidates.group_of >= 0).sum()),
        "joining": sum(row.accounts for row in case.campaigns),
        "accepted": likely,
    }


def _counted(facts: Facts, found: dict[str, Incidences]) -> Iterator[tuple[str, str, Counts]]:
    things = shared_things([found[name] for name in HARD_LINKS if name in found], facts.customers)
    for name in BEHAVIOUR:
        pairs = found[name]
        yield name, "degrees", concentration_counts(pairs, things, facts.customers)
        yield name, "equal", concentration_counts(pairs, equally_busy(things), facts.customers)
    for name in sorted(set(found) - set(BEHAVIOUR)):
        yield name, "degrees", account_pair_counts(found[name], facts.account_count)
    yield "whole scan", "degrees", scan_counts(facts, found)


def measure(request: LogRequest, shuffles: int) -> Iterator[dict[str, Any]]:
    """Count what is accepted in one log, and on average in rewired ones.

    Args:
        request: Which log.
        shuffles: How many times it is rewired.

    Yields:
        One line of results for each link and null.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = make_log(request, Path(name) / "log")
        work = Path(name) / "work"
        work.mkdir()
        logs = tuple(str(path) for path in sorted(folder.glob("exchanges*")))
        table = read_logs(IngestOptions(logs=logs), work, SilentProgress())
        accounts = read_account_table(folder / "accounts.csv")
        facts = read_facts(table.parts, present_columns(table), accounts, (), None)
        found, _missing = incidences_of(facts)
        generator = np.random.default_rng(0)
        rows: dict[tuple[str, str], dict[str, Any]] = {
            (link, null): dict(counts) for link, null, counts in _counted(facts, found)
        }
        for _shuffle in range(shuffles):
            dealt = {
                link: pairs
                if LINKS.load(link).family == "behaviour"
                else rewired_pairs(pairs, generator)
                for link, pairs in found.items()
            }
            for link, null, counts in _counted(facts, dealt):
                for what, count in counts.items():
                    rows[link, null].setdefault(f"false_{what}", []).append(count)
        facts.close()
    for (link, null), counts in rows.items():
        key = (request.world, request.tier, request.seed, request.accounts, link, null, shuffles)
        yield dict(zip(_KEYS, key, strict=True)) | counts


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the logs that are asked for; the tables are written by ``benchmarks/pages.py``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--tiers", nargs="+", default=["none", "february", "hydra"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--accounts", type=int, default=3_000)
    parser.add_argument("--shuffles", type=int, default=5)
    parser.add_argument("--results", type=Path, default=RESULTS_FOLDER / "null-networks.jsonl")
    given = parser.parse_args(arguments)
    results = ResultsFile(given.results, _KEYS)
    for tier in given.tiers:
        for seed in given.seeds:
            request = LogRequest(world="simulate", tier=tier, seed=seed, accounts=given.accounts)
            for row in measure(request, given.shuffles):
                print(results.add(row), flush=True)
    results.tidy()


if __name__ == "__main__":
    main()
