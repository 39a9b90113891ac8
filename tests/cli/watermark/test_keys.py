"""``cautery watermark keys`` from begin to end, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.report.cases import example_case

from cautery.cli.main import run
from cautery.guard.account_keys import read_account_keys
from cautery.report.results import write_results


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a profile, a ring and an epoch whose time is now."""
    monkeypatch.chdir(tmp_path)
    Path("profile.json").write_text('{"schema": "cautery.profile/1", "scheme": "vllm-gumbel"}')
    assert run(["watermark", "keys", "init", "ring.json", "--new-master", "master"]) == 0
    words = "watermark keys epoch ring.json e1 --profile profile.json"
    assert run([*words.split(), "--since", "2020-01-01", "--until", "2100-01-01"]) == 0
    return tmp_path


def keys(*words: str) -> int:
    """Run a verb of ``cautery watermark keys``."""
    return run(["watermark", "keys", *words])


def test_deriving_writes_a_private_key_file(folder: Path) -> None:
    """Shared, campaign and account keys are derived; accounts come from a table, each once."""
    Path("accounts.csv").write_text("account_id,x\na,1\nb,2\na,3\n")
    owners = ["--shared", "--campaign", "C-1", "--account", "z", "--accounts", "accounts.csv"]
    base = ["derive", "ring.json", "e1", "--profile", "profile.json", "-o", "keys.json"]
    assert keys(*base, *owners) == 0
    document = json.loads(Path("keys.json").read_text())
    assert document["schema"] == "cautery.keys/1"
    owned = [key.get("account_id", key.get("campaign_id", "")) for key in document["keys"]]
    assert owned == ["", "C-1", "z", "a", "b"]
    assert Path("keys.json").stat().st_mode & 0o777 == 0o600
    assert keys(*base) == 2


def test_the_campaigns_of_a_case_get_keys(folder: Path) -> None:
    """Each campaign of a scan has one, and the guard's table names them without any key."""
    write_results(example_case(), folder / "out")
    base = ["derive", "ring.json", "e1", "--profile", "profile.json", "-o", "keys.json"]
    assert keys(*base, "--case", "out", "--campaign-keys", "campaign-keys.csv") == 0
    rows = json.loads(Path("keys.json").read_text())["keys"]
    campaigns = [campaign.campaign_id for campaign in example_case().campaigns]
    assert [row["campaign_id"] for row in rows] == campaigns
    table = Path("campaign-keys.csv").read_text()
    lines = [f"{row['campaign_id']},{row['key_id']}" for row in rows]
    assert table.splitlines() == ["campaign_id,key_id", *lines]
    assert not [row for row in rows if row["value"] in table]
    words = ["guard", "publish", "out", "--campaign-keys", "campaign-keys.csv"]
    assert run(words) == 0
    assert keys(*base, "--case", "nowhere") == 3


def test_the_guard_can_name_accounts_keys(folder: Path) -> None:
    """The table has the accounts' keys by identifier, and the guard reads it."""
    base = ["derive", "ring.json", "e1", "--profile", "profile.json", "-o", "keys.json"]
    words = ["--shared", "--campaign", "C-1", "--account", "a", "--account", "b, c"]
    assert keys(*base, *words, "--account-keys", "account-keys.csv") == 0
    rows = json.loads(Path("keys.json").read_text())["keys"]
    named = {row["account_id"]: row["key_id"] for row in rows if "account_id" in row}
    assert read_account_keys(Path("account-keys.csv")) == named
    assert list(named) == ["a", "b, c"]


def test_an_export_is_what_the_engine_takes(folder: Path) -> None:
    """Settings of vLLM hold the number that the key file holds as hexadecimal digits."""
    base = ["ring.json", "e1", "--profile", "profile.json"]
    assert keys("export", *base, "-o", "vllm.json") == 0
    assert keys("derive", *base, "--shared", "-o", "keys.json") == 0
    settings = json.loads(Path("vllm.json").read_text())
    value = json.loads(Path("keys.json").read_text())["keys"][0]["value"]
    assert settings["algorithm"] == "gumbel"
    assert settings["key"] == int(value, 16)


def test_nothing_secret_is_printed(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """No verb prints the master secret or a key."""
    base = ["ring.json", "e1", "--profile", "profile.json"]
    keys("derive", *base, "--shared", "-o", "keys.json")
    keys("list", "ring.json")
    keys("audit", "ring.json")
    shown = "".join(capfd.readouterr())
    assert Path("master").read_text().strip() not in shown
    assert json.loads(Path("keys.json").read_text())["keys"][0]["value"] not in shown


def test_states_and_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A state is set, listed, and never goes back."""
    assert keys("state", "ring.json", "e1", "compromised", "--reason", "engine broken into") == 0
    assert keys("list", "ring.json", "--output-format", "json") == 0
    out = capsys.readouterr().out
    assert json.loads(out)["epochs"][0]["state"] == "compromised"
    assert keys("state", "ring.json", "e1", "active") == 3
    assert keys("state", "ring.json", "nope", "destroyed") == 3
    assert keys("audit", "ring.json") == 0
    assert "engine broken into" in capsys.readouterr().out


def test_an_audit_that_was_changed_is_an_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A changed line leaves with 3 and is named."""
    audit = Path("ring.json.audit.jsonl")
    audit.write_text(audit.read_text().replace("epoch", "epoxy", 1))
    assert keys("audit", "ring.json") == 3
    assert "ring.json.audit.jsonl:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["init", "ring.json"],
        ["init", "other.json", "--master", "file:x", "--new-master", "y"],
        ["epoch", "ring.json", "e2", "--profile", "profile.json", "--since", "x", "--until", "y"],
    ],
)
def test_wrong_calls(folder: Path, words: list[str]) -> None:
    """Options that are missing, clash or are no dates leave with 2."""
    assert keys(*words) == 2
