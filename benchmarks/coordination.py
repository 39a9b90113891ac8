"""Compare our linking with CooRTweet's own method on real coordinated sharing; print one table.

    python benchmarks/coordination.py

The data (``../shared/data/coordination``, MIT) are 35,125 retweets of 9,509 accounts around a
political protest, without labels, prompts, payments or addresses. So two things can be run: the
null models with their false-discovery control and the communities, over objects as behaviour
tokens: *together* tests how often two accounts share an object within CooRTweet's window, *alike*
how many objects they share at all. The rest of the scan asks for infrastructure, and has none.
Results: ``benchmarks/results/coordination.jsonl``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.baseline_methods.coordinated_sharing import (
    Share,
    components,
    coordinated_pairs,
    edge_weights,
    heavy_edges,
)
from benchmarks.markdown import table
from benchmarks.recorded_material import DATA_FOLDER
from benchmarks.results_file import RESULTS_FOLDER, ResultsFile

from cautery.scan.communities import partition
from cautery.scan.null_models import accepted, overlap_log_p, poisson_log_p
from cautery.simulate.score_metrics import adjusted_rand_index

DATA: Final = DATA_FOLDER / "coordination" / "russian-coord-tweets.csv.gz"
"""The sample that CooRTweet ships as ``russian_coord_tweets``, reshaped."""

SETTINGS: Final[tuple[tuple[float, int, float], ...]] = (
    (10.0, 2, 0.5),
    (60.0, 2, 0.5),
    (600.0, 2, 0.99),
)
"""Window in seconds, least participation and edge percentile: the package's defaults, a minute,
and the vignette's example."""

MOST_TRIVIAL: Final = 2
"""Accounts on which groupings can differ at all."""

LEAST_SHARED: Final = 2
"""Objects that two accounts must share to be tested: one common retweet is no repetition."""

Pair = tuple[str, str]
"""Two accounts, in the order of their names."""

Edges = dict[Pair, float]
"""Accepted pairs with minus the natural logarithm of their chance."""

KEYS: Final[tuple[str, ...]] = ("window_seconds", "least_participation", "percentile", "test")
"""What names a comparison."""


def read_shares(path: Path) -> list[Share]:
    """Read the sample.

    Args:
        path: Gzipped CSV with the columns of CooRTweet.

    Returns:
        Its posts.
    """
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return [
            Share(
                object_id=row["object_id"],
                account_id=row["account_id"],
                content_id=row["content_id"],
                moment=float(row["timestamp_share"]),
            )
            for row in csv.DictReader(stream)
        ]


def alike_edges(shares: Sequence[Share]) -> Edges:
    """Test every two accounts that share objects, whenever they did: our null model of overlaps.

    Null: with the number of objects of each account fixed, which objects it shares is random.

    Args:
        shares: All posts.

    Returns:
        Minus the log-chance of each accepted pair (Benjamini-Hochberg over all pairs of accounts).
    """
    names = sorted({share.account_id for share in shares})
    objects = sorted({share.object_id for share in shares})
    numbers = {name: number for number, name in enumerate(objects)}
    rows = {name: number for number, name in enumerate(names)}
    places = (
        [rows[share.account_id] for share in shares],
        [numbers[share.object_id] for share in shares],
    )
    shape = (len(names), len(numbers))
    shows = sparse.csr_matrix((np.ones(len(shares)), places), shape=shape)
    shows.data[:] = 1.0  # duplicates were summed
    common = sparse.triu(shows @ shows.T, k=1).tocoo()
    kept = common.data >= LEAST_SHARED
    first, second = common.row[kept], common.col[kept]
    shared = common.data[kept].astype(np.int64)
    degree = np.diff(shows.indptr).astype(np.int64)
    log_p = overlap_log_p(len(numbers), degree[first], degree[second], shared)
    pairs = [(names[a], names[b]) for a, b in zip(first, second, strict=True)]
    return _discovered(pairs, log_p, len(names))


def together_edges(shares: Sequence[Share], weights: Mapping[Pair, int]) -> Edges:
    """Test CooRTweet's own pairs within its window under our Poisson null.

    Null: which objects are shared when is fixed, and who made a post is random in proportion to
    how much each account posts. Of ``W`` pairs of posts within the window, ``2 W d d' / M^2`` are
    then expected between accounts of ``d`` and ``d'`` of all ``M`` posts.

    Args:
        shares: All posts.
        weights: Pairs of posts within the window of each two accounts.

    Returns:
        Minus the log-chance of each accepted pair (Benjamini-Hochberg over all pairs of accounts).
    """
    posts = Counter(share.account_id for share in shares)
    pairs = sorted(weights)
    observed = np.array([weights[pair] for pair in pairs], dtype=np.float64)
    activity = np.array([posts[a] * posts[b] for a, b in pairs], dtype=np.float64)
    expected = 2.0 * observed.sum() * activity / len(shares) ** 2
    return _discovered(pairs, poisson_log_p(observed, expected), len(posts))


