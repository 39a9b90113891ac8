"""Count false associations where there can be none: infrastructure shuffled, every degree kept.

    python benchmarks/null_networks.py --tiers february hydra --seeds 32 --shuffles 2

Each log is simulated and read; then all accounts exchange cards and addresses by curveball trades
(Strona and others, Nature Communications 2014), so that a busy account stays busy, a popular
address popular, and nothing is shared for a reason. Whatever a test then accepts is false. Two
nulls are compared: accounts are exchangeable, or keep their degrees (the configuration model).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.configuration_model import fit_degrees
from benchmarks.labelled_logs import LogRequest, make_log
from benchmarks.poisson_binomial import poisson_tail_log_p

from cautery.ingest.account_table import read_account_table
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.records.progress import SilentProgress
from cautery.registry import LINKS
from cautery.scan.association import FEWEST_HOLDERS, MOST_COMMON, customer_matrix
from cautery.scan.campaigns import HARD_LINKS, PASSES
from cautery.scan.facts import Facts
from cautery.scan.null_models import accepted, overlap_log_p
from cautery.scan.reading import read_facts
from cautery.scan.run import present_columns

Integers = NDArray[np.int64]
TRADES = 8
"""Trades for each thing: degrees of overlap no longer change after about five."""


def shuffled(things: sparse.csr_matrix, generator: np.random.Generator) -> sparse.csr_matrix:
    """Trade the holders of things until only the degrees are left of the network."""
    rows = [set(part.tolist()) for part in np.split(things.indices, things.indptr[1:-1])]
    pairs = generator.integers(0, len(rows), size=(TRADES * len(rows), 2))
    for first, second in pairs[pairs[:, 0] != pairs[:, 1]].tolist():
        both, either = rows[first] & rows[second], sorted(rows[first] ^ rows[second])
        own = len(rows[first]) - len(both)
        order = [either[place] for place in generator.permutation(len(either)).tolist()]
        rows[first], rows[second] = both | set(order[:own]), both | set(order[own:])
    held = np.concatenate([sorted(row) for row in rows]).astype(np.int64)
    bounds = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return sparse.csr_matrix((np.ones(held.size), held, bounds), shape=things.shape)


def accepted_pairs(shows: sparse.csr_matrix, things: sparse.csr_matrix) -> tuple[int, int, int]:
    """Test what all pairs of a behaviour and a shared thing have in common, at a rate of 1 %.

    Args:
        shows: Behaviour tokens x customers.
        things: Infrastructure tokens x customers, unshared ones too.

    Returns:
        Pairs tested, accepted with exchangeable accounts, and with degrees kept.
    """
    count = shows.shape[1]
    holders = np.diff(shows.indptr).astype(np.int64)
    shows = shows[(holders >= FEWEST_HOLDERS) & (holders <= MOST_COMMON * count)]
    holders = np.diff(shows.indptr).astype(np.int64)
    degrees = np.diff(things.indptr).astype(np.int64)
    shared = things[degrees >= 2]
    tests = shows.shape[0] * shared.shape[0]
    pairs = (shows @ shared.T).tocoo()
    kept = pairs.data >= 2
    rows, columns, overlap = pairs.row[kept], pairs.col[kept], pairs.data[kept].astype(np.int64)
    of_thing = degrees[degrees >= 2][columns]
    equal = overlap_log_p(count, holders[rows], of_thing, overlap)
    model = fit_degrees(np.bincount(things.indices, minlength=count).astype(np.int64), degrees)
    classes = sparse.csr_matrix(
        (np.ones(count), (np.arange(count), model.of_account)), shape=(count, model.accounts.size)
    )
    means = (shows @ classes @ model.chances)[rows, model.of_token[degrees >= 2][columns]]
    unequal = poisson_tail_log_p(overlap, means)
    return tests, int(accepted(equal, tests).sum()), int(accepted(unequal, tests).sum())


def _lines(request: LogRequest, shuffles: int, generator: np.random.Generator) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = make_log(request, Path(name) / "log")
        logs = tuple(str(path) for path in sorted(folder.glob("exchanges*")))
        work = Path(name) / "work"
        work.mkdir()
        table = read_logs(IngestOptions(logs=logs), work, SilentProgress())
        accounts = read_account_table(folder / "accounts.csv")
        facts: Facts = read_facts(table.parts, present_columns(table), accounts, (), None)
        found = {
            name: customer_matrix(LINKS.load(name).incidences(facts), facts.customers)
            for name in (*HARD_LINKS, *sum(PASSES, ()))
        }
        facts.close()
    things = sparse.vstack([found[name] for name in HARD_LINKS], format="csr")
    for number in range(shuffles + 1):
        for name in sum(PASSES, ()):
            tests, equal, unequal = accepted_pairs(found[name], things)
            kind = "as logged" if number == 0 else f"shuffle {number}"
            cells = (f"{request.tier} {request.seed}", kind, name, tests, equal, unequal)
            yield f"| {' | '.join(map(str, cells))} |"
        things = shuffled(things, generator)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line a log, shuffle and link of behaviour."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--tiers", nargs="+", default=["none", "february", "hydra"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--accounts", type=int, default=3_000)
    parser.add_argument("--shuffles", type=int, default=2)
    given = parser.parse_args(arguments)
    print(
        "| log | network | link | pairs tested | accepted, exchangeable | accepted, degrees kept |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    generator = np.random.default_rng(0)
    for tier in given.tiers:
        for seed in given.seeds:
            request = LogRequest(world="simulate", tier=tier, seed=seed, accounts=given.accounts)
            for line in _lines(request, given.shuffles, generator):
                print(line, flush=True)


if __name__ == "__main__":
    main()
