"""``cautery report evidence --log``: every exchange of the accounts, from the logs of the scan."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.report.judged import judged_case
from tests.report.packs import members_of, pack_of, text_of, write_case

from cautery.cli.main import run
from cautery.records.campaign import Campaign
from cautery.records.case import Case
from cautery.report.pack_exchanges import exchange_faults
from cautery.report.pack_verifying import verify_evidence_pack

ACCOUNTS = [f"acct_{first + place:04d}" for first in (1, 101, 201) for place in range(4)]
"""The members of the case's groups."""


def exchange(account: str, minute: int) -> dict[str, Any]:
    """One exchange of the canonical log format, with a text that no pack may hold."""
    return {
        "time_start": f"2026-10-03T00:{minute:02d}:00.250000Z",
        "request_id": f"req-{account}-{minute}",
        "account_id": account,
        "operation": "chat",
        "input_text": "the secret words of a prompt",
        "output_text": "and of an answer",
    }


def write_log(path: Path, accounts: list[str], minutes: int = 3) -> Path:
    """Write a log in which each account has some exchanges."""
    rows = [exchange(account, minute) for minute in range(minutes) for account in accounts]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def counted(group: Campaign) -> Campaign:
    """A group whose members have three exchanges each."""
    return replace(group, members=tuple(replace(member, exchanges=3) for member in group.members))


def case_of(*logs: Path) -> Case:
    """A case that was made from some logs."""
    case = judged_case()
    (template, *_) = case.input.files
    files = tuple(
        replace(template, name=str(path), sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        for path in logs
    )
    return replace(
        case,
        input=replace(case.input, files=files),
        campaigns=tuple(map(counted, case.campaigns)),
        permitted_groups=tuple(map(counted, case.permitted_groups)),
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two logs, and results that were made from them."""
    monkeypatch.chdir(tmp_path)
    Path("logs").mkdir()
    logs = (
        write_log(Path("logs/a.jsonl"), ACCOUNTS[:6]),
        write_log(Path("logs/b.jsonl"), [*ACCOUNTS[6:], "acct_1000"]),
    )
    write_case(case_of(*logs), Path("out"))
    return tmp_path


def evidence(*words: str) -> int:
    """Pack the results."""
    return run(["report", "evidence", "out", "--out", "p.zip", *words])


def test_every_exchange(folder: Path) -> None:
    """Time and request of each, sorted; no texts, and nobody who is in no group."""
    assert evidence("--log", "logs") == 0
    files = members_of(Path("p.zip").read_bytes())
    rows = list(csv.DictReader(text_of(files["exchanges.csv"])))
    assert len(rows) == 3 * len(ACCOUNTS)
    assert rows[0] == {
        "campaign_id": "C-2026-0001",
        "account_id": "acct_0001",
        "time_start": "2026-10-03T00:00:00.250000Z",
        "request_id": "req-acct_0001-0",
    }
    keys = [(row["campaign_id"], row["account_id"], row["time_start"]) for row in rows]
    assert keys == sorted(keys)
    assert b"acct_1000" not in files["exchanges.csv"]
    assert b"secret words" not in b"".join(files.values())
    verdict = verify_evidence_pack(Path("p.zip").read_bytes())
    assert verdict.holds
    assert "exchanges" in {check.what for check in verdict.checks}


def test_one_campaign(folder: Path) -> None:
    """Of an excerpt, only the logs that its accounts are in are needed."""
    assert evidence("--campaign", "C-2026-0001", "--log", "logs/a.jsonl") == 0
    rows = text_of(members_of(Path("p.zip").read_bytes())["exchanges.csv"]).read().splitlines()
    assert len(rows) == 1 + 12
    assert verify_evidence_pack(Path("p.zip").read_bytes()).holds


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--log", "logs/a.jsonl"], 3, "it has 0 exchanges of acct_0103, the case 3"),
        (["--log", "other.jsonl"], 3, "none of the logs that were scanned"),
        (["--log", "none.jsonl"], 3, "no file matches"),
        (["--log", "logs", "--account", "request_id"], 3, "the case 3"),
        (["--log", "logs", "--campaign", "C-9"], 2, "no campaign 'C-9'"),
    ],
)
def test_logs_that_do_not_fit(
    folder: Path,
    words: list[str],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What the logs and the case say must be the same; nothing is left behind."""
    write_log(Path("other.jsonl"), ACCOUNTS)
    assert evidence(*words) == code
    assert message in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["logs", "other.jsonl", "out"]


def test_too_many_exchanges(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is a bound, and the message says what to do."""
    monkeypatch.setattr("cautery.cli.report.exchange_pointers.MOST_EXCHANGES", 30)
    assert evidence("--log", "logs") == 2
    assert "--campaign ID" in capsys.readouterr().err
    assert evidence("--log", "logs", "--campaign", "C-2026-0002") == 0


HEADER = b"campaign_id,account_id,time_start,request_id\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "its columns are other ones"),
        (b"account_id\n", "its columns are other ones"),
        (HEADER + b"C-2026-0001,acct_0001\n", "line 2 has 2 cells"),
        (HEADER + b'"\n', "line 2 cannot be read"),
        (HEADER, "it has 0 exchanges of acct_0001, the case 211"),
        (HEADER + b"C-1,nobody,t,r\n", "nobody is no member of C-1"),
    ],
)
def test_faults(content: bytes, message: str) -> None:
    """A list that does not fit its case is told, and so is a pack that has one."""
    assert any(message in fault for fault in exchange_faults(judged_case(), content))
    verdict = verify_evidence_pack(pack_of(exchanges=content or b"\n"))
    assert [check.what for check in verdict.checks if check.outcome == "does not hold"] == [
        "exchanges"
    ]
