"""The demo's traffic: logs of several tiers, simulated apart and put into one folder."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from pathlib import Path

    from cautery.simulate.plan import SimulationPlan

TIERS: Final[tuple[tuple[str, float], ...]] = (("loud", 0.35), ("february", 0.65))
"""Tiers that are planted, with their share of the accounts, attackers and honest alike."""

DAYS: Final = 14
VOLUME: Final = 0.17
"""Share of the usual exchanges of every account, so that the whole demo takes seconds."""
ATTACKER_SHARE: Final = 0.15
"""Part of the accounts that belongs to campaigns; the reported case had about an eighth."""
LOG_FORMAT: Final = "canonical-parquet"
"""Read fastest: a demo should not spend its seconds on parsing."""


def write_traffic(
    folder: Path, *, seed: int, accounts: int, silent: bool, messages: TextIO
) -> None:
    """Simulate each tier and put the logs, tables and truth together.

    Args:
        folder: Receives ``exchanges-*``, ``accounts.csv``, ``releases.csv`` and ``truth/``.
        seed: Seed of the traffic.
        accounts: Accounts of all tiers together.
        silent: Show no progress.
        messages: Where progress goes.
    """
    import pyarrow as pa

    from cautery.cli.progress import progress_for
    from cautery.simulate.run import simulate

    with progress_for(messages, silent=silent) as progress:
        for position, plan in enumerate(_plans(seed, accounts)):
            part = folder / f".{plan.tier}"
            simulate(plan, part, progress)
            _take(part, folder, plan, first=position == 0)
            shutil.rmtree(part)
    pa.default_memory_pool().release_unused()


def _plans(seed: int, accounts: int) -> list[SimulationPlan]:
    """Give each tier its own seed, so that no account id stands in two of the logs."""
    from cautery.simulate.plan import SimulationPlan

    plans = []
    for position, (tier, share) in enumerate(TIERS):
        size = round(accounts * share)
        tier_seed = seed * len(TIERS) + position
        plans.append(
            SimulationPlan(
                tier=tier,
                accounts=size,
                seed=tier_seed,
                days=DAYS,
                volume=VOLUME,
                attacker_share=ATTACKER_SHARE,
                log_format=LOG_FORMAT,
            )
        )
    return plans


def _take(part: Path, folder: Path, plan: SimulationPlan, *, first: bool) -> None:
    """Move one tier's files into the folder, and append its tables to those already there."""
    for log in sorted(part.glob("exchanges*")):
        log.rename(folder / log.name.replace("exchanges", f"exchanges-{plan.tier}", 1))
    (folder / "truth").mkdir(exist_ok=True)
    _append(part / "accounts.csv", folder / "accounts.csv", header=first)
    _append(part / "truth" / "exchanges.csv", folder / "truth" / "exchanges.csv", header=first)
    _append_truth(part / "truth" / "accounts.csv", folder / "truth" / "accounts.csv", plan, first)
    if first:  # the same served models and release times in every tier
        (part / "releases.csv").rename(folder / "releases.csv")
    plans = folder / "truth" / "plan.json"
    earlier = json.loads(plans.read_text(encoding="utf-8")) if plans.is_file() else []
    plans.write_text(json.dumps([*earlier, plan.as_dict()], indent=2) + "\n", encoding="utf-8")


def _append(source: Path, target: Path, *, header: bool) -> None:
    with source.open("rb") as lines, target.open("ab") as rows:
        head = lines.readline()
        if header:
            rows.write(head)
        shutil.copyfileobj(lines, rows)


def _append_truth(source: Path, target: Path, plan: SimulationPlan, first: bool) -> None:
    """Append the true accounts; campaigns of two tiers may not share a name."""
    with (
        source.open(encoding="utf-8", newline="") as lines,
        target.open("a", encoding="utf-8", newline="") as rows,
    ):
        reader = csv.DictReader(lines)
        writer = csv.DictWriter(rows, reader.fieldnames or (), lineterminator="\n")
        if first:
            writer.writeheader()
        for row in reader:
            for name in ("campaign_id", "operator_id"):
                if row[name] and not row[name].startswith(plan.tier):
                    row[name] = f"{plan.tier}-{row[name]}"
            writer.writerow(row)
