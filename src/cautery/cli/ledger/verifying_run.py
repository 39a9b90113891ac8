"""What ``cautery ledger verify`` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from cautery.cli.exits import Exit, printable
from cautery.cli.given_files import read_whole
from cautery.errors import LedgerError, UsageError
from cautery.ledger.commitments import ErasedRecord, LedgerRecord, time_text
from cautery.ledger.evidence_packs import MOST_PACK_BYTES, VerifiedEvidence, verify_pack
from cautery.ledger.key_files import load_public_key
from cautery.ledger.reader import LedgerReader, tells_of
from cautery.ledger.signed_notes import COSIGNATURE, MOST_NOTE_BYTES, NoteSignature
from cautery.ledger.time_stamps import load_certificates
from cautery.ledger.verifying import LedgerVerdict, verify_ledger

_OWN_KEY: Final = (
    "  checked with the key in the folder, which a forger would have changed too: give --public-key"
)


def verify_target(
    target: Path,
    public_key: Path | None,
    *,
    earlier: Sequence[Path],
    witnesses: Sequence[Path],
    certificates: Path | None,
    output_format: str,
) -> tuple[Exit, list[str]]:
    """Verify a ledger or a pack; see the verb ``verify``."""
    log = None if public_key is None else load_public_key(public_key)
    trusted = [load_public_key(path) for path in witnesses]
    if any(key.kind != COSIGNATURE for key in trusted):
        raise UsageError("--witness wants the public key of a witness, not of a log")
    roots = [] if certificates is None else load_certificates(certificates)
    notes = [read_whole(path, MOST_NOTE_BYTES, error_type=LedgerError) for path in earlier]
    try:
        if target.is_dir():
            reader = LedgerReader(target, log)
            verdict = verify_ledger(reader, earlier=notes, witnesses=trusted, roots=roots)
            report, lines = _ledger_report(verdict), _ledger_lines(verdict)
            if log is None:
                lines.append(_OWN_KEY)
        elif log is None:
            raise UsageError("a pack proves nothing without the log's public key: --public-key")
        else:
            content = read_whole(target, MOST_PACK_BYTES, error_type=LedgerError)
            found = verify_pack(content, log, witnesses=trusted, roots=roots, where=str(target))
            report, lines = _pack_report(found), _pack_lines(found)
    except LedgerError as error:
        return Exit.FINDINGS, _refused([str(error)], output_format)
    code = Exit.RAN if report["verifies"] else Exit.FINDINGS
    if output_format == "json":
        return code, [msgspec.json.encode(report).decode()]
    return code, [printable(line) for line in lines]


def _refused(faults: Sequence[str], output_format: str) -> list[str]:
    if output_format == "json":
        return [msgspec.json.encode({"verifies": False, "faults": faults}).decode()]
    return ["does not verify", *(printable(f"  {fault}") for fault in faults)]


def _ledger_report(verdict: LedgerVerdict) -> dict[str, Any]:
    return {
        "verifies": not verdict.faults,
        "origin": verdict.checkpoint.origin,
        "size": verdict.checkpoint.size,
        "root": verdict.checkpoint.root.hex(),
        "kept": verdict.kept,
        "erased": verdict.erased,
        "unpublished": verdict.unpublished,
        "earlier_checkpoints": verdict.earlier,
        "witnesses": [_witness(each) for each in verdict.witnesses],
        "stamped_at": [each.isoformat() for each in verdict.stamped_at],
        "faults": list(verdict.faults),
    }


def _ledger_lines(verdict: LedgerVerdict) -> list[str]:
    tree = verdict.checkpoint
    if verdict.faults:
        return ["does not verify", *(f"  {fault}" for fault in verdict.faults)]
    lines = [
        f"verifies: {tree.origin}, {tree.size:,} records, root {tree.root.hex()}",
        f"  {verdict.kept:,} are what the tree commits to, {verdict.erased:,} were erased",
        f"  grew from {verdict.earlier:,} earlier checkpoints",
    ]
    if verdict.unpublished:
        lines.append(f"  {verdict.unpublished:,} more are not in the tree yet")
    lines += [f"  {_witness_words(each)}" for each in verdict.witnesses]
    lines += [f"  was there at {each.isoformat()}" for each in verdict.stamped_at]
    return lines


def _pack_report(found: VerifiedEvidence) -> dict[str, Any]:
    return {
        "verifies": True,
        "origin": found.checkpoint.origin,
        "size": found.checkpoint.size,
        "made_at": time_text(found.made_at),
        "records": [_record(each) for each in found.records],
        "witnesses": [_witness(each) for each in found.witnesses],
        "stamped_at": [each.isoformat() for each in found.stamped_at],
        "unchecked_stamps": found.unchecked_stamps,
        "faults": [],
    }


def _record(found: LedgerRecord | ErasedRecord) -> dict[str, Any]:
    if isinstance(found, ErasedRecord):
        return {"position": found.position, "state": "erased"}
    return {
        "position": found.position,
        "state": "kept",
        "kind": found.kind,
        "written_at": time_text(found.written_at),
        "record": found.record,
    }


def _pack_lines(found: VerifiedEvidence) -> list[str]:
    tree = found.checkpoint
    kept = [each for each in found.records if isinstance(each, LedgerRecord)]
    lines = [f"verifies: {len(found.records):,} of the {tree.size:,} records of {tree.origin}"]
    for each in found.records:
        if isinstance(each, LedgerRecord):
            lines.append(f"  {each.position}: {each.kind}, {time_text(each.written_at)}")
            continue
        told = next(other for other in kept if tells_of(other, each.position))
        reason = told.record.get("reason", "")
        lines.append(f"  {each.position}: erased {time_text(told.written_at)}: {reason}")
    lines += [f"  {_witness_words(each)}" for each in found.witnesses]
    lines += [f"  was there at {each.isoformat()}" for each in found.stamped_at]
    if found.unchecked_stamps:
        lines.append(f"  {found.unchecked_stamps} time stamps not checked: give --certificates")
    return lines


def _witness(signature: NoteSignature) -> dict[str, Any]:
    signed_at = signature.signed_at.isoformat() if signature.signed_at else ""
    return {"name": signature.key.name, "signed_at": signed_at}


def _witness_words(signature: NoteSignature) -> str:
    one = _witness(signature)
    return f"seen by {one['name']} at {one['signed_at']}"
