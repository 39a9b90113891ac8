"""Scan every day: the last day's case is that of one scan of all days."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from tests.end_to_end.command_line import QUICK, simulate, succeed


def by_day(log: Path, folder: Path) -> list[Path]:
    """Cut a Parquet log into one file a day."""
    folder.mkdir()
    table = pq.read_table(log)
    days = pc.strftime(table["time_start"], format="%Y-%m-%d")
    paths = []
    for day in sorted(set(days.to_pylist())):
        path = folder / f"{day}.parquet"
        pq.write_table(table.filter(pc.equal(days, day)), path)
        paths.append(path)
    return paths


def without_names(folder: Path) -> Any:
    """Read a case without what two scans may call otherwise, and what only daily ones know."""
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    campaigns = [
        {
            key: value
            for key, value in campaign.items()
            if not key.endswith("_id") and key not in {"anytime", "members"}
        }
        | {"members": [unnamed(member) for member in campaign["members"]]}
        for campaign in case["campaigns"]
    ]
    # Days that are kept are an option of daily scans only.
    told = case["settings"] | {
        "options": [row for row in case["settings"]["options"] if row["option"] != "--keep-days"]
    }
    names = {"campaigns": campaigns, "operators": len(case["operators"]), "settings": told}
    return case | names


def unnamed(member: dict[str, Any]) -> dict[str, Any]:
    """Take the names of campaigns out of the shares of an account."""
    shares = [dict(share, campaign_id=bool(share["campaign_id"])) for share in member["shares"]]
    return member | {"shares": shares}


def test_day_by_day_is_one_scan(tmp_path: Path) -> None:
    """Incremental equals batch, but for names; campaigns of the day before keep theirs."""
    simulated = simulate(tmp_path / "log", "loud", *QUICK)
    days = by_day(simulated / "exchanges.parquet", tmp_path / "all")
    logs = tmp_path / "logs"
    logs.mkdir()
    tables = ("--accounts", simulated / "accounts.csv", "--releases", simulated / "releases.csv")
    before: dict[str, str] = {}
    for day in (days[:-2], days[-2:-1], days[-1:]):
        for path in day:
            path.rename(logs / path.name)
        words = ("--incremental", tmp_path / "state", "-o", tmp_path / "out", "--no-progress")
        succeed("scan", logs, *tables, *words)
        case = json.loads((tmp_path / "out" / "case.json").read_text(encoding="utf-8"))
        now = {m["account_id"]: c["campaign_id"] for c in case["campaigns"] for m in c["members"]}
        same = [account for account in before if now.get(account) == before[account]]
        assert len(same) >= 0.8 * len(before)
        before = now
    assert before
    succeed("scan", logs, *tables, "-o", tmp_path / "batch", "--no-progress")
    assert without_names(tmp_path / "out") == without_names(tmp_path / "batch")
    # A window of the last days is one scan of their logs, and the others have left the state.
    succeed("scan", logs, *tables, *words, "--keep-days", "4")
    left = len(list((tmp_path / "state" / "reads").iterdir()))
    assert left in {4, 5}  # by the hour of the last exchange
    for path in sorted(logs.iterdir())[:-left]:
        path.unlink()
    succeed("scan", logs, *tables, "-o", tmp_path / "batch", "--no-progress")
    assert without_names(tmp_path / "out") == without_names(tmp_path / "batch")
