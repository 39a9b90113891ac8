"""The store of what peers gave: all or nothing, each peer for itself, bounded."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.intel.indicators import NOW, bulletin, indicator

from cautery.errors import InputError, MalformedFileError, OutputError, UsageError
from cautery.intel import indicator_store
from cautery.intel.indicator_store import KEPT_DAYS, IndicatorStore, Taken
from cautery.records.bulletin import Received
from cautery.records.indicator import Indicator

LATER = "2026-10-30T00:00:00.000Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "indicators.sqlite"


def take(path: Path, *rows: Indicator, peer: str = "Lab A", days: int = 0) -> Taken:
    """Take rows in."""
    with closing(IndicatorStore(path, create=True)) as kept:
        now = NOW + timedelta(days=days)
        return kept.add(Received(indicators=rows), peer=peer, now=now)


def live(path: Path, days: int = 0) -> tuple[Indicator, ...]:
    """Ask for what holds."""
    with closing(IndicatorStore(path)) as kept:
        return kept.live(NOW + timedelta(days=days))


def test_what_is_taken_comes_back(path: Path) -> None:
    """Every indicator of a bulletin comes back as it was, with who gave it."""
    rows = bulletin().indicators
    assert take(path, *rows) == Taken(new=len(rows))
    assert {replace(one, given_by="") for one in live(path)} == set(rows)
    assert {one.given_by for one in live(path)} == {"Lab A"}
    assert take(path, *rows) == Taken(unchanged=len(rows))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_later_version_holds(path: Path) -> None:
    """The later version replaces the earlier one, whatever the order in which they come."""
    first, second = indicator(confidence=90), indicator(confidence=20, modified=LATER)
    assert take(path, second, first) == Taken(new=1, updated=1)
    assert take(path, first) == Taken(outdated=1)
    assert [one.confidence for one in live(path)] == [20]


def test_revoked_stays_revoked(path: Path) -> None:
    """What a peer took back does not come again with an old version."""
    take(path, indicator())
    assert take(path, indicator(revoked=True, modified=LATER)) == Taken(revoked=1)
    assert live(path) == ()
    assert take(path, indicator()) == Taken(outdated=1)
    assert live(path) == ()


def test_a_peer_speaks_for_itself(path: Path) -> None:
    """Another peer cannot revoke, replace or contradict what the first one gave."""
    take(path, indicator())
    other = indicator(revoked=True, modified=LATER)
    assert take(path, other, peer="Lab B") == Taken(revoked=1)
    assert [one.given_by for one in live(path)] == ["Lab A"]
    assert take(path, indicator(confidence=1), peer="Lab C") == Taken(new=1)


def test_expired_is_not_taken(path: Path) -> None:
    """What was over before it came is counted and left out; what runs out later does not hold."""
    over = indicator(valid_until="2026-10-31T00:00:00.000Z")
    assert take(path, over) == Taken(expired=1)
    take(path, indicator())
    assert len(live(path)) == 1
    assert live(path, days=20) == ()
    take(path, indicator(indicator_id="indicator--" + "0" * 36), days=20 + KEPT_DAYS)
    with closing(IndicatorStore(path)) as kept:
        assert kept.everything() == ()


def test_a_contradiction_takes_nothing(path: Path) -> None:
    """Two contents of one version are a fault of the peer, and none of the file is taken."""
    take(path, indicator())
    other = indicator(indicator_id="indicator--1d6a1f0c-8c5b-4a0e-9f63-2b7e4c1d9a58")
    with pytest.raises(MalformedFileError, match="contradicts"):
        take(path, other, indicator(confidence=5))
    assert [one.confidence for one in live(path)] == [90]


@pytest.mark.parametrize("bound", ["MOST_PER_PEER", "MOST_KEPT"])
def test_a_flood_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    """More than is kept of one peer, or in all, is refused whole; what was there stays."""
    monkeypatch.setattr(indicator_store, bound, 3)
    rows = [indicator(indicator_id=f"indicator--{n:036}") for n in range(4)]
    take(path, *rows[:2])
    with pytest.raises(InputError, match="more than the 3"):
        take(path, *rows[2:])
    assert len(live(path)) == 2


def test_a_peer_is_forgotten(path: Path) -> None:
    """What a peer gave can be dropped at once; the others' stays."""
    take(path, indicator())
    take(path, indicator(), peer="Lab B")
    with closing(IndicatorStore(path)) as kept:
        assert kept.forget("Lab A") == 1
        assert [one.given_by for one in kept.everything()] == ["Lab B"]


@pytest.mark.parametrize("peer", ["", " ", "x" * 301])
def test_a_peer_has_a_name(path: Path, peer: str) -> None:
    """Who gave it must be said."""
    with pytest.raises(UsageError, match="needs a name"):
        take(path, indicator(), peer=peer)


def test_files_that_are_no_store(path: Path, tmp_path: Path) -> None:
    """A file of something else is an error with its name, and is not written to."""
    with pytest.raises(InputError, match="no such store"):
        IndicatorStore(path)
    path.write_bytes(b"")
    with pytest.raises(InputError, match="no such store"):
        IndicatorStore(path)
    assert path.read_bytes() == b""
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(MalformedFileError, match="no store"):
        IndicatorStore(path)
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as base:
        base.execute("CREATE TABLE about (schema TEXT)")
        base.execute("INSERT INTO about VALUES ('something/9')")
        base.commit()
    with pytest.raises(MalformedFileError, match="schema"):
        IndicatorStore(other)
    with pytest.raises(OutputError, match="cannot be opened"):
        IndicatorStore(tmp_path / "none" / "x.sqlite", create=True)


def test_a_damaged_row_is_an_error(path: Path) -> None:
    """A record that is none any more is an error of ours, not a crash."""
    take(path, indicator())
    with closing(sqlite3.connect(path)) as base:
        base.execute("UPDATE indicators SET record = '{}'")
        base.commit()
    with pytest.raises(MalformedFileError, match="no store"):
        live(path)
