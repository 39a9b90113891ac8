"""From a log to a refusal: scan it, publish the verdicts, and the guard acts on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.guard.guards import model_server, running_guard
from tests.guard.wired import AUDIT, BAND, DECISION, KEYS, SNAPSHOT, make_world, outcome

from cautery.cli.main import run


@pytest.mark.slow
def test_a_campaign_that_a_scan_found_is_blocked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every *very likely* member of the case is refused, and an honest account is served."""
    monkeypatch.chdir(tmp_path)
    words = ["simulate", "-o", "traffic", "--tier", "loud", "--accounts", "1000", "--days", "7"]
    assert run([*words, "--no-progress"]) == 0
    scan = ["scan", "traffic/exchanges.parquet", "--accounts", "traffic/accounts.csv"]
    world = make_world(tmp_path)
    assert run([*scan, "-o", "out", "--no-progress"]) in {0, 1}
    case = json.loads((tmp_path / "out" / "case.json").read_text())
    members = [one for campaign in case["campaigns"] for one in campaign["members"]]
    caught = {one["account_id"] for one in members if one["band"] == "very likely"}
    assert len(caught) >= 10
    truth = (tmp_path / "traffic" / "truth" / "accounts.csv").read_text()
    world.publish()
    accounts = (tmp_path / "traffic" / "accounts.csv").read_text().splitlines()[1:]
    suspected = {one["account_id"] for one in members}
    honest = next(name for row in accounts if (name := row.partition(",")[0]) not in suspected)
    assert honest in truth
    keys = {account: world.key(account) for account in (*sorted(caught), honest)}
    with model_server() as server:
        path = world.configuration(server.port, DECISION, KEYS, SNAPSHOT, BAND, AUDIT)
        with running_guard(path) as guard:
            found = {account: outcome(guard, key) for account, key in keys.items()}
            assert guard.stop() == 0
        assert len(server.asked) == 1
    assert found.pop(honest) == (200, "")
    assert set(found.values()) == {(403, "account_restricted")}
    reasons = [one.record["reasons"][0]["evidence"] for one in world.records()[:1]]
    assert reasons[0][1].startswith("campaign C-")
