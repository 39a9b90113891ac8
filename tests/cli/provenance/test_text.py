"""``cautery provenance text`` through the command line: rings, key files, certificates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.watermark.detect_cases import (
    key,
    marked,
    unmarked,
    words_of,
    write_keys,
    write_profile,
    write_texts,
    write_tokenizer,
)

from cautery.cli.main import run
from cautery.records.key import Key, Secret

RING = ["--profile", "profile.json", "--ring", "ring.json"]
FILES = ["--profile", "profile.json", "--keys", "keys.json"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a profile, its tokenizer, a ring, and a key file of some accounts."""
    monkeypatch.chdir(tmp_path)
    digest = write_tokenizer("tokenizer.json")
    write_profile("profile.json", tokenizer={"file": "tokenizer.json", "sha256": digest})
    assert run(["watermark", "keys", "init", "ring.json", "--new-master", "master"]) == 0
    words = "watermark keys epoch ring.json e1 --profile profile.json"
    assert run([*words.split(), "--since", "2020-01-01", "--until", "2100-01-01"]) == 0
    Path("accounts.csv").write_text("account_id\nalpha\nbeta\ngamma\n")
    owned = [key(number, account_id=f"account-{number}") for number in range(4)]
    write_keys("keys.json", [*owned, key(9, campaign_id="C-9", epoch="e0")])
    return tmp_path


def text(*words: str) -> int:
    """Run the verb."""
    return run(["provenance", "text", *words])


def certificate(*words: str) -> dict[str, Any]:
    """Run the verb, and read the certificate that it wrote."""
    assert text(*words, "-o", "certificate.json") == 0
    read: dict[str, Any] = json.loads(Path("certificate.json").read_text())
    return read


def derived(account: str = "", campaign: str = "") -> Key:
    """Derive one key of the ring, as the engine's adapter would get it."""
    whose = ["--account", account] if account else ["--campaign", campaign]
    base = ["watermark", "keys", "derive", "ring.json", "e1", "--profile", "profile.json"]
    assert run([*base, *whose, "-o", "one.json"]) == 0
    row = json.loads(Path("one.json").read_text())["keys"][0]
    return Key(key_id=row["key_id"], value=Secret(bytes.fromhex(row["value"])))


def test_a_ring_names_the_account(folder: Path) -> None:
    """Of the keys that the ring derives, that of the account that marked a plain text is named."""
    Path("leak.txt").write_text(words_of(marked(derived(account="beta"), 200)))
    owners = ["--accounts", "accounts.csv", "--campaign", "C-1"]
    found = certificate("leak.txt", *RING, *owners)
    assert found["account_ids"] == ["beta"]
    assert found["campaign_ids"] == []
    assert found["keys_tested"] == 5
    assert found["candidates"][0]["epoch"] == "e1"
    assert found["candidates"][0]["log10_corrected_p"] < -6.0
    assert found["margin"] > 10.0
    (stretch,) = found["candidates"][0]["stretches"]
    assert stretch["stop"] - stretch["start"] > 150


