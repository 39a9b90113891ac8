"""The same exchanges give the same bytes, and other account names change nothing but names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tests.scan.conftest import ScanLog
from tests.scan.scanning import accused, attacked, renamed, rendered, scanned
from tests.scan.small_logs import NOW, SmallLog

from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.records.case import Case
from cautery.records.progress import SilentProgress
from cautery.scan.run import ScanOptions


def shuffled(log: SmallLog, seed: int) -> SmallLog:
    """Put exchanges and account rows in another order."""
    generator = np.random.default_rng(seed)
    return replace(
        log,
        exchanges=tuple(log.exchanges[n] for n in generator.permutation(len(log.exchanges))),
        accounts=tuple(log.accounts[n] for n in generator.permutation(len(log.accounts))),
    )


def names_of(log: SmallLog) -> list[str]:
    """List the accounts of a log in order."""
    return sorted({row["account_id"] for row in log.exchanges})


def told(case: Case, names: Mapping[str, str]) -> dict[str, Any]:
    """Tell what a case says under the old names, without the order of members and their links."""
    old = {new: name for name, new in names.items()}
    groups = [
        {
            "bits": group.bits,
            "rows": group.weights,
            "templates": group.templates,
            "shared": group.infrastructure,
            "days": group.daily_exchanges,
            "members": sorted(
                (
                    old[member.account_id],
                    member.probability,
                    member.harvest_exchanges,
                    member.top_reason,
                    [(row.signal, row.bits) for row in member.weights],
                )
                for member in group.members
            ),
        }
        for group in (*case.campaigns, *case.permitted_groups)
    ]
    rows = sorted((old[row.account_id], row.probability, row.band) for row in case.accounts)
    return {"groups": groups, "accounts": rows, "near": case.near_misses}


def test_shuffled_rows(scan_log: ScanLog, attacked_case: Case) -> None:
    """Rows in any order give the same case, to the byte, and it is not an empty one."""
    assert attacked_case.campaigns
    assert rendered(scan_log(shuffled(attacked(), 4))) == rendered(attacked_case)


def test_renamed_and_split_files(tmp_path: Path, attacked_case: Case) -> None:
    """Files cut and named otherwise give the same case but for what names the files."""
    log = shuffled(attacked(), 5)
    folder = tmp_path / "split"
    folder.mkdir()
    paths = []
    for place, name in enumerate(("z.jsonl", "a b.jsonl", "m\u202e.jsonl")):
        lines = [json.dumps(row) + "\n" for row in log.exchanges[place::3]]
        (folder / name).write_text("".join(lines), encoding="utf-8")
        paths.append(str(folder / name))
    options = IngestOptions(logs=tuple(paths), format="canonical", now=NOW)
    (folder / "parts").mkdir()
    table = read_logs(options, folder / "parts", SilentProgress())
    case = scanned(folder, log, table=table)
    assert len(case.input.files) == 3
    assert rendered(case) == rendered(attacked_case)


def test_another_seed(scan_log: ScanLog, attacked_case: Case) -> None:
    """A clear campaign has the same members whatever the seed of the communities."""
    other = scan_log(attacked(), options=ScanOptions(seed=7))
    assert accused(other) == accused(attacked_case)


def test_names_in_the_same_order(scan_log: ScanLog, attacked_case: Case) -> None:
    """Other names in the same order change names and nothing else, to the byte."""
    names = {name: f"zz{place:05d}" for place, name in enumerate(names_of(attacked()))}
    old = {new: name for name, new in names.items()}
    text = rendered(scan_log(renamed(attacked(), names)))
    assert re.sub(r"zz\d{5}", lambda found: old[found.group()], text) == rendered(attacked_case)


def test_names_in_any_order(scan_log: ScanLog, attacked_case: Case) -> None:
    """Names in another order change no verdict of a clear campaign, its members or anybody."""
    log = attacked()
    order = np.random.default_rng(6).permutation(108).tolist()
    names = {name: f"n{place:04d}" for name, place in zip(names_of(log), order, strict=True)}
    plain = told(attacked_case, {name: name for name in names})
    assert told(scan_log(renamed(log, names)), names) == plain
