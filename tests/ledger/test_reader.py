"""The ledger as its readers have it, and the index by which they find records."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.ledger.ledgers import (
    KEY,
    NOW,
    OTHER_KEY,
    decision,
    filled,
    opened,
    time_of,
)

from cautery.errors import LedgerError, NoInputError, UsageError
from cautery.ledger import record_index
from cautery.ledger.commitments import ErasedRecord, LedgerRecord
from cautery.ledger.merkle import is_consistent, is_included, leaf_hash, range_root
from cautery.ledger.reader import LedgerReader, tells_of
from cautery.ledger.record_index import INDEX_FILE, RecordIndex
from cautery.ledger.record_query import RecordQuery

QUERIES = [
    RecordQuery(account_id="account-3"),
    RecordQuery(account_id="account-3", newest_first=True),
    RecordQuery(account_id="account-3", since=time_of(100), until=time_of(500)),
    RecordQuery(kind="override"),
    RecordQuery(kind="override", newest_first=True),
    RecordQuery(since=time_of(590)),
    RecordQuery(until=time_of(3), newest_first=True),
    RecordQuery(kind="decision", since=time_of(250), until=time_of(260)),
    RecordQuery(decision_id="d77"),
    RecordQuery(request_id="r599", account_id="account-4"),
    RecordQuery(request_id="r599", account_id="account-3"),
    RecordQuery(campaign_id="none"),
    RecordQuery(),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of 600 decisions with an override here and there."""
    made = tmp_path_factory.mktemp("reader") / "ledger"
    with opened(made) as ledger:
        for number in range(600):
            kind = "override" if number % 250 == 7 else "decision"
            ledger.submit(kind, decision(number), time_of(number))
    return made


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_the_index_finds_what_reading_all_finds(folder: Path, query: RecordQuery) -> None:
    """By the index the same records come, in the same order, as by looking at each."""
    reader = LedgerReader(folder)
    everything = [
        found for found in reader.records.records(0, 600) if isinstance(found, LedgerRecord)
    ]
    expected = [found.position for found in everything if query.wants(found)]
    if query.newest_first:
        expected.reverse()
    assert [found.position for found in reader.find(query)] == expected


