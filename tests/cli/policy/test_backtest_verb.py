"""``cautery policy backtest``: from logs and tables to backtest.json, and on to enforcement."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests.policy.policy_files import rule, write_house

from cautery.cli.main import run

Captured = pytest.CaptureFixture[str]

RULES = rule('context.account.status == "closed"') + rule("context.campaign.band > 0", name="two")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log of three accounts, their table, and a scan's results."""
    monkeypatch.chdir(tmp_path)
    write_house(tmp_path, RULES)
    lines = [
        exchange("member", 1),
        exchange("closed", 2),
        exchange("closed", 5),
        exchange("member", 6),
        exchange("clean", 7),
    ]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "accounts.csv").write_text(
        "account_id,status,closed_at,billing_country,permitted_until,resale_attested,ownership,"
        "restricted_ownership_basis_points\n"
        "closed,closed,2026-11-04T00:00:00Z,DE,2027-01-01,true,known,5001\n"
        "member,active,,,,,,\n"
    )
    return tmp_path


def exchange(account_id: str, day: int) -> dict[str, Any]:
    """An exchange of ten output tokens."""
    return {
        "time_start": f"2026-11-0{day}T00:00:00Z",
        "account_id": account_id,
        "request_model": "big",
        "output_tokens": 10,
        "reasoning_tokens": 3,
        "country": "DE",
        "n": 2,
    }


def write_scan(folder: Path) -> None:
    """Write what a scan would: one member in band watch."""
    (folder / "out").mkdir()
    (folder / "out" / "case.json").write_text("{}")
    head = (
        "account_id,campaign_id,operator_id,linked_probability,distillation_probability,"
        "permitted_use,probability,band,exchanges,output_tokens,first_seen,last_seen,top_reason"
    )
    row = "member,C-2026-0001,O-1,0.9,0.9,,0.81,watch,2,20,2026-11-01,2026-11-06,x"
    (folder / "out" / "accounts.csv").write_text(f"{head}\n{row}\n")


WORDS = ["policy", "backtest", "policy.toml", "log.jsonl", "--accounts", "accounts.csv"]
FULL = [*WORDS, "--case", "out", "--no-progress"]


def rules_of(folder: Path) -> dict[str, Any]:
    """Read the rules' results back."""
    found = json.loads((folder / "backtest.json").read_text())
    return {item["rule"]: item for item in found["result"]["rules"]}


def test_caught_and_collateral(folder: Path, capsys: Captured) -> None:
    """Who was closed later was not closed then; who is in no campaign is collateral."""
    write_scan(folder)
    assert run([*FULL, "-o", "backtest.json"]) == 0
    captured = capsys.readouterr()
    assert "5 exchanges, 50 output tokens, 3 accounts" in captured.out
    assert "not signed off" in captured.err
    rules = rules_of(folder)
    assert (rules["house.one"]["exchanges"], rules["house.one"]["collateral_names"]) == (
        1,
        ["closed"],
    )
    assert (rules["house.two"]["caught_accounts"], rules["house.two"]["exchanges"]) == (1, 2)


def test_files_are_named_with_their_digests(folder: Path) -> None:
    """Everything that was read stands in the file, so that it can be run again."""
    write_scan(folder)
    (folder / "allow.csv").write_text(
        "account_id,reason,owner,expires_at\nclosed,contract,ana,2027-01-01\n"
    )
    (folder / "honest.csv").write_text("account_id\nmember\n")
    words = [*FULL, "--allowlist", "allow.csv", "--honest", "honest.csv", "-o", "backtest.json"]
    assert run(words) == 0
    found = json.loads((folder / "backtest.json").read_text())
    names = {Path(item["name"]): item["sha256"] for item in found["files"]}
    assert set(map(str, names)) == {
        "accounts.csv",
        "allow.csv",
        "honest.csv",
        "log.jsonl",
        "out/accounts.csv",
        "out/case.json",
    }
    for path, digest in names.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    rules = rules_of(folder)
    assert rules["house.one"]["allowlisted_accounts"] == 1
    assert rules["house.two"]["collateral_names"] == ["member"]


def test_the_same_inputs_give_the_same_bytes(folder: Path) -> None:
    """No clock, no order of files, nothing of the machine."""
    write_scan(folder)
    first, second = (folder / name for name in ("one.json", "two.json"))
    assert run([*FULL, "-o", "one.json"]) == run([*FULL, "-o", "two.json"]) == 0
    assert first.read_bytes() == second.read_bytes()


def test_from_backtest_to_enforcement(folder: Path, capsys: Captured) -> None:
    """Tested and signed off, the same rules may be enforced; a changed one may not."""
    write_scan(folder)
    assert run([*FULL, "-o", "backtest.json", "--sign-off", "ana"]) == 0
    enforced = 'default_mode = "enforce"\n[enforcement]\nbacktest = "backtest.json"\n'
    write_house(folder, RULES, policy=enforced)
    assert run(["policy", "check", "policy.toml"]) == 0
    assert "2 rules enforced after a backtest" in capsys.readouterr().out
    write_house(folder, RULES.replace("> 0", "> 1"), policy=enforced)
    assert run(["policy", "check", "policy.toml"]) == 3
    assert "have changed since the backtest" in capsys.readouterr().err


def test_as_json(folder: Path, capsys: Captured) -> None:
    """The file on standard output, everything for people on standard error."""
    assert run([*WORDS, "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["result"]["exchanges"] == 5
    assert "without --case nobody counts as caught" in captured.err


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["policy", "backtest", "policy.toml"], 2, "no log was named"),
        ([*WORDS, "--sign-off", "ana"], 2, "-o backtest.json"),
        ([*WORDS, "-o", "b.json", "--sign-off", " "], 2, "needs the name"),
        ([*WORDS, "--case", "none"], 3, "none"),
        ([*WORDS, "--allowlist", "log.jsonl"], 3, "reason"),
    ],
)
def test_refused(words: list[str], code: int, error: str, folder: Path, capsys: Captured) -> None:
    """Wrong calls and tables are refused in words, and nothing is left behind."""
    assert run(words) == code
    assert error in capsys.readouterr().err
    assert not list(folder.glob("b*.json"))


def test_rejected_lines(folder: Path) -> None:
    """With too many bad lines the result is written, and the exit says so."""
    with (folder / "log.jsonl").open("a") as log:
        log.write("not json\n")
    assert run([*WORDS, "-o", "backtest.json"]) == 4
    assert (folder / "backtest.json").is_file()
