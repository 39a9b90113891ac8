"""Time stamps: checked offline, against a reply that OpenSSL made (tests/vectors/time_stamp)."""

from __future__ import annotations

import builtins
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.ledger.ledgers import KEY, NOW, filled
from tests.ledger.time_stamp_authority import OPENSSL, TimeStampAuthority

from cautery.errors import ConfigurationError, LedgerError, MissingExtraError, NoInputError
from cautery.ledger.anchors import MOST_STAMPS, store_anchor, store_stamp, stored_anchor
from cautery.ledger.checkpoints import sign_checkpoint
from cautery.ledger.evidence_packs import make_pack, verify_pack
from cautery.ledger.reader import LedgerReader
from cautery.ledger.time_stamps import check_stamp, load_certificates, stamp_request
from cautery.ledger.verifying import verify_ledger

VECTOR = Path(__file__).parents[1] / "vectors" / "time_stamp"
CHECKPOINT = (VECTOR / "checkpoint").read_bytes()
REPLY = (VECTOR / "reply.tsr").read_bytes()
STATED = datetime(2026, 11, 29, 3, 6, 39, tzinfo=UTC)


def test_a_stamp_states_a_time() -> None:
    """The reply verifies, though the checkpoint was cosigned afterwards."""
    roots = load_certificates(VECTOR / "root.pem")
    assert check_stamp(REPLY, CHECKPOINT, roots) == STATED
    assert check_stamp(REPLY, CHECKPOINT + KEY.cosign("x\n", NOW).encode(), roots) == STATED


def test_a_stamp_of_something_else(tmp_path: Path) -> None:
    """A reply to another checkpoint, or of an authority that is not trusted, is refused."""
    roots = load_certificates(VECTOR / "root.pem")
    other = LedgerReader(filled(tmp_path / "ledger", 1))
    with pytest.raises(LedgerError, match="Mismatch"):
        check_stamp(REPLY, sign_checkpoint(other.checkpoint, KEY), roots)
    with pytest.raises(LedgerError, match="does not verify"):
        check_stamp(REPLY, CHECKPOINT, [])
    for garbage in (b"", b"x" * 100, REPLY[:-1], b"x" * 70_000):
        with pytest.raises(LedgerError):
            check_stamp(garbage, CHECKPOINT, roots)


def test_no_changed_byte_changes_the_time() -> None:
    """A changed reply is refused, or (in framing that nobody signs) states the same time."""
    roots = load_certificates(VECTOR / "root.pem")
    draw = random.Random(9)
    refused = 0
    for place in range(0, len(REPLY), 5):
        changed = bytearray(REPLY)
        changed[place] ^= 1 << draw.randrange(8)
        try:
            assert check_stamp(bytes(changed), CHECKPOINT, roots) == STATED
        except LedgerError:
            refused += 1
    assert refused > 300


def test_certificates(tmp_path: Path) -> None:
    """Files without certificates are refused."""
    with pytest.raises(NoInputError):
        load_certificates(tmp_path / "none")
    (tmp_path / "empty").write_text("")
    with pytest.raises(ConfigurationError):
        load_certificates(tmp_path / "empty")


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the error names it."""
    real = builtins.__import__

    def missing(name: str, *rest: Any, **named: Any) -> Any:
        if name == "rfc3161_client":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtraError, match=r"cautery\[ledger\]"):
        stamp_request(CHECKPOINT)


@pytest.mark.skipif(OPENSSL is None, reason="wants the program openssl, as an authority")
def test_packs_carry_stamps(tmp_path: Path) -> None:
    """A request is answered by a real authority; packs and ledgers verify with its root."""
    (tmp_path / "authority").mkdir()
    authority = TimeStampAuthority(tmp_path / "authority")
    folder = filled(tmp_path / "ledger", 5)
    reader = LedgerReader(folder, KEY.public_key())
    (tmp_path / "request").write_bytes(stamp_request(reader.signed_checkpoint))
    authority.reply(tmp_path / "request", tmp_path / "reply")
    store_anchor(folder, 5, reader.signed_checkpoint)
    store_stamp(folder, stored_anchor(folder, 5), (tmp_path / "reply").read_bytes())
    roots = load_certificates(authority.root)
    pack = make_pack(reader, [3], KEY, NOW)
    (time,) = verify_pack(pack, KEY.public_key(), roots=roots).stamped_at
    assert verify_ledger(reader, roots=roots).stamped_at == (time,)
    assert verify_pack(pack, KEY.public_key()).unchecked_stamps == 1
    with pytest.raises(LedgerError, match="time stamp"):
        verify_pack(pack, KEY.public_key(), roots=load_certificates(VECTOR / "root.pem"))
    assert verify_ledger(reader, roots=load_certificates(VECTOR / "root.pem")).faults


def test_stamps_are_bounded(tmp_path: Path) -> None:
    """A checkpoint has so many stamps and no more; the same one is kept once."""
    store_anchor(tmp_path, 5, CHECKPOINT)
    for number in range(MOST_STAMPS):
        for _ in range(2):
            store_stamp(tmp_path, stored_anchor(tmp_path, 5), bytes([number]))
    with pytest.raises(LedgerError, match="stamps of this"):
        store_stamp(tmp_path, stored_anchor(tmp_path, 5), b"one more")
