"""From a log to a signed pack, its verification elsewhere, and an answer to every accused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.end_to_end.command_line import QUICK, scan, simulate, succeed

from cautery.cli.main import run
from cautery.report.load import read_case
from cautery.scan.reweighing import Reweighing


def test_case_evidence_verify_appeal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The real command line: scan, pack, verify offline, change a byte, repeat decisions."""
    log, out = simulate(tmp_path / "log", "loud", *QUICK), tmp_path / "out"
    scan(log, out)
    assert_every_decision_can_be_repeated(out)
    key, pack, again = tmp_path / "key", tmp_path / "pack.zip", tmp_path / "again.zip"
    assert run(["report", "keys", str(key), "--name", "example.com/trust"]) == 0
    logs = [word for path in sorted(log.glob("exchanges*")) for word in ("--log", path)]
    succeed("report", "evidence", out, "--out", pack, "--key", key, *logs)
    here = ["report", "evidence", str(out), "--out", str(again), "--key", str(key)]
    assert run([*here, *map(str, logs)]) == 0
    assert pack.read_bytes() == again.read_bytes()

    words = ("report", "verify", pack, "--trusted-key", f"{key}.pub", *logs)
    verdict = json.loads(succeed(*words, "--output-format", "json").output)
    outcomes = {check["what"]: check["outcome"] for check in verdict["checks"]}
    assert set(outcomes.values()) == {"holds", "absent"}
    assert [what for what in outcomes if outcomes[what] == "absent"] == ["ledger"]

    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    changed = tmp_path / "changed.zip"
    changed.write_bytes(content)
    assert run(["report", "verify", str(changed)]) == 1

    with (out / "accounts.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["campaign_id"]]
    accused = [row for row in rows if row["band"]]
    assert accused
    words = ("explain", accused[-1]["account_id"], "--replay", pack, "--format", "json")
    answer = json.loads(succeed(*words, "--trusted-key", f"{key}.pub").output)
    assert answer["replay"]["reproduces"] is True
    assert answer["account"]["band"] == accused[-1]["band"]
    assert answer["source"]["signed_by"].startswith("example.com/trust")
    capsys.readouterr()
    assert run(["explain", accused[0]["account_id"], "--replay", str(pack)]) == 0
    letter = capsys.readouterr().out
    names = {row["account_id"] for row in rows} - {accused[0]["account_id"]}
    assert not [name for name in names if name in letter]


def assert_every_decision_can_be_repeated(out: Path) -> None:
    """The rows of a real case give its chances again, for every group and every member."""
    case, rules = read_case(out), Reweighing()
    groups = (*case.campaigns, *case.permitted_groups)
    assert sum(len(group.members) for group in groups) > 50
    for group in groups:
        verdict = rules.group(group.weights)
        assert (verdict.bits, verdict.probability) == (group.bits, group.probability)
        assert verdict.weights == group.weights
        for member in group.members:
            _, held = rules.member(member.weights, member.stability, group.stability)
            assert held == member.linked_probability
            most = 1.0 if member.most_probability is None else member.most_probability
            chance = 0.0 if group.permitted else round(held * verdict.probability, 6)
            assert member.probability == min(chance, most)
