"""The scan's verdict on pools that somebody who knows the truth has put together.

This tells "cannot be linked" from "cannot be judged": the true campaigns, parts of them, and as
many honest accounts, some of like volume and some that ask most alike, are judged as they are, and
once more as if one owner had been proved, by how they behave or by something strangers never share.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from benchmarks.reworded_channels import rewording_words, word_counts, word_vectors
from benchmarks.reworded_logs import Log
from numpy.typing import NDArray

from cautery.ingest.account_table import read_account_table
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.ingest.release_table import read_release_table
from cautery.records.evidence import Family, Weight
from cautery.records.progress import SilentProgress
from cautery.registry import SIGNALS
from cautery.scan.candidates import Candidates
from cautery.scan.evidence import Verdict, judge, verdict_of
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Basis, Groups
from cautery.scan.harvest import make_groups
from cautery.scan.limits import LIMITS
from cautery.scan.needs import SCAN_COLUMNS
from cautery.scan.run import ScanOptions, scan
from cautery.scan.watching import NO_WATCH, DailyWatch
from cautery.scan.weighing import rounded

Integers = NDArray[np.int64]
Pools = list[tuple[str, str, Integers]]
"""Kind, name and accounts of each pool."""

PARTS: Final = (40, 20)
"""Sizes of the parts of campaigns that are judged."""
PROOF_BITS: Final = 20.0
"""Bits of a proof of one owner; its ceiling is what counts."""
PROOFS: Final[dict[str, tuple[str, Family]]] = {
    "behaviour": ("co_activity", "behaviour"),
    "infrastructure": ("signature_replay", "infrastructure"),
}
"""Signal in whose place a proof stands, and its family; only the second lifts the limit of one kind
of evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One pool, judged three times."""

    kind: str
    """What pools it is one of."""
    name: str
    accounts: int
    linkage: float
    asked: float
    bits: tuple[float, float, float]
    """As it is, with one owner proved by behaviour, and by infrastructure."""


class Oracle(DailyWatch):
    """Stands where the watch of daily scans does, and judges pools of its own.

    Args:
        rounds: Pools that are judged together; those of a round have no account in common.
    """

    def __init__(self, rounds: list[Pools]) -> None:
        super().__init__(before=NO_WATCH)
        self._rounds = rounds
        self.judged: list[Judged] = []

    def look(self, facts: Facts, groups: Groups, incidences: Any) -> None:
        """Judge the pools, not the groups of the scan."""
        signals = [SIGNALS.load(name) for name in SIGNALS.names()]
        for pools in self._rounds:
            group_of = np.full(facts.account_count, NO_GROUP, dtype=np.int64)
            for place, (_kind, _name, accounts) in enumerate(pools):
                group_of[accounts] = place
            basis: list[Basis] = ["behaviour"] * len(pools)
            chosen = Candidates(
                group_of=group_of,
                basis=tuple(basis),
                speaking=np.zeros(0, dtype=np.int64),
            )
            verdicts = judge(facts, make_groups(facts, chosen, incidences), signals)
            for (kind, name, accounts), verdict in zip(pools, verdicts, strict=True):
                self.judged.append(judged(kind, name, accounts.size, verdict))


def judged(kind: str, name: str, accounts: int, verdict: Verdict) -> Judged:
    """Take a verdict apart, and judge once more with each proof.

    Args:
        kind: What pools it is one of.
        name: Its name.
        accounts: Its size.
        verdict: As it is.

    Returns:
        The pool with its bits.
    """
    rows = [row for row in verdict.weights if row.signal not in {*LIMITS, "prior"}]
    with_proof = [_proved(rows, *proof).bits for proof in PROOFS.values()]
    return Judged(
        kind=kind,
        name=name,
        accounts=accounts,
        linkage=rounded(sum(row.bits for row in rows if row.aspect == "linkage")),
        asked=rounded(sum(row.bits for row in rows if row.aspect == "distillation")),
        bits=(verdict.bits, with_proof[0], with_proof[1]),
    )


def _proved(rows: list[Weight], signal: str, family: Family) -> Verdict:
    proof = Weight(
        signal=signal, label="given by the truth", aspect="linkage", family=family, bits=PROOF_BITS
    )
    return verdict_of([*(row for row in rows if row.signal != signal), proof], [])


def pools_of(log: Log) -> Iterator[Pools]:
    """Put pools together: whole campaigns with honest look-alikes, then parts of campaigns.

    Args:
        log: The log with its truth.

    Yields:
        Pools that are judged together.
    """
    random = np.random.default_rng(5)
    campaigns = [
        (name, np.flatnonzero(log.campaign == name))
        for name in sorted(set(log.campaign[log.campaign != ""]))
    ]
    free = log.campaign == ""
    vectors = word_vectors(word_counts(log, log.plain, without=rewording_words()))
    volume = np.log1p(np.bincount(log.account, minlength=log.count).astype(np.float64))
    whole: Pools = [("whole campaigns", name, members) for name, members in campaigns]
    for name, members in campaigns:
        asks = np.asarray(vectors @ vectors[members].sum(axis=0).T).ravel()
        alike = np.argsort(np.where(free, -asks, np.inf), kind="stable")[: members.size]
        free[alike] = False
        whole.append(("honest accounts that ask most alike", f"like {name}", np.sort(alike)))
    for name, members in campaigns:
        like = np.zeros(0, dtype=np.int64)
        for account in members.tolist():
            gap = np.where(
                free & (log.kind == "ordinary"), np.abs(volume - volume[account]), np.inf
            )
            like = np.append(like, gap.argmin())
            free[like[-1]] = False
        whole.append(("ordinary accounts as busy", f"as busy as {name}", np.sort(like)))
    yield whole
    for size in PARTS:
        yield [
            (
                f"parts of campaigns, {size} accounts",
                f"{size} of {name}",
                np.sort(random.permutation(members)[:size]),
            )
            for name, members in campaigns
            if members.size > size
        ]


def oracle(folder: Path, log: Log) -> list[Judged]:
    """Judge the pools of one log.

    Args:
        folder: Of the log.
        log: The same log, read.

    Returns:
        The judged pools.
    """
    look = Oracle(list(pools_of(log)))
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        logs = (str(folder / "exchanges.parquet"),)
        read = read_logs(IngestOptions(logs=logs, columns=SCAN_COLUMNS), work, SilentProgress())
        known = read_account_table(folder / "accounts.csv")
        releases = read_release_table(folder / "releases.csv")
        scan(read, known, releases, ScanOptions(work_folder=work, watch=look))
    return look.judged
