"""Evidence packs: what they prove, and that no byte of one can be changed."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.ledger.ledgers import KEY, NOW, OTHER_KEY, decision, filled, opened

from cautery.errors import LedgerError, UsageError
from cautery.ledger.canonical_json import canonical_json
from cautery.ledger.commitments import ErasedRecord, LedgerRecord
from cautery.ledger.envelopes import seal
from cautery.ledger.evidence import PAYLOAD_TYPE, SCHEMA_PATH
from cautery.ledger.evidence_packs import MOST_PACK_BYTES, make_pack, verify_pack
from cautery.ledger.reader import LedgerReader
from cautery.ledger.record_store import destroy_records

PUBLIC = KEY.public_key()


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> LedgerReader:
    """A ledger of 300 decisions, one of them erased, and one record of every kind of value."""
    folder = filled(tmp_path_factory.mktemp("packs") / "ledger", 300)
    with opened(folder) as ledger:
        ledger.erase([12], reason="request 81", requested_at=NOW)
        values: dict[str, Any] = {
            "float": 1.5,
            "big": 2.0**68,
            "deep": [[[{"a": None}]]],
            "\u20ac": "",
        }
        ledger.append("values", values, NOW)
    return LedgerReader(folder)


@pytest.fixture(scope="module")
def pack(reader: LedgerReader) -> bytes:
    """A pack of two records, one of them erased."""
    return make_pack(reader, [7, 12], KEY, NOW)


def payload_of(pack: bytes) -> dict[str, Any]:
    """The statement in a pack."""
    statement: dict[str, Any] = json.loads(base64.b64decode(json.loads(pack)["payload"]))
    return statement


def test_it_proves_records(reader: LedgerReader, pack: bytes) -> None:
    """A pack tells records, an erased one too, with the record that tells of it."""
    found = verify_pack(pack, PUBLIC)
    kept, erased, told = found.records
    assert isinstance(kept, LedgerRecord)
    assert (kept.position, kept.record) == (7, decision(7))
    assert erased == ErasedRecord(position=12)
    assert isinstance(told, LedgerRecord)
    assert (told.kind, told.record["reason"]) == ("erasure", "request 81")
    assert (found.checkpoint, found.made_at) == (reader.checkpoint, NOW)
    assert (found.witnesses, found.stamped_at, found.unchecked_stamps) == ((), (), 0)


def test_it_follows_its_schema(reader: LedgerReader, pack: bytes) -> None:
    """The statement is what the published schema says, for every kind of value."""
    schema = json.loads(SCHEMA_PATH.read_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    validator.validate(payload_of(pack))
    validator.validate(payload_of(make_pack(reader, [301, 301, 0], KEY, NOW)))
    broken = payload_of(pack)
    broken["predicate"]["records"][1]["salt"] = "AAAA"
    assert not validator.is_valid(broken)


def test_every_value_comes_back(reader: LedgerReader) -> None:
    """Numbers that JSON spells in several ways verify too."""
    (found,) = verify_pack(make_pack(reader, [301], KEY, NOW), PUBLIC).records
    assert isinstance(found, LedgerRecord)
    assert found.record["big"] == 295147905179352830000


def test_every_changed_byte_is_found(pack: bytes) -> None:
    """Whichever byte of the file is changed, dropped or doubled, it does not verify."""
    draw = random.Random(7)
    for place in range(len(pack)):
        changed = bytearray(pack)
        changed[place] ^= 1 << draw.randrange(8)
        for forged in (bytes(changed), pack[:place] + pack[place + 1 :]):
            with pytest.raises(LedgerError):
                verify_pack(forged, PUBLIC)
    for forged in (pack + b"\n", pack[:-1], b" " + pack, pack.replace(b":", b": ", 1), b"", b"{}"):
        with pytest.raises(LedgerError):
            verify_pack(forged, PUBLIC)


def test_another_key_is_refused(reader: LedgerReader, pack: bytes) -> None:
    """A pack verifies with the log's key only, and nobody else can make one."""
    with pytest.raises(LedgerError, match="another key"):
        verify_pack(pack, OTHER_KEY.public_key())
    with pytest.raises(UsageError, match="not the ledger's"):
        make_pack(reader, [7], OTHER_KEY, NOW)
    with pytest.raises(LedgerError, match="too long"):
        verify_pack(b" " * (MOST_PACK_BYTES + 1), PUBLIC)


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Set a member of a statement."""
    *names, last, value = path

    def change(statement: dict[str, Any]) -> None:
        place: Any = statement
        for name in names:
            place = place[name]
        place[last] = value

    return change


def _record(number: int, name: str, value: object) -> Callable[[dict[str, Any]], None]:
    return _set("predicate", "records", number, name, value)


def _swap_records(statement: dict[str, Any]) -> None:
    records = statement["predicate"]["records"]
    records[0], records[2] = records[2], records[0]


def _drop_telling(statement: dict[str, Any]) -> None:
    del statement["predicate"]["records"][2], statement["subject"][2]


LIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "content": _record(0, "record", decision(8)),
    "kind": _record(0, "kind", "override"),
    "time": _record(0, "written_at", "2026-11-29T12:07:00.000001Z"),
    "time-spelling": _record(0, "written_at", "2026-11-29 12:07"),
    "year": _record(0, "written_at", "0099-11-29T12:07:00.000000Z"),
    "salt": _record(0, "salt", base64.b64encode(bytes(32)).decode()),
    "short-salt": _record(0, "salt", "AAAA"),
    "position": _record(0, "position", 8),
    "negative": _record(0, "position", -1),
    "path": _record(0, "path", []),
    "no-base64": _record(0, "path", ["!"]),
    "state": _record(0, "state", "erased"),
    "unknown-state": _record(0, "state", "lost"),
    "half-erased": _record(1, "kind", "decision"),
    "order": _swap_records,
    "untold": _drop_telling,
    "subject": _set("subject", 0, "digest", "sha256", "0" * 64),
    "subject-name": _set("subject", 0, "name", "example.com/ledger/8"),
    "log": _set("predicate", "log", "origin", "example.com/other"),
    "fingerprint": _set("predicate", "log", "fingerprint", "0" * 64),
    "checkpoint": _set("predicate", "checkpoint", "example.com/ledger\n1\nAAAA\n"),
    "surrogate": _set("predicate", "checkpoint", "x"),
    "schema": _set("predicate", "schema", "cautery.evidence/2"),
    "type": _set("_type", "https://in-toto.io/Statement/v0.1"),
    "predicate-type": _set("predicateType", "urn:other"),
    "made-at": _set("predicate", "made_at", "yesterday"),
    "stamp": _set("predicate", "stamps", ["?"]),
    "extra": _set("predicate", "extra", 1),
    "records": _set("predicate", "records", "none"),
}


@pytest.mark.parametrize("lie", LIES)
def test_even_the_logs_own_key_cannot_lie(pack: bytes, lie: str) -> None:
    """A statement that the log signed and that its tree does not bear out is refused."""
    statement = payload_of(pack)
    LIES[lie](statement)
    forged = seal(canonical_json(statement, 40), PAYLOAD_TYPE, KEY)
    with pytest.raises(LedgerError):
        verify_pack(forged, PUBLIC)


def test_other_spellings_are_refused(pack: bytes) -> None:
    """A payload in another spelling, or one that is no JSON, is refused though it is signed."""
    statement = payload_of(pack)
    for payload in (json.dumps(statement).encode(), b"{", b'{"a":1,"a":1}', b"[" * 10_000):
        with pytest.raises(LedgerError):
            verify_pack(seal(payload, PAYLOAD_TYPE, KEY), PUBLIC)
    payload = canonical_json(statement, 40)
    with pytest.raises(LedgerError, match="no envelope of"):
        verify_pack(seal(payload, "text/plain", KEY), PUBLIC)


def test_what_cannot_be_proved(tmp_path: Path) -> None:
    """A record that vanished or was exchanged is not proved; nor are none or too many."""
    folder = filled(tmp_path / "ledger", 5)
    reader = LedgerReader(folder)
    for positions in ([], [5], [-1]):
        with pytest.raises(UsageError):
            make_pack(reader, positions, KEY, NOW)
    destroy_records(folder, [2])
    with pytest.raises(LedgerError, match="nothing tells"):
        make_pack(reader, [2], KEY, NOW)
    other = filled(tmp_path / "other", 6)
    (folder / "records/00000000").write_bytes((other / "records/00000000").read_bytes())
    with pytest.raises(LedgerError, match="not what the tree commits to"):
        make_pack(LedgerReader(folder), [1], KEY, NOW)
