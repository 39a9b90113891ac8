"""CooRTweet's method gives what its documentation says; our tests compare as they say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.baseline_methods.coordinated_sharing import (
    Share,
    components,
    coordinated_pairs,
    edge_weights,
    heavy_edges,
)
from benchmarks.results_file import RESULTS_FOLDER

from benchmarks import coordination


def share(account: str, item: str, moment: float, content: str = "") -> Share:
    return Share(
        object_id=item,
        account_id=account,
        content_id=content or f"{account}-{item}-{moment:g}",
        moment=moment,
    )


LOCKSTEP = [share(name, item, 100.0 * n) for n, item in enumerate("xyz") for name in "ab"]


def test_the_window_is_inclusive_and_the_older_post_comes_first() -> None:
    """Ten seconds apart is a pair, eleven is none."""
    shares = [share("a", "x", 10), share("b", "x", 0), share("c", "x", 21)]
    pairs = coordinated_pairs(shares, least_participation=1)
    assert [(pair.older.account_id, pair.newer.account_id) for pair in pairs] == [("b", "a")]


def test_loops_are_no_coordination() -> None:
    """An account does not pair with itself, nor a post with the post that it repeats."""
    own = [share("a", "x", 0), share("a", "x", 1, "second")]
    assert coordinated_pairs(own, least_participation=1) == []
    repost = [share("a", "x", 0, "x"), share("b", "x", 1)]
    assert coordinated_pairs(repost, least_participation=1) == []


def test_who_takes_part_too_seldom_is_left_out() -> None:
    """One post is not enough; a pair stays if either of its accounts takes part often enough."""
    seldom = share("once", "x", 1)
    assert {n for p in edge_weights(coordinated_pairs([*LOCKSTEP, seldom])) for n in p} == {
        "a",
        "b",
    }
    # The second post of `twice` pairs with nobody: the pair of the first stays through `a`.
    twice = [share("twice", "x", 1), share("twice", "lonely", 0)]
    assert edge_weights(coordinated_pairs([*LOCKSTEP, *twice]))["a", "twice"] == 1


def test_only_edges_above_the_percentile_are_kept() -> None:
    """Weights 1, 1 and 3: the median is 1, and an edge at the threshold falls."""
    edges = {("a", "b"): 3, ("a", "c"): 1, ("b", "c"): 1}
    assert heavy_edges(edges, 0.5) == {("a", "b"): 3}
    assert heavy_edges({}, 0.5) == {}
    assert components(heavy_edges(edges)) == {"a": "a", "b": "a"}


needs_sample = pytest.mark.skipif(
    not coordination.DATA.is_file(), reason="the data pack beside the repository is not there"
)


@needs_sample
def test_the_vignette_gives_its_documented_weight() -> None:
    """CooRTweet's vignette: 600 s, two posts, 99th percentile keeps weights of 3 and more."""
    shares = coordination.read_shares(coordination.DATA)
    pairs = coordinated_pairs(shares, window_seconds=600, least_participation=2)
    assert min(heavy_edges(edge_weights(pairs), 0.99).values()) == 3


@needs_sample
def test_the_packages_own_test_passes() -> None:
    """Its test: at five posts and ten seconds this account is in no pair (it pairs with itself)."""
    shares = coordination.read_shares(coordination.DATA)
    pairs = coordinated_pairs(shares, window_seconds=10, least_participation=5)
    named = {post.account_id for pair in pairs for post in (pair.older, pair.newer)}
    assert "9fa51ef17278c01d13d313741eddfc0b" not in named


def test_the_committed_comparison_holds_the_documented_weight() -> None:
    """The same figure where the sample is not there: it was measured and committed."""
    text = (RESULTS_FOLDER / "coordination.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    weights = {row["their_least_weight"] for row in rows if row["window_seconds"] == 600}
    assert weights == {3}


def crowd(count: int = 60) -> list[Share]:
    """Strangers, each of whom shares three objects of their own at their own times."""
    return [
        share(f"stranger-{n:02}", f"own-{n}-{k}", 1e6 * n + k)
        for n in range(count)
        for k in range(3)
    ]


def test_together_is_stricter_than_alike() -> None:
    """Six common objects in lockstep pass both tests; six at other hours only *alike*."""
    lockstep = [share(name, f"l{n}", 1e4 * n) for n in range(6) for name in ("a", "b")]
    apart = [
        share(name, f"m{n}", 1e4 * n + 5e3 * k) for n in range(6) for k, name in enumerate("cd")
    ]
    shares = [*crowd(), *lockstep, *apart]
    assert set(coordination.alike_edges(shares)) == {("a", "b"), ("c", "d")}
    weights = edge_weights(coordinated_pairs(shares))
    assert set(coordination.together_edges(shares, weights)) == {("a", "b")}


def test_a_comparison_reads_as_it_is() -> None:
    """Both methods find one pair and no other; the table says so."""
    lockstep = [share(name, f"l{n}", 1e4 * n) for n in range(6) for name in ("a", "b")]
    single = [share(name, "popular", 0.0) for name in ("c", "d")]
    shares = [*crowd(), *lockstep, *single]
    shares += [share("c", "c", 1e7), share("d", "d", 2e7)]
    row = coordination.compare(shares, (10.0, 1, 0.5), "together")
    assert (row["their_edges"], row["our_edges"], row["edges_of_both"]) == (1, 1, 1)
    assert row["jaccard"] == 1.0
    assert (
        "| 1 / 1 / 1 | 2 / 2 / 2 | 1.000 | 1 / 1 | 1.000 |" in coordination.table_lines([row])[-1]
    )


def test_small_samples_have_no_index(tmp_path: Path) -> None:
    """With no account in common there is nothing to agree on."""
    row = coordination.compare(crowd(5), (10.0, 1, 0.5), "together")
    assert row["adjusted_rand_index"] is None
    assert "| - | - |" in coordination.table_lines([row])[-1]
