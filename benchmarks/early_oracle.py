"""How early the judge would tell if somebody who knows the truth did the linking; print a table.

    python benchmarks/early_oracle.py --seeds 1 51

Daily scans of simulated hydra logs, as in ``early_alert.py``. On each day the scan groups what it
links; beside it every true campaign, with all of its accounts seen so far and nobody else, is
judged by the same signals. What is late then as well, no better linking makes early.
Results: ``benchmarks/results/early-oracle.jsonl``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.labelled_logs import LogRequest, make_log
from benchmarks.markdown import table
from benchmarks.results_file import RESULTS_FOLDER, ResultsFile

from cautery.ingest.account_table import read_account_table
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.ingest.release_table import read_release_table
from cautery.records.campaign import BAND_FLOORS
from cautery.records.progress import SilentProgress
from cautery.registry import SIGNALS
from cautery.scan.candidates import Candidates
from cautery.scan.evidence import judge
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Basis, Groups
from cautery.scan.harvest import make_groups
from cautery.scan.run import ScanOptions, scan
from cautery.scan.watching import NO_WATCH, DailyWatch
from cautery.simulate.score_latency import measure_latency
from cautery.simulate.score_replay import replay_days
from cautery.simulate.score_tables import read_true_accounts, read_true_exchanges

KEYS: Final[tuple[str, ...]] = ("tier", "seed", "accounts")
"""What names a replay."""
HEADER: Final[tuple[str, ...]] = (
    "tier",
    "seed",
    "campaign",
    "served on its first day",
    "served before the first alert",
    "served before it, linked by the truth",
)
LIKELY: Final = dict(BAND_FLOORS)["likely"]
"""Chance from which a campaign is alerted."""


class TrueGroups(DailyWatch):
    """Stands where the watch of daily scans does, and judges the true campaigns of that day.

    Args:
        campaign_of: True campaign of each attacker's account.
    """

    def __init__(self, campaign_of: dict[str, str]) -> None:
        super().__init__(before=NO_WATCH)
        self._campaign_of = campaign_of
        self.likely: dict[str, tuple[str, ...]] = {}
        """By campaign that the judge calls likely: its accounts so far."""

    def look(self, facts: Facts, groups: Groups, incidences: Any) -> None:
        """Judge the campaigns, not the groups of the scan."""
        owners = [self._campaign_of.get(account, "") for account in facts.account_ids]
        names = sorted(set(owners) - {""})
        places = {name: place for place, name in enumerate(names)}
        basis: list[Basis] = ["both"] * len(names)
        chosen = Candidates(
            group_of=np.array([places.get(owner, NO_GROUP) for owner in owners], dtype=np.int64),
            basis=tuple(basis),
            speaking=np.zeros(0, dtype=np.int64),
        )
        signals = [SIGNALS.load(name) for name in SIGNALS.names()]
        verdicts = judge(facts, make_groups(facts, chosen, incidences), signals)
        for name, verdict in zip(names, verdicts, strict=True):
            if verdict.probability >= LIKELY:
                accounts = zip(facts.account_ids, owners, strict=True)
                self.likely[name] = tuple(account for account, owner in accounts if owner == name)


def measure(request: LogRequest) -> dict[str, Any]:
    """Make and replay one simulated log, linked by the scan and by the truth.

    Args:
        request: Which log.

    Returns:
        One line of results.
    """
    row: dict[str, Any] = {name: getattr(request, name) for name in KEYS}
    with tempfile.TemporaryDirectory() as name:
        folder = make_log(request, Path(name) / "log")
        work = Path(name) / "work"
        (work / "whole").mkdir(parents=True)
        logs = tuple(str(path) for path in sorted(folder.glob("exchanges.*")))
        read = read_logs(IngestOptions(logs=logs), work / "whole", SilentProgress())
        true = read_true_accounts(folder)
        campaign_of = {a.account_id: a.campaign_id for a in true.values() if a.campaign_id}
        told: dict[str, datetime] = {}

        def scan_day(day: Any, accounts: Any, releases: Any) -> Any:
            watch = TrueGroups(campaign_of)
            case = scan(day, accounts, releases, ScanOptions(watch=watch))
            last = datetime.fromisoformat(case.input.to_time)
            end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
            for accounts_seen in watch.likely.values():
                for account in accounts_seen:
                    told.setdefault(account, end)
            return case

        found, _days = replay_days(
            read,
            read_account_table(folder / "accounts.csv"),
            read_release_table(folder / "releases.csv"),
            scan_day=scan_day,
            work_folder=work,
            progress=SilentProgress(),
        )
        alerts = {a: levels["likely"] for a, levels in found.items() if "likely" in levels}
        exchanges = list(read_true_exchanges(folder))
    return row | {"campaigns": campaign_rows(true, exchanges, alerts, told)}


def campaign_rows(
    true: Any, exchanges: Sequence[Any], alerts: dict[str, datetime], told: dict[str, datetime]
) -> list[dict[str, Any]]:
    """Compare both kinds of alert, campaign by campaign.

    Args:
        true: The true accounts, by id.
        exchanges: The true exchanges.
        alerts: When the scan first listed each account at *likely*.
        told: When the judge, given the true campaigns, first called each account's *likely*.

    Returns:
        By campaign: exchanges, and what was served by the end of its first day and before either.
    """
    by_scan = measure_latency(true, exchanges, alerts)
    by_truth = measure_latency(true, exchanges, told)
    rows = []
    for scanned, judged in zip(by_scan, by_truth, strict=True):
        first = scanned.first_exchange[:10]
        own = [
            str(e.time_start)[:10]
            for e in exchanges
            if e.account_id in true and true[e.account_id].campaign_id == scanned.campaign_id
        ]
        rows.append(
            {
                "campaign": scanned.campaign_id,
                "exchanges": scanned.exchanges,
                "first_day": sum(day == first for day in own) / max(len(own), 1),
                "scanned": scanned.served_share,
                "linked_by_truth": judged.served_share,
            }
        )
    return rows


def table_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Lay results out as a table in Markdown, one line a campaign and one for all.

    Args:
        rows: Lines of results.

    Returns:
        The table's lines.
    """
    names = ("first_day", "scanned", "linked_by_truth")
    lines: list[list[object]] = []
    everything: list[dict[str, Any]] = []
    for row in rows:
        for campaign in row["campaigns"]:
            shares = [f"{campaign[name]:.0%}" for name in names]
            lines.append([row["tier"], row["seed"], campaign["campaign"], *shares])
            everything.append(campaign)
    total = sum(campaign["exchanges"] for campaign in everything)
    means = [sum(c["exchanges"] * c[name] for c in everything) / max(total, 1) for name in names]
    return table(HEADER, [*lines, ["all", "", "", *(f"{mean:.1%}" for mean in means)]])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, and print the table of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--tiers", nargs="+", default=["hydra"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 51])
    parser.add_argument("--accounts", type=int, default=3_000)
    parser.add_argument("--results", type=Path, default=RESULTS_FOLDER / "early-oracle.jsonl")
    parser.add_argument("--any-code", action="store_true", help="take rows of other code as known")
    given = parser.parse_args(arguments)
    results = ResultsFile(given.results, KEYS, any_code=given.any_code)
    rows = []
    for tier in given.tiers:
        for seed in given.seeds:
            row = results.known((tier, seed, given.accounts))
            if row is None:
                request = LogRequest(
                    world="simulate", tier=tier, seed=seed, accounts=given.accounts
                )
                row = results.add(measure(request))
                print(f"{tier}, seed {seed}: done", file=sys.stderr)
            rows.append(row)
    results.tidy()
    print("\n".join(table_lines(rows)))


if __name__ == "__main__":
    main()
