"""Erasing: gone from every file, told, and finished whatever interrupts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ledger.ledgers import NOW, filled, opened, verifies, wait_until

from cautery.errors import OutputError, UsageError
from cautery.ledger import record_store, writer
from cautery.ledger.commitments import ErasedRecord
from cautery.ledger.erasures import new_request, store_request
from cautery.ledger.reader import LedgerReader
from cautery.ledger.record_query import RecordQuery


def test_erasing(tmp_path: Path) -> None:
    """Erased records are gone from every file, the ledger tells of it, and still verifies."""
    folder = filled(tmp_path / "ledger", 300)
    assert len(list(LedgerReader(folder).find(RecordQuery(account_id="account-3")))) == 43
    with opened(folder) as ledger:
        gone = [number for number in range(300) if number % 7 == 3]
        place = ledger.erase(gone, reason="request 77", requested_at=NOW)
        assert place == 300
        with pytest.raises(UsageError, match="stays"):
            ledger.erase([place], reason="again", requested_at=NOW)
        for positions in ([], [-1], [400]):
            with pytest.raises(UsageError):
                ledger.erase(positions, reason="none", requested_at=NOW)
        with pytest.raises(UsageError, match="reason"):
            ledger.erase([1], reason=" ", requested_at=NOW)
    reader = LedgerReader(folder)
    assert all(isinstance(reader.record(each), ErasedRecord) for each in gone)
    assert list(reader.find(RecordQuery(account_id="account-3"))) == []
    told = reader.erasure_of(10)
    assert told is not None
    assert (told.position, told.record["reason"]) == (300, "request 77")
    assert verifies(folder)
    assert b"account-3" not in b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("step", ["told", "half", "destroyed"])
def test_an_interrupted_erasure_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Wherever a writer dies while it erases, the next one finishes, and tells of it once."""
    folder = filled(tmp_path / "ledger", 20)

    def dies(place: Path, positions: Iterator[int]) -> None:
        if step == "half":
            segment = place / "records/00000000"
            content = bytearray(segment.read_bytes())
            content[150:170] = bytes(20)
            segment.write_bytes(content)
        if step == "destroyed":
            record_store.destroy_records(place, positions)
        raise OSError(5, "the machine is gone")

    monkeypatch.setattr(writer, "destroy_records", dies)
    with opened(folder) as ledger, pytest.raises(OutputError, match="is gone"):
        ledger.erase([0, 1, 2], reason="request 78", requested_at=NOW)
    monkeypatch.undo()
    with opened(folder) as ledger:
        assert ledger.faults == []
        assert ledger.size == 21
    assert [isinstance(LedgerReader(folder).record(each), ErasedRecord) for each in range(4)] == [
        True,
        True,
        True,
        False,
    ]
    assert list((folder / "erasures").iterdir()) == []
    assert verifies(folder)


def test_requests_beside_a_running_writer(tmp_path: Path) -> None:
    """A request that another process leaves is carried out; a bad one is a fault, no obstacle."""
    folder = filled(tmp_path / "ledger", 10)
    good = new_request(
        [(2, 3)], reason="request 79", requested_at=NOW, tree_size=10, erasure_id="a" * 32
    )
    with opened(folder, publish_interval_seconds=0.01) as ledger:
        (folder / "erasures").mkdir()
        (folder / "erasures" / f"{'b' * 32}.json").write_text("{}")
        path = store_request(folder, good)
        wait_until(lambda: not path.exists())
        wait_until(lambda: bool(ledger.faults))
        assert "no request to erase" in ledger.faults[0]
        assert ledger.append("x", {}, NOW) == 11
    assert isinstance(LedgerReader(folder).record(2), ErasedRecord)
