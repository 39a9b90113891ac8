"""``cautery policy check``, ``test``, ``explain``, ``list`` and ``ownership``."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from tests.policy.policy_files import CASES, rule, write_house
from tests.policy.test_cases import CASE
from tests.policy.worlds import write_world

from cautery.cli.main import run
from cautery.policy.policy_set import load_policy_set
from cautery.registry import PACKS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a policy set of all packs, to stand in."""
    monkeypatch.chdir(tmp_path)
    write_world(tmp_path)
    return tmp_path


Captured = pytest.CaptureFixture[str]


def test_check_says_what_a_set_is(folder: Path, capsys: Captured) -> None:
    """Rules, modes, lists with their dates, and that nothing is enforced."""
    assert run(["policy", "check", "policy.toml"]) == 0
    screen = capsys.readouterr().out
    assert load_policy_set(folder / "policy.toml").version in screen
    assert "supported_regions: a list of the tests (2026-11-01)" in screen
    assert "list test-list version 7 of 2026-11-15" in screen
    assert "no rule is enforced" in screen


def test_check_as_json_and_into_the_archive(folder: Path, capsys: Captured) -> None:
    """The same for programs; the set is kept under its digest."""
    assert run(["policy", "check", "policy.toml", "--json", "--archive", "kept"]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    version = found["policy_version"]
    assert (folder / "kept" / version[:2] / f"{version}.json").is_file()
    assert {item["mode"] for item in found["rules"]} == {"shadow"}
    assert "kept:" in captured.err


def test_check_names_file_line_and_guess(folder: Path, capsys: Captured) -> None:
    """A misspelt attribute leaves with 3, its place and what was meant."""
    write_house(folder, rule('context.account.statsu == "x"'))
    assert run(["policy", "check", "policy.toml"]) == 3
    error = capsys.readouterr().err
    assert error.startswith("error: house.cedar:7: attribute `account.statsu`")
    assert error.endswith("Did you mean 'status'?\n")


def test_check_refuses_to_enforce_untested_rules(folder: Path, capsys: Captured) -> None:
    """What was not tested on the past is not enforced, and the command that helps is named."""
    write_house(folder, rule("context.logprobs"), policy='default_mode = "enforce"\n')
    assert run(["policy", "check", "policy.toml"]) == 3
    assert "cautery policy backtest" in capsys.readouterr().err


def test_check_warns_of_an_override(folder: Path, capsys: Captured) -> None:
    """An override is told to whoever checks, and that it will be written down."""
    policy = (
        'default_mode = "enforce"\n[enforcement.override]\nreason = "r"\nowner = "ana\\u001b"\n'
    )
    write_house(folder, rule("context.logprobs"), policy=policy)
    assert run(["policy", "check", "policy.toml"]) == 0
    screen = capsys.readouterr().out
    assert "warning: 1 rules enforced without a backtest, on the word of ana\\x1b" in screen
    assert "audit trail" in screen


def test_test_asks_every_pack(folder: Path, capsys: Captured) -> None:
    """The packs' own cases all go as they should."""
    assert run(["policy", "test", "policy.toml"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line.startswith("ok")]) == 9
    assert lines[-1].endswith(" 0 went wrong")


def test_test_of_a_pack_of_ones_own(folder: Path, capsys: Captured) -> None:
    """A wrong case leaves with 1 and is named by its line."""
    write_house(folder, rule("context.logprobs"), cases=CASES.replace("[]", '["house.one"]'))
    assert run(["policy", "test", "house.cedar"]) == 1
    screen = capsys.readouterr().out
    assert "house.cases.toml:3: let through" in screen
    assert "fired: nothing; expected: house.one" in screen
    assert run(["policy", "test", "house.cedar", "--cases", "x.toml"]) == 2


def test_test_with_cases_of_ones_own(folder: Path, capsys: Captured) -> None:
    """Cases of one's own are asked of the whole set."""
    case = CASE.format(
        name="reasoning", expect='"house.one"', more="request = { reasoning = true }"
    )
    write_house(folder, rule("context.reasoning"), cases=CASES + case)
    (folder / "mine.toml").write_text(CASES)
    assert run(["policy", "test", "policy.toml", "--cases", "mine.toml"]) == 0
    assert "mine.toml: 1 cases" in capsys.readouterr().out
    (folder / "mine.toml").write_text(CASES.replace("[]", '["house.one"]'))
    assert run(["policy", "test", "policy.toml", "--cases", "mine.toml"]) == 1


def test_explain_by_options(folder: Path, capsys: Captured) -> None:
    """Facts may be given one by one; rules say why, and what would prevent them."""
    words = ["request.country=DE", "account.billing_country=JP", "account.declared_country=DE"]
    options = [word for fact in words for word in ("--set", fact)]
    assert run(["policy", "explain", "policy.toml", *options]) == 0
    screen = capsys.readouterr().out
    assert "supported-regions.conflict  challenge  (shadow)" in screen
    assert "    account.billing_country = DE" in screen


def test_explain_a_file_as_json(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Facts as JSON, from a file or standard input; options go before them."""
    facts = {"request": {"country": "DE"}, "account": {"status": "closed"}, "campaign": {}}
    (folder / "facts.json").write_text(json.dumps(facts))
    words = ["policy", "explain", "policy.toml", "--json", "--set", "campaign.probability=0.6"]
    assert run([*words, "--facts", "facts.json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert {"campaign-bands.watch", "account-status.closed"} <= {
        item["finding"]["rule"] for item in first["rules"]
    }
    stdin = io.TextIOWrapper(io.BytesIO(json.dumps(facts).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert run([*words, "--facts", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == first


def test_explain_as_of(folder: Path, capsys: Captured) -> None:
    """A decision of the past is explained by the set of its day."""
    run(["policy", "check", "policy.toml", "--json", "--archive", "kept"])
    version = json.loads(capsys.readouterr().out)["policy_version"]
    (folder / "policy.toml").unlink()
    words = ["policy", "explain", "--as-of", version, "--archive", "kept"]
    assert run([*words, "--set", "account.status=closed"]) == 0
    assert version in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        ([], 2, "no policy set"),
        (["policy.toml", "--as-of", "0" * 64], 2, "--archive"),
        (["policy.toml", "--set", "account.statsu=x"], 2, "Did you mean 'status'?"),
        (["policy.toml", "--set", "acount.status=x"], 2, "Did you mean 'account'?"),
        (["policy.toml", "--set", "status"], 2, "is no fact"),
        (["policy.toml", "--set", "request.choices=x"], 2, "is a number"),
        (["policy.toml", "--facts", "none.json"], 3, "none.json"),
        (["policy.toml", "--facts", "policy.toml"], 3, "no facts"),
    ],
)
def test_explain_refuses(
    words: list[str], code: int, error: str, folder: Path, capsys: Captured
) -> None:
    """Wrong facts and wrong combinations are refused in words."""
    assert run(["policy", "explain", *words]) == code
    assert error in capsys.readouterr().err


def test_explain_an_error(folder: Path, capsys: Captured) -> None:
    """Where Cedar errs, the screen says so instead of rules."""
    write_house(folder, rule("9223372036854775807 + context.choices > 0"))
    assert run(["policy", "explain", "policy.toml"]) == 0
    assert "no finding is to be relied on" in capsys.readouterr().out


def test_list_shows_every_pack(capsys: Captured) -> None:
    """One line a pack, with its date."""
    assert run(["policy", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("not legal advice")
    assert [line.split()[0].replace("-", "_") for line in lines[1:]] == list(PACKS.names())


def test_ownership(folder: Path, capsys: Captured) -> None:
    """A table for the account table, with method and digests; formulas come out inert."""
    (folder / "stakes.csv").write_text(
        "owner_id,owned_id,share_percent\na,=b,50.000001\nc,=b,49\na,d,50\nc,d,50\nx,e,60\n"
    )
    (folder / "regions.csv").write_text("owner_id,region\na,AA\nc,DE\n")
    words = ["policy", "ownership", "stakes.csv", "--regions", "regions.csv", "--restricted", "AA"]
    assert run([*words, "--method", "cascade", "-o", "out.csv"]) == 0
    lines = (folder / "out.csv").read_text().splitlines()
    assert lines[1].startswith("'=b,known,5001,51.0000,cascade,")
    assert lines[2].startswith("d,known,5000,50.0000,cascade,")
    assert lines[3].startswith("e,unknown,0,100.0000,cascade,")
    assert "1 over half, 1 unknown" in capsys.readouterr().err
    assert run([*words, "--method", "multiplied"]) == 0
    assert capsys.readouterr().out.count("multiplied") == 3
    assert run([*words, "--method", "cascade", "-o", "none/out.csv"]) == 3
