"""What ``cautery report verify`` does."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import file_digest
from typing import TYPE_CHECKING, Final

import msgspec

from cautery.cli.exits import Exit, printable
from cautery.cli.given_files import read_whole
from cautery.errors import NoInputError
from cautery.ledger.key_files import load_public_key
from cautery.plain_files import open_plain
from cautery.report.pack_archive import MOST_ARCHIVE_BYTES
from cautery.report.pack_verifying import Check, PackVerdict, verify_evidence_pack

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cautery.report.pack_records import PackedConfiguration

MOST_PACK_BYTES: Final = MOST_ARCHIVE_BYTES + (1 << 16)
"""Largest file that is read: the files and their directory."""


def verify_pack_file(
    pack: Path,
    trusted_keys: Sequence[Path],
    ledger_key: Path | None,
    *,
    logs: Sequence[Path],
    output_format: str,
) -> tuple[Exit, list[str]]:
    """Verify a pack; see the verb ``verify``."""
    trusted = [load_public_key(path) for path in trusted_keys]
    log_key = None if ledger_key is None else load_public_key(ledger_key)
    content = read_whole(pack, MOST_PACK_BYTES)
    verdict = verify_evidence_pack(content, trusted=trusted, ledger_key=log_key)
    checks = [*verdict.checks, *(_log(path, verdict) for path in logs)]
    holds = all(check.outcome != "does not hold" for check in checks)
    code = Exit.RAN if holds else Exit.FINDINGS
    if output_format == "json":
        report = {
            "holds": holds,
            "checks": [asdict(check) for check in checks],
            "manifest": verdict.manifest,
        }
        return code, [msgspec.json.encode(report).decode()]
    return code, [printable(line) for line in _lines(verdict, checks, holds)]


def _log(path: Path, verdict: PackVerdict) -> Check:
    """Compare a file with the hashes of those that the scan read, or was told to use."""
    try:
        with open_plain(path) as stream:
            found = file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    inputs = () if verdict.manifest is None else verdict.manifest.inputs
    known = next((one.name for one in inputs if one.sha256 == found), None)
    used = next((one.name for one in _configuration(verdict) if one.sha256 == found), None)
    if known is None and used is None:
        words = "it is none of the logs that were scanned, or it has changed since"
        return Check(what=str(path), outcome="does not hold", said=words)
    if known is None:
        words = f"it is the file that the scan used as {used}"
        return Check(what=str(path), outcome="holds", said=words)
    return Check(what=str(path), outcome="holds", said=f"it is the log that was scanned as {known}")


def _configuration(verdict: PackVerdict) -> tuple[PackedConfiguration, ...]:
    named = () if verdict.manifest is None else verdict.manifest.configuration
    return named if isinstance(named, tuple) else ()


def _lines(verdict: PackVerdict, checks: Sequence[Check], holds: bool) -> list[str]:
    width = max(len(check.what) for check in checks)
    lines = [
        f"{'holds' if holds else 'does not hold'}",
        *(f"  {one.outcome:<13}  {one.what:<{width}}  {one.said}" for one in checks),
    ]
    if verdict.manifest is not None:
        lines += _facts(verdict)
    return lines


def _facts(verdict: PackVerdict) -> list[str]:
    """What the pack states and no check of it can decide."""
    manifest = verdict.manifest
    if manifest is None:
        return []
    tool, policy = manifest.tool, manifest.policy
    case = manifest.case
    return [
        "the pack states",
        f"  case {case.whole_sha256}",
        f"  exchanges from {case.from_time} to {case.to_time}",
        f"  made by {tool.name} {tool.case_version} with weights {tool.weights_version}",
        f"  chances: {tool.calibration}",
        f"  policy {policy.version if policy else 'not given'}",
        *(f"  configuration {one.sha256}  {one.name}" for one in _configuration(verdict)),
        *(f"  log {one.sha256}  {one.name}" for one in manifest.inputs),
    ]
