"""The ledger as its writer has it: appending, starting again, failing disks, erasing."""

from __future__ import annotations

import asyncio
import shutil
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.ledger.ledgers import (
    KEY,
    NOW,
    OTHER_KEY,
    clock,
    decision,
    filled,
    opened,
    record_of,
    time_of,
    verifies,
    wait_until,
)

from cautery.errors import ConfigurationError, LedgerError, OutputError, UsageError
from cautery.ledger import record_store
from cautery.ledger.commitments import LedgerRecord
from cautery.ledger.opening import create_ledger
from cautery.ledger.reader import LedgerReader
from cautery.ledger.writer import Ledger
from cautery.ports.guard import AuditTrail


def test_it_is_an_audit_trail(tmp_path: Path) -> None:
    """It keeps the port; records come back with kind, time and content."""
    with opened(tmp_path / "ledger") as ledger:
        trail: AuditTrail = ledger
        assert trail.append("decision", decision(3), time_of(3)) == 0
        assert trail.append("policy-override", {"rule": "r"}, NOW) == 1
        assert (ledger.size, ledger.published_size) == (2, 0)
    found = record_of(tmp_path / "ledger", 0)
    assert (found.kind, found.record, found.written_at) == ("decision", decision(3), time_of(3))
    assert verifies(tmp_path / "ledger")


def test_many_threads_and_an_event_loop(tmp_path: Path) -> None:
    """Whoever appends gets the place of the record, in a thread or on an event loop."""

    async def from_loop(ledger: Ledger) -> list[int]:
        futures = [
            asyncio.wrap_future(ledger.submit("decision", decision(number), NOW))
            for number in range(500, 600)
        ]
        return await asyncio.gather(*futures)

    folder = tmp_path / "ledger"
    with opened(folder) as ledger, ThreadPoolExecutor(8) as pool:
        places = list(
            pool.map(lambda number: ledger.append("decision", decision(number), NOW), range(500))
        )
        places += asyncio.run(from_loop(ledger))
    assert sorted(places) == list(range(600))
    reader = LedgerReader(folder)
    for number, place in enumerate(places):
        found = reader.record(place)
        assert isinstance(found, LedgerRecord)
        assert found.record == decision(number)
    assert verifies(folder)


def test_nothing_is_acknowledged_before_it_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the disk has not answered, the record's place is not told."""
    asked, answer = threading.Event(), threading.Event()

    def slow_disk(descriptor: int) -> None:
        asked.set()
        assert answer.wait(10)

    with opened(tmp_path / "ledger") as ledger:
        monkeypatch.setattr(record_store, "synchronise", slow_disk)
        future = ledger.submit("decision", decision(1), NOW)
        assert asked.wait(10)
        assert not future.done()
        answer.set()
        assert future.result(10) == 0


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """Opened again it goes on; what was on disk but not in the tree is brought into it."""
    folder = filled(tmp_path / "ledger", 700)
    kept = tmp_path / "kept"
    with opened(folder) as ledger:
        for number in range(700, 900):
            ledger.submit("decision", decision(number), NOW)
        ledger.append("decision", decision(900), NOW)
        assert ledger.published_size == 700
        shutil.copytree(folder, kept)  # as a killed process leaves it
    with opened(kept) as ledger:
        assert (ledger.size, ledger.published_size, ledger.dropped_bytes) == (901, 901, 0)
    assert record_of(kept, 900).record == decision(900)
    assert verifies(kept)


def test_what_was_cut_off_is_told(tmp_path: Path) -> None:
    """A record that was never acknowledged is cut, and the ledger says so."""
    folder = filled(tmp_path / "ledger", 3)
    segment = folder / "records/00000000"
    segment.write_bytes(segment.read_bytes() + b"clr1\x01torn")
    with opened(folder) as ledger:
        assert (ledger.dropped_bytes, ledger.append("x", {}, NOW)) == (9, 4)
    found = record_of(folder, 3)
    assert (found.kind, found.record) == ("recovery", {"dropped_bytes": 9, "position": 3})


