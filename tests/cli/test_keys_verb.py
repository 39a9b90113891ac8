"""``cautery keys`` from begin to end, through the command line."""

from __future__ import annotations

import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cautery.cli.main import run
from cautery.guard.authentication.api_key import is_well_formed

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new store in the current folder."""
    monkeypatch.chdir(tmp_path)
    assert run(["keys", "init", "keys.db", "--prefix", "acme", "--new-pepper", "pepper"]) == 0
    return "keys.db"


def issue(store: str, capsys: Captured, *words: str) -> str:
    """Issue a key and give what is printed."""
    capsys.readouterr()
    assert run(["keys", "issue", store, "--account", "a-1", *words]) == 0
    return capsys.readouterr().out.strip()


def listed(store: str, capsys: Captured) -> list[dict[str, Any]]:
    """Give what the list says."""
    capsys.readouterr()
    assert run(["keys", "list", store, "--output-format", "json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_key_is_printed_once(store: str, capsys: Captured) -> None:
    """The key alone on standard output, so that a script can take it; about it, the rest."""
    capsys.readouterr()
    words = ["--verification", "contract", "--scope", "chat", "--expires", "90d", "--org", "o-1"]
    assert run(["keys", "issue", store, "--account", "a-1", *words]) == 0
    printed = capsys.readouterr()
    key = printed.out.strip()
    assert is_well_formed(key.encode())
    assert key not in printed.err
    (entry,) = listed(store, capsys)
    assert entry["account_id"] == "a-1"
    assert entry["scopes"] == ["chat"]
    assert entry["last_characters"] == key[-4:]
    assert entry["state"] == "active"


def test_lists_show_no_secret(store: str, capsys: Captured) -> None:
    """Neither for people nor for programs."""
    keys = [issue(store, capsys) for _ in range(3)]
    run(["keys", "list", store])
    run(["keys", "list", store, "--output-format", "json"])
    shown = "".join(capsys.readouterr())
    pepper = Path("pepper").read_text(encoding="ascii").strip()
    assert all(key not in shown and key[10:42] not in shown for key in keys)
    assert pepper not in shown


def test_rotation_prints_the_new_key(store: str, capsys: Captured) -> None:
    """The old one ends after the overlap."""
    issue(store, capsys)
    (old,) = listed(store, capsys)
    assert run(["keys", "rotate", store, old["key_id"], "--overlap-hours", "0"]) == 0
    assert is_well_formed(capsys.readouterr().out.strip().encode())
    after = {entry["key_id"]: entry for entry in listed(store, capsys)}
    assert after.pop(old["key_id"])["state"] == "expired"
    (new,) = after.values()
    assert (new["rotated_from"], new["state"]) == (old["key_id"], "active")


def test_revoking(store: str, capsys: Captured) -> None:
    """By identifier, then the rest of the account."""
    for _ in range(3):
        issue(store, capsys)
    first = listed(store, capsys)[0]["key_id"]
    assert run(["keys", "revoke", store, first]) == 0
    assert [entry["state"] for entry in listed(store, capsys)].count("revoked") == 1
    assert run(["keys", "revoke", store, "--account", "a-1"]) == 0
    assert "revoked 2 keys" in capsys.readouterr().err
    assert {entry["state"] for entry in listed(store, capsys)} == {"revoked"}


def test_a_file_of_leaked_keys_that_is_too_long_revokes_none(
    store: str, capsys: Captured, tmp_path: Path
) -> None:
    """What would be read in part only is refused, and nobody believes it was done."""
    key = issue(store, capsys)
    (tmp_path / "found").write_text(f"{key}\n" + "x" * 40_000_000)
    assert run(["keys", "revoke", store, "--leaked", "found"]) == 3
    assert "no key was revoked" in capsys.readouterr().err
    assert [one["state"] for one in listed(store, capsys)] == ["active"]


def test_leaked_keys_come_by_standard_input(
    store: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Junk among them is left out; nothing that was given is shown again."""
    key = issue(store, capsys)
    content = f"junk\n{key}\n\xff\n".encode("latin-1")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert run(["keys", "revoke", store, "--leaked", "-"]) == 0
    printed = "".join(capsys.readouterr())
    assert "1 of the keys" in printed
    assert key not in printed
    assert "junk" not in printed
    assert listed(store, capsys)[0]["state"] == "revoked"


@pytest.mark.parametrize(
    "words",
    [
        ["issue", "keys.db", "--account", ""],
        ["issue", "keys.db", "--account", "a", "--expires", "yesterday"],
        ["issue", "keys.db", "--account", "a", "--expires", "2020-01-01"],
        ["issue", "keys.db", "--account", "a", "--verification", "royal"],
        ["issue", "keys.db", "--account", "a", "--environment", "LIVE"],
        ["issue", "keys.db", "--account", "a", "--bound-to", "jkt:x"],
        ["rotate", "keys.db", "key_unknown"],
        ["rotate", "keys.db", "key_unknown", "--overlap-hours", "-1"],
        ["revoke", "keys.db"],
        ["revoke", "keys.db", "key_unknown"],
        ["init", "keys.db", "--prefix", "acme", "--new-pepper", "other"],
        ["init", "new.db", "--prefix", "acme"],
        ["init", "new.db", "--prefix", "ACME", "--pepper", "file:pepper"],
    ],
    ids=" ".join,
)
def test_wrong_calls(store: str, words: list[str]) -> None:
    """Each is a usage error, and none leaves a new store behind."""
    assert run(["keys", *words]) == 2
    assert not Path("new.db").exists()


def test_without_a_pepper_nothing_is_issued(store: str, capsys: Captured) -> None:
    """If the pepper is gone, or another one, that is said and nothing is printed."""
    Path("pepper").rename("elsewhere")
    capsys.readouterr()
    assert run(["keys", "issue", store, "--account", "a"]) == 3
    assert capsys.readouterr().out == ""
    assert run(["keys", "issue", store, "--account", "a", "--pepper", "file:elsewhere"]) == 0
    run(["keys", "init", "other.db", "--prefix", "acme", "--new-pepper", "other"])
    assert run(["keys", "issue", store, "--account", "a", "--pepper", "file:other"]) == 3


def test_hostile_names_are_inert(store: str, capsys: Captured) -> None:
    """A store that somebody else wrote does not move the cursor."""
    issue(store, capsys)
    with sqlite3.connect(store) as database:
        database.execute("UPDATE api_key SET account_id = 'a\x1b[31m'")
    database.close()
    run(["keys", "list", store])
    assert "\x1b" not in capsys.readouterr().out


def test_a_store_that_is_not_there(store: str, capsys: Captured) -> None:
    """The error names it, and says how to begin one."""
    assert run(["keys", "list", "other.db"]) == 3
    assert "cautery keys init" in capsys.readouterr().err
