"""``cautery guard publish`` through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.report.cases import example_case
from tests.report.hostile import HOSTILE, case_with_text

from cautery.cli.main import run
from cautery.errors import MalformedFileError
from cautery.guard.snapshot import Snapshot
from cautery.records.key import Secret
from cautery.report.results import write_results

ACCOUNTS = """\
account_id,org_id,verification,country,billing_country,status,permitted_use,permitted_until,\
resale_attested,ownership,restricted_ownership_basis_points
acct_0001,org-1,document,DE,FR,active,,,true,known,5000
stranger,,shoe size,,,,resale,2027-01-01T00:00:00Z,,,
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a scan's results, an account table, key identifiers and a key."""
    monkeypatch.chdir(tmp_path)
    write_results(example_case(), tmp_path / "out")
    Path("accounts.csv").write_text(ACCOUNTS)
    campaign = example_case().campaigns[0].campaign_id
    Path("keys.csv").write_text(f"campaign_id,key_id\n{campaign},k-0123\n")
    Path("seal").write_text("5a" * 32 + "\n")
    return tmp_path


def publish(*words: str) -> int:
    """Run the verb."""
    return run(["guard", "publish", *words])


def test_verdicts_and_facts_are_published(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Case, account table and key identifiers come together in one sealed file."""
    words = ["out", "--accounts", "accounts.csv", "--campaign-keys", "keys.csv"]
    assert publish(*words, "--seal-key", "seal", "-o", "v.snapshot") == 0
    assert "sealed with your key" in capsys.readouterr().err
    snapshot = Snapshot(folder / "v.snapshot", Secret(bytes.fromhex("5a" * 32)))
    campaign = example_case().campaigns[0]
    assert snapshot.has_account_table
    assert snapshot.key_of(campaign.campaign_id) == "k-0123"
    for member in campaign.members:
        found = snapshot.find(member.account_id)
        assert found is not None
        assert found.campaign is not None
        assert found.campaign.band == member.band
        assert found.campaign.case_id == snapshot.case_id != ""
    known = snapshot.find("acct_0001")
    assert known is not None
    assert known.account is not None
    assert (known.account.declared_country, known.account.billing_country) == ("DE", "FR")
    assert known.account.resale_attested
    assert known.account.restricted_ownership_basis_points == 5_000
    stranger = snapshot.find("stranger")
    assert stranger is not None
    assert stranger.account is not None
    assert stranger.account.verification == "none"
    assert stranger.account.permitted_until is not None
    assert stranger.account.status == "active"


@pytest.mark.parametrize("key_id", ['"k-1\r\nx-admin: 1"', '"k-1,k-2"', "k 1", "k" * 129])
def test_what_no_header_carries_is_no_key(
    folder: Path, capsys: pytest.CaptureFixture[str], key_id: str
) -> None:
    """An identifier goes to the engine in a header, so that it must not hold another one."""
    (folder / "keys.csv").write_bytes(f"campaign_id,key_id\nC-1,{key_id}\n".encode())
    assert publish("out", "--campaign-keys", "keys.csv", "-o", "wrong.snapshot") == 3
    assert "key_id is 1 to 128" in capsys.readouterr().err
    assert not (folder / "wrong.snapshot").exists()


def test_a_case_alone_and_a_table_alone(folder: Path) -> None:
    """Each is enough; the case may be named itself."""
    assert publish(str(folder / "out" / "case.json")) == 0
    assert not Snapshot(folder / "verdicts.snapshot").has_account_table
    assert publish("--accounts", "accounts.csv") == 0
    assert Snapshot(folder / "verdicts.snapshot").accounts == 2


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "nothing to publish"),
        (["nowhere"], 3, "nowhere"),
        (["out", "--seal-key", "accounts.csv"], 3, "openssl rand -hex 32"),
        (["out", "--seal-key", "none"], 3, "openssl rand -hex 32"),
        (["out", "-o", "none/v.snapshot"], 3, "none/v.snapshot"),
        (["out", "--accounts", "none.csv"], 3, "none.csv"),
    ],
)
def test_wrong_calls(
    folder: Path,
    words: list[str],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each says what is wrong, and leaves no file behind."""
    assert publish(*words) == code
    assert message in capsys.readouterr().err
    assert not (folder / "verdicts.snapshot").exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("ownership", "perhaps"),
        ("resale_attested", "perhaps"),
        ("restricted_ownership_basis_points", "10001"),
        ("restricted_ownership_basis_points", "-1"),
        ("restricted_ownership_basis_points", "9" * 5_000),
        ("permitted_until", "soon"),
    ],
)
def test_a_wrong_value_names_its_account(
    folder: Path, column: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What policies act on must be readable; nothing is guessed."""
    Path("accounts.csv").write_text(f"account_id,{column}\nacct-1,{value}\n")
    assert publish("--accounts", "accounts.csv") == 3
    error = capsys.readouterr().err
    assert "accounts.csv" in error
    assert column in error


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_cases_are_published_or_refused(tmp_path: Path, text: str) -> None:
    """Texts of a log, in every place of a case: no crash, and a sound file."""
    write_results(case_with_text(text), tmp_path)
    output = tmp_path / "v.snapshot"
    assert publish(str(tmp_path), "-o", str(output)) in (0, 3)
    if output.exists():
        try:
            Snapshot(output)
        except MalformedFileError:
            pytest.fail("what was published cannot be opened")
