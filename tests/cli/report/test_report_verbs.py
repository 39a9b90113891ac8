"""``cautery report keys``, ``evidence`` and ``verify`` through the command line."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.ledger.ledgers import clock, time_of
from tests.policy.worlds import write_world
from tests.report.judged import judged_case
from tests.report.packs import members_of, write_case
from tests.report.probe_reports import content_of, probe_report
from tests.report.test_pack_verifying import forged

from cautery.cli.main import run
from cautery.cli.provenance.publishing import record_report
from cautery.ledger.key_files import load_signing_key
from cautery.ledger.writer import Ledger
from cautery.policy.policy_set import load_policy_set
from cautery.report.evidence_pack import digest


def report(*words: str) -> int:
    """Run a verb of ``cautery report``."""
    return run(["report", *words])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with results in ``out``, a key, and a signed pack of all."""
    monkeypatch.chdir(tmp_path)
    write_case(judged_case(), Path("out"))
    assert report("keys", "trust.key", "--name", "example.com/trust") == 0
    assert report("evidence", "out", "--out", "pack.zip", "--key", "trust.key") == 0
    return tmp_path


def test_keys(folder: Path) -> None:
    """The signing key is its owner's only, and never overwritten; a name must be one."""
    assert stat.S_IMODE(Path("trust.key").stat().st_mode) == 0o600
    assert Path("trust.key.pub").read_text().startswith("example.com/trust+")
    assert report("keys", "trust.key", "--name", "example.com/other") == 3
    assert report("keys", "other.key", "--name", "two words") == 3
    assert report("keys", "other.key") == 2
    assert not Path("other.key").exists()