def test_a_ring_names_the_campaign(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The key of a campaign names it and no account; the use is in the ring's audit."""
    Path("leak.txt").write_text(words_of(marked(derived(campaign="C-1"), 200)))
    found = certificate("leak.txt", *RING, "--accounts", "accounts.csv", "--campaign", "C-1")
    assert (found["account_ids"], found["campaign_ids"]) == ([], ["C-1"])
    assert "marked by campaign C-1" in capsys.readouterr().out
    assert "provenance text" in Path("ring.json.audit.jsonl").read_text()


def test_key_files_name_account_and_campaign(folder: Path) -> None:
    """Key files do as well as a ring; JSON Lines give a certificate a line."""
    owners = [key(2, account_id="account-2"), key(9)]
    rows = [{"id": row, "token_ids": marked(one, 200)} for row, one in enumerate(owners)]
    write_texts("leaks.jsonl", rows)
    assert text("leaks.jsonl", *FILES, "-o", "out.jsonl") == 0
    first, second = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert (first["account_ids"], first["campaign_ids"]) == (["account-2"], [])
    assert (second["account_ids"], second["campaign_ids"]) == ([], ["C-9"])
    assert Path("out.jsonl").stat().st_mode & 0o777 == 0o600


def test_an_unmarked_text_names_nobody(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a mark there is a likeliest key, and no evidence."""
    write_texts("clean.jsonl", [{"id": "clean", "token_ids": unmarked(400)}])
    found = certificate("clean.jsonl", *FILES)
    assert (found["account_ids"], found["campaign_ids"]) == ([], [])
    assert not any(one["detected"] for one in found["candidates"])
    assert found["profiles"][0]["verdict"] == "not detected"
    shown = capsys.readouterr().out
    assert "no evidence" in shown
    assert "marked by" not in shown


def test_two_profiles_are_corrected_together(folder: Path) -> None:
    """A text is tested under both; each profile says its verdict, the right one names the key."""
    write_profile("other.json", "sglang-gumbel")
    write_keys("others.json", [key(number, account_id=f"o-{number}") for number in range(20, 23)])
    write_texts("leak.jsonl", [{"id": 1, "token_ids": marked(key(3), 200)}])
    both = [*FILES, "--profile", "other.json", "--keys", "others.json"]
    found = certificate("leak.jsonl", *both)
    assert [one["verdict"] for one in found["profiles"]] == ["detected", "not detected"]
    assert found["keys_tested"] == 8
    assert found["account_ids"] == ["account-3"]
    (best, *_) = found["candidates"]
    assert best["log10_corrected_p"] - best["log10_p"] == pytest.approx(0.903, abs=0.01)


def test_the_certificate_says_all_that_was_tested(folder: Path) -> None:
    """Its members are those of cautery.provenance/1, and the text itself is not in it."""
    Path("leak.txt").write_text(words_of(marked(key(1), 150)))
    found = certificate("leak.txt", *FILES)
    assert list(found) == [
        "schema",
        "software",
        "text_id",
        "text_sha256",
        "false_positive_rate",
        "keys_tested",
        "profiles",
        "candidates",
        "account_ids",
        "campaign_ids",
        "margin",
        "limits",
    ]
    assert found["schema"] == "cautery.provenance/1"
    assert len(found["text_sha256"]) == 64
    assert len(found["limits"]) == 3
    written = Path("certificate.json").read_text()
    assert Path("leak.txt").read_text()[:40] not in written
    assert key(1).value.reveal().hex() not in written


def test_hostile_names_are_inert_in_the_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An id or account of control characters neither colours the screen nor turns it round."""
    hostile = "x\x1b[31m\u202eevil\n"
    write_keys("keys.json", [key(1, account_id=hostile)])
    write_texts("leak.jsonl", [{"id": hostile, "token_ids": marked(key(1), 200)}])
    assert text("leak.jsonl", *FILES) == 0
    shown = capsys.readouterr().out
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "\\x1b[31m" in shown
    assert not any(line.startswith("evil") for line in shown.splitlines())


@pytest.mark.parametrize(
    "words",
    [
        ["--profile", "profile.json"],
        [*FILES, "--ring", "ring.json"],
        [*FILES, "--profile", "other.json"],
        [*FILES, *FILES],
    ],
)
def test_wrong_calls(folder: Path, words: list[str]) -> None:
    """Keys and ring clash, and each profile needs keys and a name of its own: exit 2."""
    write_profile("other.json", "sglang-gumbel")
    Path("leak.txt").write_text("w1 w2")
    assert text("leak.txt", *words) == 2


def test_an_empty_file_is_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No text in a file of JSON Lines is no clean result."""
    Path("none.jsonl").write_text("\n")
    assert text("none.jsonl", *FILES) == 3
    assert "no text" in capsys.readouterr().err
