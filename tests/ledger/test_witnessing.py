"""Witnesses: they sign growth, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ledger.ledgers import KEY, NOW, OTHER_KEY, decision, filled, opened

from cautery.errors import LedgerError, OutputError, UsageError
from cautery.ledger.anchors import best_anchor, stored_anchors
from cautery.ledger.checkpoints import open_checkpoint
from cautery.ledger.evidence_packs import make_pack, verify_pack
from cautery.ledger.reader import LedgerReader
from cautery.ledger.signed_notes import COSIGNATURE, SigningKey
from cautery.ledger.verifying import verify_ledger
from cautery.ledger.witnessing import (
    WitnessRequest,
    add_cosignature,
    ask_witness,
    cosign,
    read_request,
)
from cautery.records.key import Secret

WITNESS = SigningKey("example.org/witness", Secret(bytes(reversed(range(32)))))
WITNESS_KEY = WITNESS.public_key(COSIGNATURE)
LOG = KEY.public_key()


def sign(body: bytes, state: Path) -> str:
    """Sign as the witness."""
    return cosign(read_request(body), log=LOG, key=WITNESS, state=state, seen_at=NOW)


def grown(folder: Path, start: int, stop: int) -> LedgerReader:
    """Let a ledger grow."""
    with opened(folder) as ledger:
        for number in range(start, stop):
            ledger.submit("decision", decision(number), NOW)
    return LedgerReader(folder)


def test_growth_is_signed(tmp_path: Path) -> None:
    """A witness signs the first checkpoint and every one that grew from it; packs carry that."""
    folder, state = tmp_path / "ledger", tmp_path / "state"
    for old_size, size in ((0, 3), (3, 3), (3, 300)):
        reader = grown(folder, old_size, size)
        line = sign(ask_witness(reader, old_size), state)
        anchor = add_cosignature(reader, line.encode(), WITNESS_KEY)
        assert anchor.size == size
        assert add_cosignature(reader, line.encode(), WITNESS_KEY) == anchor
    _, (signature,) = open_checkpoint(state.read_bytes() + line.encode(), LOG, [WITNESS_KEY])
    assert signature.signed_at == NOW
    reader = grown(folder, 300, 305)
    assert [anchor.size for anchor in stored_anchors(folder)] == [300, 3]
    assert best_anchor(folder, 303) is None
    found = verify_pack(make_pack(reader, [2, 299], KEY, NOW), LOG, witnesses=[WITNESS_KEY])
    assert (found.checkpoint.size, [each.key for each in found.witnesses]) == (300, [WITNESS_KEY])
    assert verify_pack(make_pack(reader, [303], KEY, NOW), LOG).checkpoint.size == 305
    verdict = verify_ledger(LedgerReader(folder, LOG), witnesses=[WITNESS_KEY])
    assert (verdict.faults, verdict.earlier, len(verdict.witnesses)) == ((), 2, 2)


def test_a_rewritten_log_is_not_signed(tmp_path: Path) -> None:
    """A log that is not what the witness saw gets no signature, whatever proof it sends."""
    state = tmp_path / "state"
    sign(ask_witness(LedgerReader(filled(tmp_path / "ledger", 100)), 0), state)
    seen = state.read_bytes()
    forged = grown(tmp_path / "forged", 1, 201)
    with pytest.raises(LedgerError, match="rewritten"):
        sign(ask_witness(forged, 100), state)
    shorter = LedgerReader(filled(tmp_path / "shorter", 99))
    request = WitnessRequest(old_size=100, path=(), checkpoint=shorter.signed_checkpoint)
    with pytest.raises(LedgerError, match="rewritten"):
        cosign(request, log=LOG, key=WITNESS, state=state, seen_at=NOW)
    with pytest.raises(UsageError, match="has size 100"):
        sign(ask_witness(forged, 0), state)
    assert state.read_bytes() == seen


def test_a_strange_log_is_not_signed(tmp_path: Path) -> None:
    """A witness signs only for the key that it was given."""
    body = ask_witness(LedgerReader(filled(tmp_path / "ledger", 3)), 0)
    with pytest.raises(LedgerError):
        cosign(
            read_request(body),
            log=OTHER_KEY.public_key(),
            key=WITNESS,
            state=tmp_path / "state",
            seen_at=NOW,
        )
    with pytest.raises(OutputError):
        sign(body, tmp_path / "none" / "state")


def test_answers_of_others_are_not_kept(tmp_path: Path) -> None:
    """What is no witness's signature on a checkpoint that was shown to it is refused."""
    reader = LedgerReader(filled(tmp_path / "ledger", 3))
    line = sign(ask_witness(reader, 0), tmp_path / "state").encode()
    other = LedgerReader(filled(tmp_path / "other", 4))
    ask_witness(other, 0)
    with pytest.raises(LedgerError, match="signed no checkpoint"):
        add_cosignature(other, line, WITNESS_KEY)
    for changed in (b"", b"garbage\n", line[:-5] + b"AAA=\n", line + b"\n"):
        with pytest.raises(LedgerError):
            add_cosignature(reader, changed, WITNESS_KEY)
    with pytest.raises(UsageError, match="not of a witness"):
        add_cosignature(reader, line, LOG)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 1\n",
        b"old -1\n\nx",
        b"old 01\n\nx",
        b"new 1\n\nx",
        b"old 1\nAAAA\n\nx",
        b"old 1\n!\n\nx",
        b"old " + b"9" * 5000 + b"\n\nx",
        b"old 1\n" + b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n" * 64 + b"\nx",
        "old \u0661\n\nx".encode(),
    ],
    ids=range(10),
)
def test_what_is_no_request(body: bytes) -> None:
    """Malformed requests are refused."""
    with pytest.raises(LedgerError):
        read_request(body)


def test_the_specifications_request_is_read() -> None:
    """The example of C2SP tlog-witness is read."""
    body = (
        "old 20852014\n"
        "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
        "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
        "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
        "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
        "\n"
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    )
    request = read_request(body.encode())
    assert (request.old_size, len(request.path)) == (20852014, 4)
    assert request.checkpoint.startswith(b"example.com/behind-the-sofa\n20852163\n")
