"""From a log to a signed pack, its verification elsewhere, and an answer to every accused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.end_to_end.command_line import QUICK, cautery, scan, simulate, succeed


def test_case_evidence_verify_appeal(tmp_path: Path) -> None:
    """The real command line: scan, pack, verify offline, change a byte, repeat decisions."""
    log, out = simulate(tmp_path / "log", "loud", *QUICK), tmp_path / "out"
    scan(log, out)
    key, pack, again = tmp_path / "key", tmp_path / "pack.zip", tmp_path / "again.zip"
    succeed("report", "keys", key, "--name", "example.com/trust")
    logs = [word for path in sorted(log.glob("exchanges*")) for word in ("--log", path)]
    for target in (pack, again):
        succeed("report", "evidence", out, "--out", target, "--key", key, *logs)
    assert pack.read_bytes() == again.read_bytes()

    words = ("report", "verify", pack, "--trusted-key", f"{key}.pub", *logs)
    verdict = json.loads(succeed(*words, "--output-format", "json").output)
    outcomes = {check["what"]: check["outcome"] for check in verdict["checks"]}
    assert set(outcomes.values()) == {"holds", "absent"}
    assert [what for what in outcomes if outcomes[what] == "absent"] == ["ledger"]

    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "changed.zip").write_bytes(content)
    assert cautery("report", "verify", tmp_path / "changed.zip").code == 1

    with (out / "accounts.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["campaign_id"]]
    accused = [row for row in rows if row["band"]]
    assert accused
    for row in (accused[0], accused[-1]):
        words = ("explain", row["account_id"], "--replay", pack, "--trusted-key", f"{key}.pub")
        answer = json.loads(succeed(*words, "--format", "json").output)
        assert answer["replay"]["reproduces"] is True
        assert answer["account"]["band"] == row["band"]
        assert answer["source"]["signed_by"].startswith("example.com/trust")
    letter = succeed("explain", accused[0]["account_id"], "--replay", pack).output
    names = {row["account_id"] for row in rows} - {accused[0]["account_id"]}
    assert not [name for name in names if name in letter]
