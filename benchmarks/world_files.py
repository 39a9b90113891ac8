"""Write an independent world as the folder that a simulation would write.

Both worlds (``recorded_pools.py`` and ``alternate_world.py``) are written through this file.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks.world_formats import LOG_WRITERS
from benchmarks.world_records import LOAD_BALANCER_ADDRESS, Variant, World, WorldAccount, iso


def write_world(
    world: World, folder: Path, log_format: str = "canonical", variant: Variant | None = None
) -> Path:
    """Write a world as a simulation's folder.

    Args:
        world: The labelled log.
        folder: Made if it is not there.
        log_format: One of ``LOG_WRITERS``.
        variant: What the log leaves out; nothing if None.

    Returns:
        The log file.
    """
    variant = variant or Variant()
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    world.exchanges.sort(key=lambda e: (e.time_start, e.account_id, e.input_text))
    orgs = {account.account_id: account.org_id for account in world.accounts}
    for number, exchange in enumerate(world.exchanges):
        exchange.request_id = f"req-{number:08x}"
        if variant.load_balancer:
            exchange.client_address = LOAD_BALANCER_ADDRESS
    if variant.account_table:
        _write_accounts(world.accounts, folder / "accounts.csv")
    if world.releases:
        rows = [(model, iso(moment)) for model, moment in world.releases]
        _write_csv(folder / "releases.csv", ("model", "released_at"), rows)
    _write_truth(world, folder / "truth")
    writer, name = LOG_WRITERS[log_format]
    path = folder / name
    lines = (writer(exchange, orgs, variant.text) for exchange in world.exchanges)
    _write_lines(path, lines)
    return path


def _write_accounts(accounts: Sequence[WorldAccount], path: Path) -> None:
    truth = {"attacker", "campaign_id", "operator_id", "account_class", "tier"}
    header = [item.name for item in fields(WorldAccount) if item.name not in truth]
    header.remove("created_at")
    header.insert(2, "created_at")
    times = {"created_at", "closed_at"}
    rows = []
    for account in sorted(accounts, key=lambda a: a.account_id):
        values = [getattr(account, name) for name in header]
        pairs = zip(header, values, strict=True)
        rows.append([_cell(value, name in times) for name, value in pairs])
    _write_csv(path, header, rows)


def _cell(value: Any, is_time: bool) -> str:
    if value is None:
        return ""
    return iso(value) if is_time else str(value)


def _write_truth(world: World, folder: Path) -> None:
    accounts = sorted(world.accounts, key=lambda a: a.account_id)
    _write_csv(
        folder / "accounts.csv",
        ("account_id", "attacker", "campaign_id", "operator_id", "class", "tier"),
        [
            (a.account_id, int(a.attacker), a.campaign_id, a.operator_id, a.account_class, a.tier)
            for a in accounts
        ],
    )
    _write_csv(
        folder / "exchanges.csv",
        ("request_id", "account_id", "time_start", "harvest"),
        [(e.request_id, e.account_id, iso(e.time_start), int(e.harvest)) for e in world.exchanges],
    )
    plan = {"world": world.name, **world.plan}
    (folder / "plan.json").write_text(json.dumps(plan, indent=2, sort_keys=True) + "\n")


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    # A fixed time stamp and no name in the header: the same world is the same file, byte for byte.
    with path.open("wb") as raw:
        packed = gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=1, mtime=0)
        with packed as stream:
            for line in lines:
                stream.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
