"""Does an embedding of prompts tell pools of campaigns from honest groups? With it, and without.

    python benchmarks/static_model.py MODEL STATIC
    python benchmarks/embedding_power.py STATIC --tiers hydra paraphrased none --seeds 1 31

Two kinds of pools are looked at: the groups that a scan judges, by the class of most of their
accounts; and pools of ten accounts that somebody who knows the truth has put together, of one
campaign (whether the scan links it or not) or of customers who have nothing in common. Small ones
show power that large ones, which all have the smallest p-value, do not.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.labelled_logs import WORLDS, LogRequest, make_log

from cautery.ingest.account_table import read_account_table
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.records.progress import SilentProgress
from cautery.scan import pool_samples as room
from cautery.scan.account_habits import account_habits
from cautery.scan.candidates import Candidates
from cautery.scan.cohorts import cohorts_of
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Basis, Groups
from cautery.scan.harvest import make_groups
from cautery.scan.needs import SCAN_COLUMNS
from cautery.scan.pool_meanings import pool_meanings
from cautery.scan.pool_samples import pool_samples
from cautery.scan.run import ScanOptions, scan
from cautery.scan.signals.coverage_growth import exponents
from cautery.scan.signals.pool_distance import MOST_AGAINST, discrepancy, word_cells
from cautery.scan.static_embedding import StaticEmbedding
from cautery.scan.watching import NO_WATCH, DailyWatch

Truth = dict[str, dict[str, str]]

POOL_ACCOUNTS: Final = 10
FEWEST_EXCHANGES: Final = 200
"""Exchanges of a pool of ten accounts; a scan judges no pool of under a thousand."""
RANDOM_POOLS: Final = 8
"""Pools of customers at random; with those of campaigns no more than a scan looks at."""
MOST_CAMPAIGN_POOLS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What was found of one pool."""

    log: str
    kind: str
    """``found`` by the scan, or put together by ``truth``."""
    label: str
    """Campaign, or class of most of its accounts."""
    attack: bool
    accounts: int
    p_default: float
    """By capabilities, manners and words: what is weighed."""
    p_both: float
    """With meanings among the features."""
    p_meaning: float
    """By meanings alone."""
    bits_default: float
    bits_both: float
    """What it would weigh if meanings were among the features."""
    coverage: tuple[float, float, float]
    """Exponents of phrases of pool and cohort, and p-value."""
    coverage_meaning: tuple[float, float, float]
    """The same of cells of meaning."""


class Look(DailyWatch):
    """Stands where the watch of daily scans does, and looks at the groups of a scan.

    Args:
        log: Name of the log.
        truth: Rows of the truth by account.
    """

    def __init__(self, log: str, truth: Truth) -> None:
        super().__init__(before=NO_WATCH)
        self._log = log
        self._truth = truth
        self.pools: list[Pool] = []

    def look(self, facts: Facts, groups: Groups, incidences: Any) -> None:
        """Measure the pools of the scan, and those that the truth gives."""
        self.pools += self._measured(facts, groups, "found")
        group_of = known_pools(facts, groups, self._truth)
        every: list[Basis] = ["both"] * (int(group_of.max()) + 1)
        chosen = Candidates(
            group_of=group_of,
            basis=tuple(every),
            speaking=np.zeros(0, dtype=np.int64),
        )
        known = make_groups(facts, chosen, incidences)
        with patch.object(room, "FEWEST_EXCHANGES", FEWEST_EXCHANGES):
            self.pools += self._measured(facts, known, "truth")

    def _measured(self, facts: Facts, groups: Groups, kind: str) -> Iterator[Pool]:
        samples, meanings = pool_samples(facts, groups), pool_meanings(facts, groups)
        habits, cohorts = account_habits(facts, groups), cohorts_of(facts, groups)
        if meanings is None:
            return
        plain = np.concatenate([habits.capabilities, habits.manners], axis=1)
        for group, members in samples.members.items():
            both = np.concatenate([members, samples.cohort[group]])
            default = np.concatenate([plain[both], word_cells(samples, both)], axis=1)
            meaning = meanings.of(both)
            label, attack = self._label(facts, groups.members(group))
            p_default = discrepancy(default, members.size)[1]
            p_both = discrepancy(np.concatenate([default, meaning], axis=1), members.size)[1]
            yield Pool(
                log=self._log,
                kind=kind,
                label=label,
                attack=attack,
                accounts=int(groups.sizes[group]),
                p_default=p_default,
                p_both=p_both,
                p_meaning=discrepancy(meaning, members.size)[1],
                bits_default=cohorts.alike(group, p_default, members.size, MOST_AGAINST),
                bits_both=cohorts.alike(group, p_both, members.size, MOST_AGAINST),
                coverage=exponents(samples, group),
                coverage_meaning=exponents(samples, group, meanings.cells),
            )

    def _label(self, facts: Facts, members: NDArray[np.int64]) -> tuple[str, bool]:
        rows = [self._truth[facts.account_ids[account]] for account in members.tolist()]
        attackers = sum(row["attacker"] == "1" for row in rows)
        attack = 2 * attackers > len(rows)
        key = "campaign_id" if attack else "class"
        return Counter(row[key] for row in rows if row[key]).most_common(1)[0][0], attack


