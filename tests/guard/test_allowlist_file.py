"""The allowlist's file: each fault with its line, and nothing is exempt by a slip."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import ConfigurationError
from cautery.guard.allowlist_file import read_allowlist

HEAD = "account_id,reason,owner,expires_at\n"
GOOD = HEAD + 'a,"a pilot, large",ana,2026-12-31T00:00:00Z\n'


def test_reads_entries(tmp_path: Path) -> None:
    """Quoted fields, days in place of times, and a beginning if there is one."""
    path = tmp_path / "allow.csv"
    path.write_text(
        "account_id,reason,owner,expires_at,starts_at\n"
        'a,"a pilot, large",ana,2026-12-31,\n'
        "a,next year,bo,2027-12-31T00:00:00+02:00,2027-01-01\n"
    )
    allowlist = read_allowlist(path)
    first, second = allowlist.entries_of("a")
    assert first.reason == "a pilot, large"
    assert first.expires_at == datetime(2026, 12, 31, tzinfo=UTC)
    assert (first.starts_at, second.starts_at) == (None, datetime(2027, 1, 1, tzinfo=UTC))
    assert second.expires_at == datetime(2027, 12, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", ":1: an allowlist needs the column account_id"),
        ("account_id,reason\n", ":1: an allowlist needs the column owner"),
        (HEAD.strip() + ",expiry\n", ":1: an allowlist has no column expiry"),
        (HEAD.strip() + ",owner\n", ":1: an allowlist has no column that is there twice"),
        (HEAD + "a,b,c\n", ":2: this line has more or fewer fields"),
        (HEAD + "a,b,c,2026-01-01,e\n", ":2: this line has more or fewer fields"),
        (GOOD + "a,b,c,soon\n", ":3: expires_at must be a time"),
        (GOOD + "a,b,c,\n", ":3: expires_at must be a time"),
        (GOOD + "a,, c,2026-01-01\n", ":3: an allowlist entry has no reason"),
        (GOOD + 'a,"b,c,2026-01-01\n', "it is not CSV"),
    ],
    ids=range(10),
)
def test_names_the_line(tmp_path: Path, text: str, fault: str) -> None:
    """A wrong entry keeps the guard from starting, and says where it is."""
    path = tmp_path / "allow.csv"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read_allowlist(path)
    assert fault in str(caught.value)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """Neither a file that is not there, nor one that is no text."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_allowlist(tmp_path / "none.csv")
    path = tmp_path / "binary"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_allowlist(path)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Nothing that stands in a file makes the reader fall over."""
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(HEAD.encode() + text.encode("utf-8", "replace"))
    try:
        allowlist = read_allowlist(path)
    except ConfigurationError:
        return
    assert len(allowlist) <= len(text.splitlines()) + 1
