"""Measure how much each campaign got before the first alert, in daily replays; print one table.

    python benchmarks/early_alert.py

Every measurement is one ``cautery simulate`` and one ``cautery benchmark replay``, which scans the
log once a day as if that day were today. Results: ``benchmarks/results/early-alert.jsonl``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.labelled_logs import LogRequest, call_cautery, make_log
from benchmarks.markdown import table
from benchmarks.results_file import RESULTS_FOLDER, ResultsFile

from cautery.simulate.score_latency import CampaignLatency, measure_latency, read_alerts
from cautery.simulate.score_tables import read_true_accounts, read_true_exchanges

KEYS: Final[tuple[str, ...]] = ("tier", "seed", "accounts", "volume")
"""What names a replay."""

HEADER: Final[tuple[str, ...]] = (
    "tier",
    "seeds",
    "campaigns alerted",
    "days to the first alert",
    "served before it",
    "worst campaign",
    "of the harvest alone",
    "before their own account was listed",
    "honest accounts ever listed",
)
"""Columns of the table; shares are of all campaigns' exchanges together."""


def measure(request: LogRequest) -> dict[str, Any]:
    """Make and replay one simulated log.

    Args:
        request: Which log.

    Returns:
        One line of results.
    """
    row: dict[str, Any] = {name: getattr(request, name) for name in KEYS}
    with tempfile.TemporaryDirectory() as name:
        folder = make_log(request, Path(name) / "log")
        output = Path(name) / "out"
        words = ["benchmark", "replay", str(folder), "-o", str(output), "--no-progress"]
        run = call_cautery(words)
        row |= {"seconds": round(run.seconds, 1), "cpu_seconds": round(run.cpu_seconds, 1)}
        row["exit"] = run.code
        if run.code:
            return row | {"messages": run.messages[-2_000:]}
        return row | replay_figures(folder, output)


def replay_figures(folder: Path, output: Path) -> dict[str, Any]:
    """Take the figures from a finished replay.

    Args:
        folder: The simulated log with its truth.
        output: What ``cautery benchmark replay -o`` wrote.

    Returns:
        Campaigns, days, and how many honest accounts were listed on any day.
    """
    true = read_true_accounts(folder)
    alerts = read_alerts(output) or {}
    days = json.loads((output / "replay.json").read_text(encoding="utf-8"))["days"]
    latency = measure_latency(true, read_true_exchanges(folder), alerts)
    false = sum(1 for account_id in alerts if account_id in true and not true[account_id].attacker)
    return {
        "campaigns": [campaign_figures(campaign) for campaign in latency],
        "days": [[day["day"], day["listed"]] for day in days],
        "false_alerts": false,
    }


def campaign_figures(campaign: CampaignLatency) -> dict[str, Any]:
    """Take from a campaign's latency what the tables show.

    Args:
        campaign: As the scoreboard measures it.

    Returns:
        Its figures, by name.
    """
    return {
        "campaign": campaign.campaign_id,
        "exchanges": campaign.exchanges,
        "harvest_exchanges": campaign.harvest_exchanges,
        "days_to_alert": campaign.days_to_alert,
        "served": campaign.served_share,
        "served_harvest": campaign.served_harvest_share,
        "served_by_account": campaign.served_share_by_account,
    }


def table_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Lay results out as a table in Markdown, one line a tier.

    Args:
        rows: Lines of results.

    Returns:
        The table's lines.
    """
    lines = []
    for tier in dict.fromkeys(row["tier"] for row in rows):
        own = [row for row in rows if row["tier"] == tier and not row["exit"]]
        found = [campaign for row in own for campaign in row["campaigns"]]
        days = sorted(c["days_to_alert"] for c in found if c["days_to_alert"] is not None)
        lines.append(
            [
                tier,
                ", ".join(str(row["seed"]) for row in own),
                f"{len(days)} of {len(found)}",
                f"{days[0]:.1f} to {days[-1]:.1f}" if days else "-",
                _weighted(found, "served", "exchanges"),
                f"{max(c['served'] for c in found):.1%}" if found else "-",
                _weighted(found, "served_harvest", "harvest_exchanges"),
                _weighted(found, "served_by_account", "exchanges"),
                sum(row["false_alerts"] for row in own),
            ]
        )
    return table(HEADER, lines)


def _weighted(campaigns: Sequence[dict[str, Any]], name: str, weight: str) -> str:
    total = sum(campaign[weight] for campaign in campaigns)
    if not total:
        return "-"
    return f"{sum(c[weight] * c[name] for c in campaigns) / total:.1%}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, and print the table of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--tiers", nargs="+", default=["loud", "february", "hydra", "none"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[41])
    parser.add_argument("--accounts", type=int, default=3_000)
    parser.add_argument("--volume", type=float, default=1.0)
    parser.add_argument("--results", type=Path, default=RESULTS_FOLDER / "early-alert.jsonl")
    parser.add_argument("--any-code", action="store_true", help="take rows of other code as known")
    given = parser.parse_args(arguments)
    results = ResultsFile(given.results, KEYS, any_code=given.any_code)
    rows = []
    for tier in given.tiers:
        for seed in given.seeds:
            row = results.known((tier, seed, given.accounts, given.volume))
            if row is None:
                request = LogRequest(
                    world="simulate",
                    tier=tier,
                    seed=seed,
                    accounts=given.accounts,
                    volume=given.volume,
                )
                row = results.add(measure(request))
                print(f"{tier}, seed {seed}: {row['seconds']} s", file=sys.stderr)
            rows.append(row)
    results.tidy()
    print("\n".join(table_lines(rows)))


if __name__ == "__main__":
    main()
