"""What a log still tells of reworded campaigns with own cards and addresses, and what it lacks.

    python benchmarks/reworded_limits.py                        # seeds 51 to 53, into the results
    python benchmarks/reworded_limits.py --seeds 1 2 --cards    # what shared cards would change

Three questions, each with the truth at hand. *Can they be linked?* For every kind of information,
how far pairs of accounts of one campaign differ from all other pairs (bits a pair:
Kullback-Leibler divergence); and, where three campaigns do the same work, how far they differ from
pairs of two campaigns, which behave as oddly and have another operator. Only the second is
information on an operator. A community of K among n accounts can be found, by whatever method, if
(K - 1) times the bits exceeds 2 log2(n / K) (Hajek, Wu and Xu, Information Limits for Recovering a
Hidden Community, IEEE Trans. Inf. Theory 2017; for independent pairs, so that the size is a lower
bound). *What is the best of all of it?* Naive Bayes fitted on the truth of the same log. *Can they
be judged?* The scan's verdict on the true accounts (``reworded_oracle.py``).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.labelled_logs import scan_log
from benchmarks.results_file import RESULTS_FOLDER, ResultsFile, Row
from benchmarks.reworded_channels import CHANNELS, Pairs, repeats
from benchmarks.reworded_logs import Floats, Log, make_reworded
from benchmarks.reworded_oracle import oracle
from benchmarks.reworded_tables import REWORDED_TABLES

from cautery.simulate.score import score

Booleans = NDArray[np.bool_]

LEVELS: Final = (*np.linspace(0.0, 0.95, 20), 0.98, 0.99, 0.995, 0.999, 0.9999, 0.99999)
"""Quantiles at which scores are cut; the last ones are where a pair of 4.5 million would decide."""
TAIL: Final = 0.99999
DRAWS: Final = 99
"""Random exchanges of campaigns among attackers."""
NEIGHBOURS: Final = 20
CARDS: Final = (0.0, 0.52, 0.9)
"""Shares of accounts on shared cards: the tier's, hydra's and February's."""
REPEATS: Final = (0.0, 0.03, 0.1, 0.2, 0.3)
"""Shares of items that a campaign asks again; the tier has 3 %."""
FEWEST: Final = 5
"""Accounts of a component that is looked at."""
SIMULATOR_ONLY: Final = "the same with the simulator's rewording"
"""Reads our own lists of words, which no real operator shares: not part of the best of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Information:
    """What one kind of information tells of a campaign's pairs against all other pairs."""

    bits: float
    tail: float
    """Share of a campaign's pairs above all but one in 100,000 of the others."""
    densest: str
    """Honest class whose pairs look most like one campaign's."""
    densest_bits: float
    """Mean log-likelihood ratio of its pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """What one kind of information tells of the operator, among campaigns of the same work."""

    bits: float
    """Bits a pair against pairs of two campaigns, less what random labels give."""
    p_value: float
    """Null: which attacker is of which campaign is random, ``DRAWS`` draws."""


def divergence(inside: Floats, outside: Floats) -> tuple[float, Floats, Floats]:
    """Bits that one score tells, by the frequencies between quantiles.

    Args:
        inside: Scores of pairs of one campaign.
        outside: Scores of the pairs that they are told from.

    Returns:
        The Kullback-Leibler divergence, the cuts, and the log-likelihood ratio between them.

    Example:
        >>> same = divergence(np.arange(100.0), np.arange(100.0))
        >>> round(same[0], 3)
        0.0
    """
    cuts = np.unique(np.concatenate([np.quantile(s, LEVELS) for s in (outside, inside)]))
    counts = [
        np.bincount(np.searchsorted(cuts, s), minlength=cuts.size + 1) for s in (inside, outside)
    ]
    here, there = (held[counts[0] + counts[1] > 0] + 0.5 for held in counts)
    ratio = np.log2(counts[0] + 0.5) - np.log2(counts[1] + 0.5)
    ratio += np.log2(there.sum()) - np.log2(here.sum())
    share = here / here.sum()
    return float(share @ np.log2(share / (there / there.sum()))), cuts, ratio


def against_all(log: Log, score: Pairs) -> tuple[Information, Pairs]:
    """Compare a campaign's pairs with all others; return the log-likelihood ratio of every pair."""
    first, second = np.triu_indices(log.count, 1)
    scores = score[first, second].astype(np.float64)
    same = (log.campaign[first] == log.campaign[second]) & (log.campaign[first] != "")
    bits, cuts, ratio = divergence(scores[same], scores[~same])
    ratios = ratio[np.searchsorted(cuts, score)].astype(np.float32)
    honest = sorted(set(log.kind[log.campaign == ""]))
    means = {kind: _mean_inside(ratios, log.kind == kind) for kind in honest}
    densest = max(means, key=lambda kind: means[kind])
    found = Information(
        bits=bits,
        tail=float(np.mean(scores[same] > np.quantile(scores[~same], TAIL))),
        densest=densest,
        densest_bits=means[densest],
    )
    return found, ratios