def test_evidence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The pack is its owner's only and says its hash; the same call gives the same bytes."""
    assert stat.S_IMODE(Path("pack.zip").stat().st_mode) == 0o600
    capsys.readouterr()
    words = ["--out", "again.zip", "--key", "trust.key"]
    assert report("evidence", "out/case.json", *words) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "signed by example.com/trust" in said.err
    assert Path("again.zip").read_bytes() == Path("pack.zip").read_bytes()
    assert report("evidence", "out", "--out", "unsigned.zip") == 0
    assert "unsigned: it is whole, and nobody's word" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["out", "--out", "pack.zip"], 3, "there is such a file"),
        (["none", "--out", "p.zip"], 3, "no results of a scan"),
        (["out", "--out", "p.zip", "--campaign", "C-2026-001"], 2, "Did you mean C-2026-0001"),
        (["out", "--out", "p.zip", "--key", "none.key"], 3, "cannot be read"),
        (["out", "--out", "p.zip", "--key", "trust.key.pub"], 3, "chmod 600"),
        (["out", "--out", "p.zip", "--policy", "none"], 3, "cannot read 'none'"),
        (["out", "--out", "p.zip", "--ledger", "none"], 3, "none"),
        (["out"], 2, "--out"),
    ],
)
def test_wrong_calls(
    folder: Path,
    words: list[str],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong call says what to do, and leaves nothing behind."""
    assert report("evidence", *words) == code
    assert message in capsys.readouterr().err
    assert not Path("p.zip").exists()


def test_verify(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every item is told, for people and for programs."""
    capsys.readouterr()
    assert report("verify", "pack.zip", "--trusted-key", "trust.key.pub") == 0
    out = capsys.readouterr().out
    assert out.startswith("holds\n  holds          archive")
    assert "signed by example.com/trust, key " in out
    assert f"  log {'a' * 64}  logs/part-01.jsonl.zst" in out
    assert report("verify", "pack.zip", "--output-format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["holds"] is True
    assert {check["what"]: check["outcome"] for check in document["checks"]}["signature"] == (
        "not checked"
    )
    assert document["manifest"]["schema"] == "cautery.pack/1"


def test_what_does_not_hold(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1 says that something does not hold; 3 that there is no file."""
    content = Path("pack.zip").read_bytes()
    Path("changed.zip").write_bytes(content.replace(b"likely", b"LIKELY", 1))
    capsys.readouterr()
    assert report("verify", "changed.zip") == 1
    assert capsys.readouterr().out.startswith("does not hold\n  does not hold  archive")
    assert report("verify", "changed.zip", "--output-format", "json") == 1
    Path("text.zip").write_text("hello")
    assert report("verify", "text.zip") == 1
    assert report("verify", "none.zip") == 3
    assert report("verify", "pack.zip", "--trusted-key", "none.pub") == 3
    assert report("keys", "other.key", "--name", "example.com/other") == 0
    assert report("verify", "pack.zip", "--trusted-key", "other.key.pub") == 1
    assert report("evidence", "out", "--out", "unsigned.zip") == 0
    assert report("verify", "unsigned.zip") == 0
    assert report("verify", "unsigned.zip", "--trusted-key", "trust.key.pub") == 1


def test_logs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A log is compared with the hashes in the pack."""
    Path("other.log").write_text("hello")
    capsys.readouterr()
    assert report("verify", "pack.zip", "--log", "other.log") == 1
    assert "it is none of the logs that were scanned" in capsys.readouterr().out
    assert report("verify", "pack.zip", "--log", "none.log") == 3


def test_policy(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The policy set is named by its version, from its folder or its file."""
    Path("rules").mkdir()
    write_world(Path("rules"))
    path = Path("rules/policy.toml")
    for given in (str(path), str(path.parent)):
        Path("p.zip").unlink(missing_ok=True)
        assert report("evidence", "out", "--out", "p.zip", "--policy", given) == 0
        manifest = json.loads(members_of(Path("p.zip").read_bytes())["manifest.json"])
        assert manifest["policy"]["version"] == load_policy_set(path).version
    capsys.readouterr()
    assert report("verify", "p.zip") == 0
    assert f"  policy {load_policy_set(path).version}" in capsys.readouterr().out


def decided(number: int, account: str, campaign: str) -> dict[str, object]:
    """A decision about an account of a campaign."""
    return {
        "account_id": account,
        "campaign_id": campaign,
        "decision_id": f"d{number}",
        "request_id": f"r{number}",
        "action": "throttle",
    }


@pytest.fixture
def fill(folder: Path) -> Callable[[list[tuple[str, str]]], None]:
    """Begin a ledger, and write decisions into it."""

    def filled(rows: list[tuple[str, str]]) -> None:
        words = ["--new-key", "log.key", "--name", "example.com/ledger"]
        assert run(["ledger", "init", "log", *words]) == 0
        with Ledger(Path("log"), load_signing_key(Path("log.key")), clock=clock) as opened:
            for number, (account, campaign) in enumerate(rows):
                opened.submit("decision", decided(number, account, campaign), time_of(number))

    return filled


def test_ledger(
    fill: Callable[[list[tuple[str, str]]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Decisions about the accounts are proved; those about others are not in the pack."""
    fill(
        [
            ("acct_0001", "C-2026-0001"),
            ("acct_0101", "C-2026-0002"),
            ("acct_1000", ""),
            ("acct_9999", "C-2026-0001"),
            ("acct_0002", "C-2026-0001"),
        ]
    )
    words = ["--campaign", "C-2026-0001", "--ledger", "log", "--key", "trust.key"]
    assert report("evidence", "out", "--out", "p.zip", *words) == 0
    assert report("evidence", "out", "--out", "q.zip", *words) == 0
    assert Path("p.zip").read_bytes() == Path("q.zip").read_bytes()
    proved = json.loads(members_of(Path("p.zip").read_bytes())["ledger.json"])
    positions = [record["position"] for record in proved["predicate"]["records"]]
    assert positions == [0, 4]
    capsys.readouterr()
    assert report("verify", "p.zip", "--ledger-key", "log.key.pub") == 0
    assert "2 of the 5 records of example.com/ledger are proved" in capsys.readouterr().out
    assert report("verify", "p.zip") == 0
    assert "2 decisions of example.com/ledger; give its key" in capsys.readouterr().out
    assert report("verify", "p.zip", "--ledger-key", "trust.key.pub") == 1


def test_a_ledger_without_such_decisions(
    fill: Callable[[list[tuple[str, str]]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing was decided, the pack says that nothing is in it."""
    fill([("acct_1000", "")])
    capsys.readouterr()
    assert report("evidence", "out", "--out", "p.zip", "--ledger", "log") == 0
    assert "the ledger has no decisions about these accounts" in capsys.readouterr().err
    assert "ledger.json" not in members_of(Path("p.zip").read_bytes())


def test_more_decisions_than_a_pack_proves(
    fill: Callable[[list[tuple[str, str]]], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The newest are kept, and how many were left out is said."""
    monkeypatch.setattr("cautery.cli.report.evidence_run.MOST_DECISIONS", 3)
    fill([("acct_0001", "C-2026-0001")] * 11)
    assert report("evidence", "out", "--out", "p.zip", "--ledger", "log") == 0
    proved = json.loads(members_of(Path("p.zip").read_bytes())["ledger.json"])
    assert [record["position"] for record in proved["predicate"]["records"]] == [8, 9, 10]
    capsys.readouterr()
    assert report("verify", "p.zip", "--ledger-key", "log.key.pub") == 0
    assert "; 8 more were too many" in capsys.readouterr().out


def test_the_report_of_a_probe_is_packed_and_proved(
    fill: Callable[[list[tuple[str, str]]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The ledger's record of a report is proved, and must be the report that is in the pack."""
    fill([("acct_0001", "C-2026-0001")])
    content = content_of(probe_report(digest(Path("out/case.json").read_bytes())))
    Path("probe.json").write_bytes(content)
    record_report(content, Path("log"), Path("log.key"))
    record_report(content_of(probe_report(suspect="another")), Path("log"), Path("log.key"))
    words = ["--probe", "probe.json", "--ledger", "log", "--key", "trust.key"]
    assert report("evidence", "out", "--out", "p.zip", *words) == 0
    proved = json.loads(members_of(Path("p.zip").read_bytes())["ledger.json"])
    assert [record["position"] for record in proved["predicate"]["records"]] == [0, 1]
    capsys.readouterr()
    trusted = ["--trusted-key", "trust.key.pub", "--ledger-key", "log.key.pub"]
    assert report("verify", "p.zip", *trusted) == 0
    assert "1 on suspect models" in capsys.readouterr().out
    other = content_of(probe_report(tests=7))
    pack = forged(
        Path("p.zip").read_bytes(), lambda files: files.update({"probe-1.json": other}), sign=True
    )
    Path("forged.zip").write_bytes(pack)
    assert report("verify", "forged.zip", "--ledger-key", "log.key.pub") == 1
    assert "the ledger's report of a probe is none of" in capsys.readouterr().out


def test_an_excerpt_proves_no_report_that_tells_of_others(
    fill: Callable[[list[tuple[str, str]]], None],
) -> None:
    """What the ledger holds word for word names other accounts; the report in the pack does not."""
    fill([("acct_0001", "C-2026-0001")])
    content = content_of(probe_report(digest(Path("out/case.json").read_bytes())))
    Path("probe.json").write_bytes(content)
    record_report(content, Path("log"), Path("log.key"))
    words = ["--campaign", "C-2026-0001", "--probe", "probe.json", "--ledger", "log"]
    assert report("evidence", "out", "--out", "p.zip", *words) == 0
    files = members_of(Path("p.zip").read_bytes())
    assert not [name for name, one in files.items() if b"acct_0101" in one]
    assert report("evidence", "out", "--out", "q.zip", "--probe", "nowhere") == 3