def _discovered(pairs: Sequence[Pair], log_p: Any, accounts: int) -> Edges:
    sure = accepted(log_p, tests=accounts * (accounts - 1) // 2)
    found = zip(pairs, log_p, sure, strict=True)
    return {pair: -float(value) for pair, value, kept in found if kept}


def communities_of(edges: Edges, seed: int = 0) -> dict[str, str]:
    """Group accounts by our communities over the validated edges.

    Args:
        edges: What a null model accepted.
        seed: Seed of the partition.

    Returns:
        The community of each account that has an edge.
    """
    names = sorted({name for pair in edges for name in pair})
    rows = {name: number for number, name in enumerate(names)}
    first = [rows[a] for a, _ in edges]
    second = [rows[b] for _, b in edges]
    weights = [*edges.values(), *edges.values()]
    shape = (len(names), len(names))
    graph = sparse.csr_matrix((weights, (first + second, second + first)), shape=shape)
    return {name: str(label) for name, label in zip(names, partition(graph, seed), strict=True)}


def compare(
    shares: Sequence[Share], setting: tuple[float, int, float], test: str
) -> dict[str, Any]:
    """Run both methods and compare their accounts, edges and groups.

    Args:
        shares: All posts.
        setting: Window, least participation and edge percentile of CooRTweet.
        test: ``alike`` for objects in common at any time, ``together`` for objects shared within
            CooRTweet's window.

    Returns:
        One line of results.
    """
    window, least, percentile = setting
    all_edges = edge_weights(
        coordinated_pairs(shares, window_seconds=window, least_participation=least)
    )
    theirs = heavy_edges(all_edges, percentile)
    ours = alike_edges(shares) if test == "alike" else together_edges(shares, all_edges)
    their_groups, our_groups = components(theirs), communities_of(ours)
    their_accounts, our_accounts = set(their_groups), set(our_groups)
    both = sorted(their_accounts & our_accounts)
    either = their_accounts | our_accounts
    return {
        **dict(zip(KEYS, (*setting, test), strict=True)),
        "their_edges": len(theirs),
        "their_edges_before": len(all_edges),
        "their_least_weight": min(theirs.values(), default=0),
        "their_accounts": len(their_accounts),
        "their_groups": len(set(their_groups.values())),
        "our_edges": len(ours),
        "our_accounts": len(our_accounts),
        "our_groups": len(set(our_groups.values())),
        "edges_of_both": len(set(theirs) & set(ours)),
        "accounts_of_both": len(both),
        "jaccard": len(both) / len(either) if either else 1.0,
        "adjusted_rand_index": _agreement(their_groups, our_groups),
        # Grouped the same way on both sides: what is left is the difference of the tests alone.
        "adjusted_rand_index_components": _agreement(their_groups, components(ours)),
        "busiest": _how_busy(shares, theirs, ours),
    }


def _agreement(theirs: Mapping[str, str], ours: Mapping[str, str]) -> float | None:
    """Adjusted Rand index on the accounts that both group; None if they are fewer than two."""
    both = sorted(set(theirs) & set(ours))
    if len(both) < MOST_TRIVIAL:
        return None
    return adjusted_rand_index([theirs[name] for name in both], [ours[name] for name in both])


def _how_busy(
    shares: Sequence[Share], theirs: Mapping[Pair, Any], ours: Mapping[Pair, Any]
) -> dict[str, float]:
    """Median posts of the two accounts of an edge, by who keeps the edge."""
    posts = Counter(share.account_id for share in shares)

    def median(edges: set[Pair]) -> float:
        return float(np.median([posts[n] for e in edges for n in e])) if edges else 0.0

    one, other = set(theirs), set(ours)
    return {
        "both": median(one & other),
        "theirs_alone": median(one - other),
        "ours_alone": median(other - one),
    }


def table_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Lay the comparisons out as a table in Markdown.

    Args:
        rows: Lines of results.

    Returns:
        The table's lines.
    """
    header = ["CooRTweet's setting", "our test", "edges theirs / ours / both"]
    header += ["accounts theirs / ours / both", "Jaccard", "groups theirs / ours", "ARI"]
    header += ["ARI, components on both sides", "median posts: both / theirs alone / ours alone"]
    lines = []
    for row in rows:
        setting = f"{row['window_seconds']:g} s, {row['least_participation']} posts"
        busy, names = row["busiest"], ("their_accounts", "our_accounts", "accounts_of_both")
        lines.append(
            [
                f"{setting}, above the {row['percentile']:.0%} percentile",
                row["test"],
                f"{row['their_edges']:,} / {row['our_edges']:,} / {row['edges_of_both']:,}",
                " / ".join(f"{row[name]:,}" for name in names),
                f"{row['jaccard']:.3f}",
                f"{row['their_groups']:,} / {row['our_groups']:,}",
                _number(row["adjusted_rand_index"]),
                _number(row["adjusted_rand_index_components"]),
                f"{busy['both']:g} / {busy['theirs_alone']:g} / {busy['ours_alone']:g}",
            ]
        )
    return table(header, lines)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--results", type=Path, default=RESULTS_FOLDER / "coordination.jsonl")
    given = parser.parse_args(arguments)
    shares = read_shares(given.data)
    results = ResultsFile(given.results, KEYS)
    rows = []
    for setting in SETTINGS:
        for test in ("together", "alike"):
            row = results.known((*setting, test))
            rows.append(row or results.add(compare(shares, setting, test)))
    results.tidy()
    print("\n".join(table_lines(rows)))


if __name__ == "__main__":
    main()
