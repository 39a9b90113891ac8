"""Draw the curve that chooses the resolution of the communities: where do partitions not move?

    python benchmarks/resolution.py --tiers hydra february loud --seeds 1

The behaviour graph of each log is partitioned at many resolutions, several times each, with another
seed and order of nodes. Printed are the mean variation of information between the runs (Meila
2007), that to the next lower resolution, and the adjusted Rand index of single runs and of
consensuses against others under other seeds. The criterion (Lambiotte 2010; Delvenne and others
2010): the resolution lies in the middle of the longest range over which the partition stays the
same between runs and between neighbouring resolutions. The truth is printed and chooses nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.labelled_logs import LogRequest, make_log

from cautery.ingest.account_table import read_account_table
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.records.progress import SilentProgress
from cautery.registry import LINKS
from cautery.scan.campaigns import HARD_LINKS, PASSES
from cautery.scan.communities import both_sides, merge_alike, partition
from cautery.scan.consensus import agreed, in_another_order
from cautery.scan.degree_null import shared_things
from cautery.scan.joining import joining_tokens
from cautery.scan.reading import read_facts
from cautery.scan.repertoires import LEAST_RARITY_BITS
from cautery.scan.run import present_columns
from cautery.simulate.score_metrics import adjusted_rand_index
from cautery.simulate.score_tables import read_true_accounts

Integers = NDArray[np.int64]
RESOLUTIONS: Final = (0.25, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
RUNS: Final = 6


def variation_of_information(one: Integers, other: Integers) -> float:
    """Bits that two partitions do not tell of each other; 0 for the same partition.

    Example:
        >>> variation_of_information(np.array([0, 0, 1, 1]), np.array([5, 5, 5, 5]))
        1.0
    """
    _values, one = np.unique(one, return_inverse=True)
    _values, other = np.unique(other, return_inverse=True)

    def entropy(labels: Integers) -> float:
        share = np.unique(labels, return_counts=True)[1] / labels.size
        return float(-(share * np.log2(share)).sum())

    both = one.astype(np.int64) * (int(other.max()) + 1) + other
    return 2.0 * entropy(both) - entropy(one) - entropy(other)


def _network(request: LogRequest) -> tuple[Any, Any, NDArray[np.float64], list[str]]:
    """Read one log: weights, usage and rarity of its joining tokens, and true groups."""
    with tempfile.TemporaryDirectory() as name:
        folder = make_log(request, Path(name) / "log")
        logs = tuple(str(path) for path in sorted(folder.glob("exchanges*")))
        work = Path(name) / "work"
        work.mkdir()
        table = read_logs(IngestOptions(logs=logs), work, SilentProgress())
        accounts = read_account_table(folder / "accounts.csv")
        facts = read_facts(table.parts, present_columns(table), accounts, (), None)
        links = {link: LINKS.load(link).incidences(facts) for link in (*HARD_LINKS, *PASSES[0])}
        shares = shared_things([links[link] for link in HARD_LINKS], facts.customers)
        free = np.ones(facts.account_count, dtype=np.bool_)
        behaviour = {link: links[link] for link in PASSES[0]}
        joining = joining_tokens(behaviour, shares, facts.customers, free)
        true = read_true_accounts(folder / "truth")
        names = [true[one].campaign_id or true[one].account_class for one in facts.account_ids]
        facts.close()
    holders = np.maximum(np.diff(joining.shows.indptr), 1)
    rarity = np.maximum(np.log2(free.size / holders), LEAST_RARITY_BITS)
    return sparse.csr_matrix(sparse.diags(rarity) @ joining.linked), joining.shows, rarity, names


def _rand_index(one: Integers, other: Integers) -> float:
    return adjusted_rand_index(one.tolist(), other.tolist())


def _mean_of(compared: Callable[[Integers, Integers], float], runs: Sequence[Integers]) -> float:
    return float(np.mean([compared(one, other) for one, other in combinations(runs, 2)]))


def curve(request: LogRequest) -> Iterator[str]:
    """Measure one log at every resolution; yields one line of a table each."""
    weighted, usage, rarity, names = _network(request)
    tokens = weighted.shape[0]
    graph = both_sides(weighted)
    inside = np.flatnonzero(np.diff(weighted.tocsc().indptr) > 0)
    true = [names[account] for account in inside.tolist()]
    before: Integers | None = None

    def joined(labels: Integers) -> Integers:
        return merge_alike(usage, rarity, labels[:tokens], labels[tokens:])[1][inside]

    for resolution in RESOLUTIONS:

        def cut(one: sparse.csr_matrix, seed: int, at: float = resolution) -> Integers:
            return partition(one, seed, at)

        raw = [in_another_order(graph, seed, cut) for seed in range(3 * RUNS)]
        runs = [joined(labels) for labels in raw[:RUNS]]
        whole = [
            joined(agreed(graph, np.array(raw[start : start + RUNS])))
            for start in range(0, 3 * RUNS, RUNS)
        ]
        moved = 0.0 if before is None else variation_of_information(before, whole[0])
        before = whole[0]
        cells = (
            f"{request.tier} {request.seed}",
            f"{resolution:g}",
            f"{_mean_of(variation_of_information, runs):.3f}",
            f"{moved:.3f}",
            int((np.unique(whole[0], return_counts=True)[1] >= 3).sum()),
            f"{_mean_of(_rand_index, runs):.3f}",
            f"{_mean_of(_rand_index, whole):.3f}",
            f"{adjusted_rand_index(true, list(whole[0])):.3f}",
        )
        yield f"| {' | '.join(map(str, cells))} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line a log and resolution."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--tiers", nargs="+", default=["hydra", "february", "loud"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--accounts", type=int, default=3_000)
    given = parser.parse_args(arguments)
    print(
        "| log | resolution | bits between runs | bits to the resolution before | groups | "
        "Rand index of single runs | of consensuses | with the truth |"
    )
    print("|" + " --- |" * 8)
    for tier in given.tiers:
        for seed in given.seeds:
            request = LogRequest(world="simulate", tier=tier, seed=seed, accounts=given.accounts)
            for line in curve(request):
                print(line, flush=True)


if __name__ == "__main__":
    main()