def test_one_writer(tmp_path: Path) -> None:
    """A second writer is refused while the first is there; readers are not."""
    folder = tmp_path / "ledger"
    with opened(folder) as ledger:
        ledger.append("x", {}, NOW)
        with pytest.raises(OutputError, match="another process writes"):
            Ledger(folder, KEY, clock=clock)
        assert LedgerReader(folder).size == 0
        ledger.publish()
        assert LedgerReader(folder).size == 1
    with opened(folder) as ledger:
        assert ledger.append("x", {}, NOW) == 1


def test_beginning(tmp_path: Path) -> None:
    """A ledger is begun once, and opened with its own key only."""
    with pytest.raises(ConfigurationError, match="no ledger"):
        Ledger(tmp_path / "ledger", KEY, clock=clock)
    assert not (tmp_path / "ledger").exists()
    create_ledger(tmp_path / "ledger", KEY)
    with pytest.raises(OutputError, match="already"):
        create_ledger(tmp_path / "ledger", KEY)
    with pytest.raises(ConfigurationError, match="another key"):
        Ledger(tmp_path / "ledger", OTHER_KEY, clock=clock)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        create_ledger(tmp_path / "file", KEY)
    with opened(tmp_path / "ledger") as ledger:
        assert ledger.size == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("checkpoint", "signature|signed note|checkpoint"),
        ("tile/0/001.p/44", "do not have the root"),
        ("tile/entries/001.p/44", "not what the tree commits to"),
        ("records/00000000", "not what the tree commits to|damaged|no record"),
    ],
)
def test_it_does_not_start_on_a_changed_log(tmp_path: Path, name: str, message: str) -> None:
    """If checkpoint, tiles, entries or last records disagree, nobody writes to it."""
    folder = filled(tmp_path / "ledger", 300)
    content = bytearray((folder / name).read_bytes())
    content[-30] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(LedgerError, match=message):
        Ledger(folder, KEY, clock=clock)
    (folder / name).unlink()
    with pytest.raises((LedgerError, ConfigurationError)):
        Ledger(folder, KEY, clock=clock)


def test_a_record_that_was_replaced_is_found_at_the_start(tmp_path: Path) -> None:
    """A last record that was exchanged for another whole one does not pass."""
    folder, other = filled(tmp_path / "ledger", 3), tmp_path / "other"
    with opened(other) as ledger:
        for number in (0, 1, 9):
            ledger.append("decision", decision(number), time_of(number))
    shutil.copy(other / "records/00000000", folder / "records/00000000")
    with pytest.raises(LedgerError, match="not what the tree commits to"):
        Ledger(folder, KEY, clock=clock)


def test_it_publishes_by_itself(tmp_path: Path) -> None:
    """A record comes into the tree without anybody's asking."""
    with opened(tmp_path / "ledger", publish_interval_seconds=0.01) as ledger:
        ledger.append("x", {}, NOW)
        wait_until(lambda: ledger.published_size == 1)
        assert ledger.faults == []


@pytest.mark.parametrize(
    ("kind", "record", "written_at"),
    [
        ("", {}, NOW),
        ("x", {"a": object()}, NOW),
        ("x", {"a": "x" * (1 << 20)}, NOW),
        ("x", {}, NOW.replace(tzinfo=None)),
    ],
    ids=["kind", "value", "length", "zone"],
)
def test_what_it_cannot_hold(
    tmp_path: Path, kind: str, record: dict[str, object], written_at: object
) -> None:
    """What cannot be written in one spelling is refused before anything is written."""
    with opened(tmp_path / "ledger") as ledger:
        with pytest.raises(UsageError):
            ledger.append(kind, record, written_at)  # type: ignore[arg-type]
        assert ledger.size == 0


def test_closing(tmp_path: Path) -> None:
    """Closing publishes, may be done twice, and nothing is taken afterwards."""
    create_ledger(tmp_path / "ledger", KEY)
    ledger = Ledger(tmp_path / "ledger", KEY, clock=clock)
    future: Future[int] = ledger.submit("x", {}, NOW)
    ledger.close()
    ledger.close()
    assert future.result(0) == 0
    assert LedgerReader(tmp_path / "ledger").size == 1
    with pytest.raises(OutputError, match="closed"):
        ledger.append("x", {}, NOW)