def of_operator(log: Log, score: Pairs) -> Operator:
    """Compare a campaign's pairs with those of two campaigns, and with random labels."""
    attackers = np.flatnonzero(log.campaign != "")
    one, other = np.triu_indices(attackers.size, 1)
    among = score[attackers[one], attackers[other]].astype(np.float64)
    label = np.unique(log.campaign[attackers], return_inverse=True)[1]
    random = np.random.default_rng(1)
    drawn = []
    for draw in range(DRAWS + 1):
        order = random.permutation(label) if draw else label
        mine = order[one] == order[other]
        drawn.append(divergence(among[mine], among[~mine])[0])
    return Operator(
        bits=max(drawn[0] - float(np.mean(drawn[1:])), 0.0),
        p_value=float(np.mean(np.array(drawn) >= drawn[0])),
    )


def _mean_inside(ratios: Pairs, members: Booleans) -> float:
    chosen = np.flatnonzero(members)
    inside = ratios[np.ix_(chosen, chosen)]
    return float((inside.sum() - np.trace(inside)) / max(chosen.size * (chosen.size - 1), 1))


def best_of_all(log: Log, ratios: Sequence[Pairs]) -> tuple[float, float]:
    """Shares of attackers and of honest accounts whose nearest accounts are mostly attackers."""
    total = np.sum(ratios, axis=0)
    np.fill_diagonal(total, -np.inf)
    attack = log.campaign != ""
    nearest = np.argpartition(-total, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    taken = attack[nearest].mean(axis=1) > 0.5
    return float(taken[attack].mean()), float(taken[~attack].mean())


def by_repeats(log: Log) -> tuple[float, int, float]:
    """Components of accounts that repeat each other's whole prompts.

    Returns:
        Share of attackers in components of ``FEWEST`` and more, honest accounts in them, and
        repeats an attacker has with its own campaign.
    """
    score = repeats(log)
    np.fill_diagonal(score, 0.0)
    label = connected_components(csr_matrix(score), directed=False)[1]
    large = np.bincount(label)[label] >= FEWEST
    attack = log.campaign != ""
    own = (log.campaign[:, None] == log.campaign[None, :]) & attack[:, None]
    return (
        float(large[attack].mean()),
        int(large[~attack].sum()),
        float((score * own).sum() / attack.sum()),
    )


def information_rows(log: Log, same_work: Log) -> list[Row]:
    """Measure every kind of information, and the best of all of it.

    Args:
        log: A log of the tier.
        same_work: The same, but for campaigns that all do one work.

    Returns:
        A row each.
    """
    rows: list[Row] = []
    ratios = []
    for name, scores in CHANNELS.items():
        information, ratio = against_all(log, scores(log))
        operator = of_operator(same_work, scores(same_work))
        told = {"operator_bits": operator.bits, "operator_p": operator.p_value}
        rows.append({"part": "information", "name": name, **asdict(information), **told})
        if name != SIMULATOR_ONLY:
            ratios.append(ratio)
    attackers, honest = best_of_all(log, ratios)
    sizes = np.unique(log.campaign[log.campaign != ""], return_counts=True)[1].tolist()
    best = {"attackers": attackers, "honest": honest, "accounts": log.count, "campaigns": sizes}
    return [*rows, {"part": "best", "name": "all of it", **best}]


def repeat_rows(seed: int) -> Iterator[Row]:
    """Measure what prompts asked again join, by how many of them there are."""
    for share in REPEATS:
        with tempfile.TemporaryDirectory() as name:
            joined, strangers, each = by_repeats(make_reworded(seed, Path(name), repeat=share))
        told = {"attackers": joined, "honest": strangers, "each": each}
        yield {"part": "repeats", "name": f"{share:.0%}", **told}


def card_rows(seed: int) -> Iterator[Row]:
    """Scan logs of which part of the accounts share cards of ten to twenty accounts."""
    for share in CARDS:
        with tempfile.TemporaryDirectory() as name:
            folder, found = Path(name) / "log", Path(name) / "found"
            make_reworded(seed, folder, card_share=share)
            run = scan_log(folder, found)
            if run.code:
                raise RuntimeError(f"cautery scan left with {run.code}: {run.messages[-500:]}")
            board = score(folder / "truth", found)
        told = {row.band: (row.recall, row.false_positives) for row in board.bands}
        levels = {level: list(told[level]) for level in ("likely", "watch")}
        yield {"part": "cards", "name": f"{share:.0%}", **levels}


def measured(seed: int) -> Iterator[Row]:
    """Make the logs of one seed and measure them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "log"
        log = make_reworded(seed, folder)
        yield from information_rows(
            log, make_reworded(seed, Path(name) / "same-work", same_work=True)
        )
        yield from ({"part": "pool", **asdict(row)} for row in oracle(folder, log))
    yield from repeat_rows(seed)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, keep it, and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[51, 52, 53])
    parser.add_argument("--results", type=Path, default=RESULTS_FOLDER / "reworded-limits.jsonl")
    parser.add_argument("--cards", action="store_true", help="measure shared cards only")
    given = parser.parse_args(arguments)
    results = ResultsFile(given.results, ("part", "seed", "name"))
    part = card_rows if given.cards else measured
    rows = [results.add({**row, "seed": seed}) for seed in given.seeds for row in part(seed)]
    results.tidy()
    for lines in REWORDED_TABLES.values():
        print("\n".join([*lines(rows), ""]))


if __name__ == "__main__":
    main()
