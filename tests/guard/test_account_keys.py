"""Accounts' own keys: read from a file whole or not at all, and named beside a campaign's."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import ConfigurationError
from cautery.guard import account_keys
from cautery.guard.account_keys import read_account_keys
from cautery.guard.request_reading import read_body
from cautery.guard.tag_carrier import TagCarrier
from cautery.records.decision import Action, Decision

HEAD = "account_id,key_id\n"
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def decision(account_id: str, key_id: str = "") -> Decision:
    """A request that passes, tagged or not."""
    action: Action = "tag" if key_id else "allow"
    return Decision(
        decision_id="d",
        request_id="r",
        action=action,
        enforced_action=action,
        mode="enforce",
        reasons=(),
        account_id=account_id,
        campaign_id="",
        watermark_key_id=key_id,
        policy_version="",
        decided_at=NOW,
        expires_at=NOW,
    )


def test_reads_what_the_verb_writes(tmp_path: Path) -> None:
    """Names with commas are quoted; without a file no account has a key."""
    path = tmp_path / "keys.csv"
    path.write_text(HEAD + 'a,k-1\n"b, c",k-2\n')
    assert read_account_keys(path) == {"a": "k-1", "b, c": "k-2"}
    assert read_account_keys(None) == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", ":1: the first line must be account_id,key_id"),
        ("key_id,account_id\n", ":1: the first line must be"),
        (HEAD + "a\n", ":2: this line names no account and its key"),
        (HEAD + "a,k,x\n", ":2: this line names no account"),
        (HEAD + ",k\n", ":2: this line names no account"),
        (HEAD + "a,\n", ":2: this line names no account"),
        (HEAD + "a,k 1\n", ":2: this line names no account"),
        (HEAD + 'a,"k,1"\n', ":2: this line names no account"),
        (HEAD + "a,k\u00e9\n", ":2: this line names no account"),
        (HEAD + "a,k\nb,k\na,k2\n", ":4: this account has a key already"),
        (HEAD + '"a,k\n', "no CSV"),
    ],
    ids=range(11),
)
def test_names_the_line(tmp_path: Path, text: str, fault: str) -> None:
    """A wrong file keeps the guard from starting, and no key could split a header."""
    path = tmp_path / "keys.csv"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read_account_keys(path)
    assert fault in str(caught.value)


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by accounts and by bytes; a folder is no file."""
    path = tmp_path / "keys.csv"
    path.write_text(HEAD + "a,k\nb,k\n")
    monkeypatch.setattr(account_keys, "MOST_ACCOUNTS", 1)
    with pytest.raises(ConfigurationError, match="more than 1 accounts"):
        read_account_keys(path)
    monkeypatch.setattr(account_keys, "MOST_BYTES", 5)
    with pytest.raises(ConfigurationError, match="longer than"):
        read_account_keys(path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_account_keys(tmp_path / "none")


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """Nothing but an error of ours; what is read could stand in a header."""
    path = tmp_path_factory.getbasetemp() / "any-account-keys.csv"
    path.write_bytes(HEAD.encode() + content)
    with suppress(ConfigurationError):
        found = read_account_keys(path)
        assert all(key_id.isascii() and key_id.isprintable() for key_id in found.values())


def test_a_campaigns_key_stands_before_the_accounts_own() -> None:
    """Whoever has one is marked by it, tagged or not; who has none is tagged alone."""
    carrier = TagCarrier(body_field="vllm_xargs.cautery_key_ids", account_keys={"a": "k-a"})
    assert carrier.key_ids(decision("a")) == ("k-a",)
    assert carrier.key_ids(decision("a", "k-C")) == ("k-C", "k-a")
    assert carrier.key_ids(decision("b", "k-C")) == ("k-C",)
    assert carrier.key_ids(decision("")) == ()
    assert carrier.header_value(decision("a", "k-C")) == "k-C,k-a"
    assert carrier.header_value(decision("b")) == ""
    body = read_body(b'{"model": "m"}')
    assert carrier.tag(body, carrier.key_ids(decision("a", "k-C")))
    assert json.loads(body.encoded())["vllm_xargs"] == {"cautery_key_ids": ["k-C", "k-a"]}
    plain = read_body(b'{"model": "m"}')
    assert TagCarrier(body_field="key").tag(plain, ["k-C", "k-a"])
    assert json.loads(plain.encoded())["key"] == "k-C,k-a"
