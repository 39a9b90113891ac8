"""Follow the e-values of daily scans through one simulated log; print a row a group and day.

    python benchmarks/daily_evidence.py --tier hydra --seed 1

The log is scanned day by day as ``cautery scan --incremental`` does, the groups of each day tested
on what came later.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.labelled_logs import LogRequest, make_log
from benchmarks.markdown import table

from cautery.ingest.account_table import read_account_table
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.ingest.release_table import read_release_table
from cautery.records.case import Case
from cautery.records.progress import SilentProgress
from cautery.scan.continuity import NO_NAMES, continued
from cautery.scan.run import ScanOptions, scan
from cautery.scan.watching import NO_WATCH, DailyWatch
from cautery.simulate.score_replay import replay_days
from cautery.simulate.score_tables import read_true_accounts

HEADER = ("scan", "group", "accounts", "of campaigns", "chance", *("bits", "bound", "tests"))


def follow(folder: Path, work: Path) -> list[list[Any]]:
    """Scan a simulated log day by day.

    Args:
        folder: The log with its truth.
        work: Folder for the days.

    Returns:
        One row for each day and watched group.
    """
    true = read_true_accounts(folder)
    kept: dict[str, Any] = {"names": NO_NAMES, "watch": NO_WATCH}
    rows: list[list[Any]] = []

    def scan_day(day: Any, accounts: Any, releases: Any) -> Case:
        watch = DailyWatch(before=kept["watch"])
        found = scan(day, accounts, releases, ScanOptions(watch=watch), SilentProgress())
        found, kept["names"] = continued(found, kept["names"])
        found, kept["watch"] = watch.settle(found)
        for campaign in found.campaigns:
            ids = [member.account_id for member in campaign.members]
            guilty = sum(1 for one in ids if one in true and true[one].attacker)
            seen = campaign.anytime
            if seen is not None:
                tests = "; ".join(f"{t.name} {t.bits:+.1f}" for t in seen.tests)
                tail = [f"{seen.bits:+.1f}", f"{seen.false_alarm_bound:.2g}", tests]
                name = campaign.campaign_id
                day_name = found.input.to_time[:10]
                rows.append(
                    [day_name, name, len(ids), guilty, f"{campaign.probability:.2f}", *tail]
                )
        return found

    (work / "whole").mkdir(parents=True, exist_ok=True)
    logs = tuple(str(path) for path in sorted(folder.glob("exchanges*")))
    log = read_logs(IngestOptions(logs=logs), work / "whole", SilentProgress())
    replay_days(
        log,
        read_account_table(folder / "accounts.csv"),
        read_release_table(folder / "releases.csv"),
        scan_day=scan_day,
        work_folder=work,
        progress=SilentProgress(),
    )
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Follow one log, and print the table of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--tier", default="hydra")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--accounts", type=int, default=3_000)
    given = parser.parse_args(arguments)
    request = LogRequest(
        world="simulate", tier=given.tier, seed=given.seed, accounts=given.accounts, volume=1.0
    )
    with tempfile.TemporaryDirectory() as name:
        folder = make_log(request, Path(name) / "log")
        print("\n".join(table(HEADER, follow(folder, Path(name) / "work"))))


if __name__ == "__main__":
    main()
