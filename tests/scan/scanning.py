"""Whole scans of small logs, and what every case must keep to."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from tests.scan.small_logs import Row, SmallLog, account_table, ingested
from tests.scan.worlds import ordinary, planted

from cautery.ingest.release_table import read_release_table
from cautery.ingest.table import ExchangeTable
from cautery.records.campaign import Campaign, Member, band_of
from cautery.records.case import Case, InputSummary
from cautery.records.evidence import Weight
from cautery.records.progress import Progress
from cautery.scan.evidence import chance
from cautery.scan.run import ScanOptions, scan
from cautery.scan.weighing import rounded


def scanned(
    folder: Path,
    log: SmallLog,
    *,
    drop_text: bool = False,
    options: ScanOptions | None = None,
    table: ExchangeTable | None = None,
    progress: Progress | None = None,
) -> Case:
    """Read and scan a small log in an empty folder.

    Args:
        folder: Does not exist yet.
        log: Exchanges and side tables.
        drop_text: Whether only sketches of the texts are kept.
        options: What a caller chooses; the defaults if None.
        table: The ingested exchanges if something is special about them.
        progress: Told of the scan.

    Returns:
        The case.
    """
    table = table or ingested(folder, log, drop_text=drop_text)
    releases = None
    if log.releases:
        path = folder / "releases.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in log.releases), encoding="utf-8")
        releases = read_release_table(path)
    return scan(table, account_table(folder, log), releases, options or ScanOptions(), progress)


def rendered(case: Case) -> str:
    """Write all that a case says but what names the log files themselves."""
    summary: InputSummary = replace(case.input, files=())
    return json.dumps(asdict(replace(case, input=summary)), sort_keys=True)


def listed_groups(case: Case) -> tuple[Campaign, ...]:
    """Campaigns and permitted groups."""
    return (*case.campaigns, *case.permitted_groups)


def total_of(rows: Sequence[Weight]) -> float:
    """Add up a waterfall as a reader would: every printed row, to one decimal."""
    assert all(row.bits == rounded(row.bits) for row in rows)
    return rounded(sum(row.bits for row in rows))


def check_sums(case: Case) -> None:
    """Prior and rows add up to the printed chance, for every group and every member of one."""
    for group in listed_groups(case):
        assert group.weights[0].signal == "prior"
        assert total_of(group.weights) == group.bits
        assert group.probability == chance(group.bits)
        assert group.band == ("" if group.permitted else band_of(group.probability))
        assert group.accounts == len(group.members)
        for member in group.members:
            _check_member(group, member)


def _check_member(group: Campaign, member: Member) -> None:
    assert member.weights[0].signal == "prior"
    assert member.linked_probability == chance(total_of(member.weights))
    product = round(member.linked_probability * group.probability, 6)
    assert member.probability == (0.0 if group.permitted else product)
    assert member.band == ("" if group.permitted else band_of(member.probability))
    assert member.harvest_exchanges <= member.exchanges


def accused(case: Case) -> set[str]:
    """Accounts of all campaigns."""
    return {member.account_id for group in case.campaigns for member in group.members}


def row_of(rows: Iterable[Weight], signal: str) -> Weight:
    """Find the row of one signal; the test fails if there is none."""
    found = [row for row in rows if row.signal == signal]
    if len(found) != 1:
        pytest.fail(f"{len(found)} rows of {signal}")
    return found[0]


def attacked(strangers: int = 80, members: int = 28) -> SmallLog:
    """Make strangers and a planted group that shares cards, addresses, client and templates."""
    return ordinary(strangers) + planted(members, accounts_per_address=4)


def renamed(log: SmallLog, names: Mapping[str, str]) -> SmallLog:
    """Give accounts other ids, in the exchanges and in the account table."""

    def moved(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(row | {"account_id": names[row["account_id"]]} for row in rows)

    return replace(log, exchanges=moved(log.exchanges), accounts=moved(log.accounts))


def permitting(log: SmallLog, accounts: Container[str], use: str = "research") -> SmallLog:
    """Have a contract permit some accounts what they do."""
    rows = tuple(
        row | ({"permitted_use": use} if row["account_id"] in accounts else {})
        for row in log.accounts
    )
    return replace(log, accounts=rows)