def test_a_rare_record_is_found_without_reading_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the index is there, a query reads what it gives and little more."""
    reader = LedgerReader(folder)
    assert len(list(reader.find(RecordQuery(decision_id="d77")))) == 1
    looked_at: list[int] = []
    read = reader.records.read

    def watched(position: int) -> LedgerRecord | ErasedRecord:
        looked_at.append(position)
        return read(position)

    monkeypatch.setattr(reader.records, "read", watched)
    list(reader.find(RecordQuery(decision_id="d77")))
    assert looked_at == [77]
    looked_at.clear()
    list(reader.find(RecordQuery(since=time_of(590))))
    assert len(looked_at) < 256


def test_the_index_catches_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """New records come into the index in steps; it knows no account by name."""
    monkeypatch.setattr(record_index, "_RECORDS_AT_ONCE", 7)
    made = filled(tmp_path / "ledger", 20)
    assert len(list(LedgerReader(made).find(RecordQuery(account_id="account-1")))) == 3
    with opened(made) as ledger:
        for number in range(20, 50):
            ledger.submit("decision", decision(number), time_of(number))
    reader = LedgerReader(made)
    assert len(list(reader.find(RecordQuery(account_id="account-1")))) == 7
    assert b"account-1" not in (made / INDEX_FILE).read_bytes()
    with RecordIndex(made) as index:
        assert index.size == 50


@pytest.mark.parametrize("content", [b"no database at all, but long enough" * 99, b""])
def test_a_damaged_index_is_made_again(tmp_path: Path, content: bytes) -> None:
    """An index that cannot be read is replaced, and the answer is right."""
    made = filled(tmp_path / "ledger", 20)
    (made / INDEX_FILE).write_bytes(content)
    assert len(list(LedgerReader(made).find(RecordQuery(account_id="account-1")))) == 3
    assert (made / INDEX_FILE).read_bytes().startswith(b"SQLite format 3")


def test_an_index_of_another_version_is_made_again(tmp_path: Path) -> None:
    """An index that another version of the program made is replaced."""
    made = filled(tmp_path / "ledger", 20)
    assert list(LedgerReader(made).find(RecordQuery(kind="decision")))
    with sqlite3.connect(made / INDEX_FILE) as database:
        database.execute("UPDATE about SET version = 99")
    database.close()
    assert len(list(LedgerReader(made).find(RecordQuery(account_id="account-1")))) == 3


def test_without_an_index_all_is_read(tmp_path: Path) -> None:
    """Where no index can be written the answer is the same."""
    made = filled(tmp_path / "ledger", 20)
    (made / INDEX_FILE).mkdir()
    found = LedgerReader(made).find(RecordQuery(account_id="account-1", newest_first=True))
    assert [each.position for each in found] == [15, 8, 1]


def test_an_index_on_damaged_records(tmp_path: Path) -> None:
    """A damaged record is an error, not a record that is not found."""
    made = filled(tmp_path / "ledger", 20)
    segment = made / "records/00000000"
    segment.write_bytes(segment.read_bytes()[:500])
    with pytest.raises(LedgerError, match=r"cut off|damaged|no record"):
        list(LedgerReader(made).find(RecordQuery(account_id="account-1")))


def test_proofs(folder: Path) -> None:
    """Proofs from a reader verify against the checkpoint and earlier sizes."""
    reader = LedgerReader(folder, KEY.public_key())
    root = reader.checkpoint.root
    for position in (0, 255, 256, 599):
        leaf = leaf_hash(reader.entry(position))
        assert is_included(leaf, position, 600, reader.inclusion(position), root)
    old = LedgerReader(folder)
    path = reader.consistency(300)
    half = _root_of(old, 300)
    assert is_consistent(300, half, 600, root, path)
    leaf = leaf_hash(reader.entry(7))
    assert is_included(leaf, 7, 300, reader.inclusion(7, 300), half)


def _root_of(reader: LedgerReader, size: int) -> bytes:
    return range_root(reader.tiles, 0, size)


def test_what_is_not_there(folder: Path, tmp_path: Path) -> None:
    """Places and sizes that the tree has not are refused; so is a folder without a ledger."""
    reader = LedgerReader(folder)
    for position in (-1, 600):
        for ask in (reader.record, reader.entry, reader.inclusion):
            with pytest.raises(UsageError):
                ask(position)
    for sizes in ((-1, 5), (5, 4), (5, 601)):
        with pytest.raises(UsageError):
            reader.consistency(*sizes)
    with pytest.raises(UsageError):
        reader.inclusion(5, 601)
    with pytest.raises(NoInputError):
        LedgerReader(tmp_path)
    with pytest.raises(NoInputError):
        LedgerReader(tmp_path, KEY.public_key())
    with pytest.raises(LedgerError):
        LedgerReader(folder, OTHER_KEY.public_key())


def test_a_reader_goes_on(tmp_path: Path) -> None:
    """A reader stays at its checkpoint until it is refreshed."""
    made = filled(tmp_path / "ledger", 3)
    reader = LedgerReader(made)
    with opened(made) as ledger:
        ledger.append("x", {}, NOW)
    assert reader.size == 3
    assert (reader.refresh().size, reader.size) == (4, 4)


@pytest.mark.parametrize(
    "ranges",
    [None, "1-2", [], [[1]], [["1", "2"]], [[5, 6]], [[1, 2, 3]], {"1": 2}],
    ids=str,
)
def test_what_tells_of_no_erasure(ranges: object) -> None:
    """A record that looks like one of an erasure, and is not, tells nothing."""
    found = LedgerRecord(
        position=9, kind="erasure", record={"ranges": ranges}, written_at=NOW, salt=b""
    )
    assert not tells_of(found, 2)


def test_what_tells_of_an_erasure() -> None:
    """It tells of what its ranges name, before itself."""
    record = {"ranges": [[1, 2], [5, 20]]}
    found = LedgerRecord(position=9, kind="erasure", record=record, written_at=NOW, salt=b"")
    told = [position for position in range(25) if tells_of(found, position)]
    assert told == [1, 2, 5, 6, 7, 8]