def known_pools(facts: Facts, groups: Groups, truth: Truth) -> NDArray[np.int64]:
    """Put pools of ten accounts together: of each campaign, and of customers in no group.

    Args:
        facts: What the log says.
        groups: Groups of the scan.
        truth: Rows of the truth by account.

    Returns:
        Pool of each account.
    """
    kinds: dict[str, list[int]] = defaultdict(list)
    for account, name in enumerate(facts.account_ids):
        row = truth[name]
        if row["attacker"] == "1":
            kinds[row["campaign_id"]].append(account)
        elif row["class"] == "ordinary" and groups.group_of[account] == NO_GROUP:
            kinds[""].append(account)
    ordinary = np.random.default_rng(7).permutation(kinds.pop("", []))
    sets = [
        np.array(accounts[first : first + POOL_ACCOUNTS])
        for _name, accounts in sorted(kinds.items())
        for first in range(0, len(accounts) - POOL_ACCOUNTS + 1, POOL_ACCOUNTS)
    ]
    sets = sets[:: max(len(sets) // MOST_CAMPAIGN_POOLS, 1)][:MOST_CAMPAIGN_POOLS]
    sets += np.split(ordinary[: RANDOM_POOLS * POOL_ACCOUNTS], RANDOM_POOLS)
    group_of = np.full(facts.account_count, NO_GROUP, dtype=np.int64)
    for place, accounts in enumerate(sets):
        group_of[accounts] = place
    return group_of


def measured(request: LogRequest, embedding: StaticEmbedding) -> list[Pool]:
    """Make a log, scan it, and look at its pools.

    Args:
        request: Which log.
        embedding: The model.

    Returns:
        All pools that are large enough.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = make_log(request, Path(name) / "log")
        with (folder / "truth" / "accounts.csv").open(newline="", encoding="utf-8") as file:
            truth = {row["account_id"]: row for row in csv.DictReader(file)}
        look = Look(f"{request.world} {request.tier} {request.seed}", truth)
        work = Path(name) / "work"
        work.mkdir()
        logs = tuple(str(path) for path in sorted(folder.glob("exchanges*")))
        options = IngestOptions(logs=logs, columns=SCAN_COLUMNS, sample_text=True)
        table = read_logs(options, work, SilentProgress())
        accounts = folder / "accounts.csv"
        known = read_account_table(accounts) if accounts.is_file() else None
        chosen = ScanOptions(work_folder=work, watch=look, embedding=embedding)
        scan(table, known, None, chosen)
    return look.pools


def area(attacks: Sequence[float], honest: Sequence[float]) -> float:
    """Area under the curve: chance that an attack has the smaller p-value, ties counted half."""
    if not attacks or not honest:
        return float("nan")
    gaps = np.array(honest)[None, :] - np.array(attacks)[:, None]
    return float(((gaps > 0) + 0.5 * (gaps == 0)).mean())


def table_lines(pools: Sequence[Pool]) -> list[str]:
    """Lay out classes of pools as a table in Markdown, areas last."""
    lines = [
        f"| {' | '.join(_HEADER)} |",
        "|" + " --- |" * 10,
    ]
    rows: dict[tuple[str, str], list[Pool]] = defaultdict(list)
    for pool in pools:
        label = f"campaigns, {pool.log.rsplit(' ', 1)[0]}" if pool.attack else pool.label
        rows[pool.kind, label].append(pool)
    for (kind, label), some in sorted(rows.items()):
        cells = [_small(some, name) for name in ("p_default", "p_both", "p_meaning")]
        cells += [
            f"{np.mean([getattr(pool, f'bits_{one}') for pool in some]):+.2f}" for one in _BITS
        ]
        cells += [
            f"{sum(pool.coverage[2] <= 0.05 for pool in some)}",
            f"{sum(pool.coverage_meaning[2] <= 0.05 for pool in some)}",
        ]
        lines.append(f"| {kind} | {label} | {len(some)} | {' | '.join(cells)} |")
    for kind in ("found", "truth"):
        areas = [
            f"{name} {area(*_split(pools, kind, name)):.3f}"
            for name in ("p_default", "p_both", "p_meaning")
        ]
        lines.append(f"\narea under the curve, {kind} pools: {', '.join(areas)}")
    return lines


_HEADER: Final = (
    *("pools", "of", "number", "p <= 0.05 as it is", "with meaning", "by meaning alone"),
    *("mean bits as it is", "with meaning", "coverage p <= 0.05", "by meaning"),
)
_BITS: Final = ("default", "both")


def _small(pools: Sequence[Pool], name: str) -> str:
    return str(sum(getattr(pool, name) <= 0.05 for pool in pools))


def _split(pools: Sequence[Pool], kind: str, name: str) -> tuple[list[float], list[float]]:
    some = [pool for pool in pools if pool.kind == kind]
    return (
        [getattr(pool, name) for pool in some if pool.attack],
        [getattr(pool, name) for pool in some if not pool.attack],
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, and print the table of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("model", type=Path, help="folder of a static embedding model")
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=["simulate"])
    parser.add_argument("--tiers", nargs="+", default=["hydra", "paraphrased", "none"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 31])
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--results", type=Path, help="JSON lines, one a pool, appended")
    given = parser.parse_args(arguments)
    embedding = StaticEmbedding(given.model)
    pools: list[Pool] = []
    for world in given.worlds:
        for tier in given.tiers:
            for seed in given.seeds:
                request = LogRequest(world=world, tier=tier, seed=seed, accounts=given.accounts)
                found = measured(request, embedding)
                pools += found
                print(f"measured {world} {tier} {seed}", file=sys.stderr)
                if given.results:
                    with given.results.open("a", encoding="utf-8") as file:
                        file.writelines(json.dumps(asdict(pool)) + "\n" for pool in found)
    print("\n".join(table_lines(pools)))


if __name__ == "__main__":
    main()
