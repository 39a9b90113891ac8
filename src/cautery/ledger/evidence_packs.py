"""Evidence packs: records of a ledger that anybody can verify offline, in one file."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from cautery.errors import LedgerError, UsageError
from cautery.ledger.anchors import Anchor, best_anchor
from cautery.ledger.canonical_json import DEEPEST, canonical_json
from cautery.ledger.checkpoints import Checkpoint, open_checkpoint
from cautery.ledger.commitments import (
    SALT_BYTES,
    ErasedRecord,
    LedgerRecord,
    canonical_record,
    entry_of,
    read_time,
    time_text,
)
from cautery.ledger.envelopes import decode_canonical, seal, unseal
from cautery.ledger.evidence import (
    ERASED_STATE,
    EVIDENCE_SCHEMA,
    KEPT_STATE,
    PAYLOAD_TYPE,
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    Digest,
    LogIdentity,
    Predicate,
    ProvedRecord,
    Statement,
    Subject,
)
from cautery.ledger.merkle import is_included, leaf_hash
from cautery.ledger.reader import LedgerReader, tells_of
from cautery.ledger.signed_notes import NoteSignature, PublicKey, SigningKey, strict_base64
from cautery.ledger.time_stamps import check_stamp

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MOST_PACK_BYTES: Final = 1 << 26
MOST_RECORDS: Final = 1_000
_DEEPEST_STATEMENT: Final = DEEPEST + 8


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedEvidence:
    """What a pack proves."""

    checkpoint: Checkpoint
    """The tree that the records are in."""
    made_at: datetime
    """When the pack was made, says the log's operator."""
    records: tuple[LedgerRecord | ErasedRecord, ...]
    """Records, in the pack's order; for each erased one there is one that tells of it."""
    witnesses: tuple[NoteSignature, ...]
    """Cosignatures of witnesses that the verifier trusts."""
    stamped_at: tuple[datetime, ...]
    """Times before which the tree was there, by authorities that the verifier trusts."""
    unchecked_stamps: int
    """Stamps that were not checked, because no certificate was given."""


def make_pack(
    reader: LedgerReader, positions: Sequence[int], key: SigningKey, made_at: datetime
) -> bytes:
    """Prove records.

    Args:
        reader: The ledger.
        positions: Their places in the log.
        key: The log's key, which signs the pack.
        made_at: Now; UTC.

    Returns:
        The pack.

    Raises:
        UsageError: There is no such record, or there are too many.
        LedgerError: The log is damaged.
    """
    if key.public_key() != reader.public_key:
        raise UsageError("this signing key is not the ledger's")
    return seal(make_statement(reader, positions, made_at), PAYLOAD_TYPE, key)


def make_statement(reader: LedgerReader, positions: Sequence[int], made_at: datetime) -> bytes:
    """Prove records without a signature on the whole: the checkpoint in it has the log's.

    Args:
        reader: The ledger.
        positions: Their places in the log.
        made_at: What to say of when; UTC.

    Returns:
        The statement: what ``make_pack`` seals.

    Raises:
        UsageError: There is no such record, or there are too many.
        LedgerError: The log is damaged.
    """
    places = _with_erasures(reader, positions)
    anchor = best_anchor(reader.folder, max(places)) or Anchor(
        size=reader.size, checkpoint=reader.signed_checkpoint, stamps=()
    )
    checkpoint, _ = open_checkpoint(anchor.checkpoint, reader.public_key)
    proved = [_proved(reader, place, checkpoint.size) for place in places]
    statement = Statement(
        type=STATEMENT_TYPE,
        subject=tuple(_subject(checkpoint.origin, each) for each in proved),
        predicate_type=PREDICATE_TYPE,
        predicate=Predicate(
            schema=EVIDENCE_SCHEMA,
            made_at=time_text(made_at),
            log=_identity(reader.public_key),
            checkpoint=anchor.checkpoint.decode(),
            stamps=tuple(map(_base64, anchor.stamps)),
            records=tuple(proved),
        ),
    )
    return canonical_json(msgspec.to_builtins(statement), _DEEPEST_STATEMENT)


def _with_erasures(reader: LedgerReader, positions: Sequence[int]) -> list[int]:
    """Put behind each erased record the one that tells of it."""
    places: dict[int, None] = {}
    for position in positions:
        places[position] = None
        if isinstance(reader.record(position), ErasedRecord):
            erasure = reader.erasure_of(position)
            if erasure is None:
                raise LedgerError(f"record {position} is gone, and nothing tells of its erasure")
            places[erasure.position] = None
    if not 0 < len(places) <= MOST_RECORDS:
        raise UsageError(f"a pack holds 1 to {MOST_RECORDS:,} records")
    return list(places)


def _proved(reader: LedgerReader, position: int, size: int) -> ProvedRecord:
    entry, found = reader.entry(position), reader.record(position)
    path = tuple(map(_base64, reader.inclusion(position, size)))
    if isinstance(found, ErasedRecord):
        return ProvedRecord(position=position, state=ERASED_STATE, entry=_base64(entry), path=path)
    content = canonical_record(found.kind, found.record, found.written_at)
    if entry_of(content, found.salt) != entry:
        raise LedgerError(f"record {position} is not what the tree commits to")
    return ProvedRecord(
        position=position,
        state=KEPT_STATE,
        entry=_base64(entry),
        path=path,
        salt=_base64(found.salt),
        kind=found.kind,
        written_at=time_text(found.written_at),
        record=dict(found.record),
    )


def verify_pack(
    content: bytes,
    public_key: PublicKey,
    *,
    witnesses: Sequence[PublicKey] = (),
    roots: Sequence[Certificate] = (),
    where: str = "",
) -> VerifiedEvidence:
    """Verify a pack, offline and to the last byte.

    Args:
        content: The whole file.
        public_key: The log's key, from elsewhere than the pack.
        witnesses: Keys of witnesses that are trusted.
        roots: Certificates of time-stamp authorities that are trusted.
        where: What to name in an error.

    Returns:
        What it proves.

    Raises:
        LedgerError: It does not verify.
        MissingExtraError: There are stamps to check, and their library is not installed.
    """
    if len(content) > MOST_PACK_BYTES:
        raise LedgerError("this is too long for an evidence pack", where=where)
    payload = unseal(content, PAYLOAD_TYPE, public_key, where)
    return verify_statement(payload, public_key, witnesses=witnesses, roots=roots, where=where)


def verify_statement(
    payload: bytes,
    public_key: PublicKey,
    *,
    witnesses: Sequence[PublicKey] = (),
    roots: Sequence[Certificate] = (),
    where: str = "",
) -> VerifiedEvidence:
    """Verify a statement of ``make_statement``; arguments and errors are those of ``verify_pack``.

    Returns:
        What it proves; when it was made is nobody's word.
    """
    value = decode_canonical(payload, _DEEPEST_STATEMENT, where)
    try:
        statement = msgspec.convert(value, Statement, strict=True)
    except msgspec.ValidationError as error:
        raise LedgerError(f"this is no evidence pack: {error}", where=where) from error
    evidence = statement.predicate
    if (statement.type, statement.predicate_type, evidence.schema) != (
        STATEMENT_TYPE,
        PREDICATE_TYPE,
        EVIDENCE_SCHEMA,
    ):
        raise LedgerError(f"this is no evidence pack of {EVIDENCE_SCHEMA}", where=where)
    if evidence.log != _identity(public_key):
        raise LedgerError("the pack names another log", where=where)
    note = evidence.checkpoint.encode("utf-8", "surrogatepass")
    checkpoint, cosigned = open_checkpoint(note, public_key, witnesses, where)
    if tuple(_subject(checkpoint.origin, each) for each in evidence.records) != statement.subject:
        raise LedgerError("the pack's subjects are not its records", where=where)
    records = tuple(_checked(each, checkpoint, where) for each in evidence.records)
    _check_erasures(records, where)
    stamps = [_bytes(each, where) for each in evidence.stamps]
    stamped = [check_stamp(each, note, list(roots), where) for each in stamps] if roots else []
    return VerifiedEvidence(
        checkpoint=checkpoint,
        made_at=read_time(evidence.made_at, where),
        records=records,
        witnesses=tuple(cosigned),
        stamped_at=tuple(stamped),
        unchecked_stamps=len(stamps) - len(stamped),
    )


def _checked(proved: ProvedRecord, tree: Checkpoint, where: str) -> LedgerRecord | ErasedRecord:
    """Check one record against the tree, and its content against its commitment."""
    entry = _bytes(proved.entry, where)
    path = [_bytes(each, where) for each in proved.path]
    if not is_included(leaf_hash(entry), proved.position, tree.size, path, tree.root):
        raise LedgerError(f"record {proved.position} is not in the tree", where=where)
    if proved.state == ERASED_STATE and proved.record is None:
        if proved.salt or proved.kind or proved.written_at:
            raise LedgerError(f"record {proved.position} is erased in part only", where=where)
        return ErasedRecord(position=proved.position)
    salt = _bytes(proved.salt, where)
    if proved.state != KEPT_STATE or proved.record is None or len(salt) != SALT_BYTES:
        raise LedgerError(f"record {proved.position} is neither kept nor erased", where=where)
    written_at = read_time(proved.written_at, where)
    try:
        content = canonical_record(proved.kind, proved.record, written_at)
    except UsageError as error:
        raise LedgerError(error.what, where=where) from error
    if entry_of(content, salt) != entry:
        raise LedgerError(f"record {proved.position} is not what the tree commits to", where=where)
    return LedgerRecord(
        position=proved.position,
        kind=proved.kind,
        record=proved.record,
        written_at=written_at,
        salt=salt,
    )


def _check_erasures(records: Sequence[LedgerRecord | ErasedRecord], where: str) -> None:
    kept = [found for found in records if isinstance(found, LedgerRecord)]
    for found in records:
        told = any(tells_of(each, found.position) for each in kept)
        if isinstance(found, ErasedRecord) and not told:
            message = f"record {found.position} is erased, and nothing tells of it"
            raise LedgerError(message, where=where)


def _identity(key: PublicKey) -> LogIdentity:
    return LogIdentity(origin=key.name, public_key=key.text(), fingerprint=key.fingerprint)


def _subject(origin: str, proved: ProvedRecord) -> Subject:
    leaf = leaf_hash(strict_base64(proved.entry) or b"").hex()
    return Subject(name=f"{origin}/{proved.position}", digest=Digest(sha256=leaf))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str, where: str) -> bytes:
    content = strict_base64(text)
    if content is None:
        raise LedgerError("the pack holds something that is not base64", where=where)
    return content
