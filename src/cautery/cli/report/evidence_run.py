"""What ``cautery report evidence`` does."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from hashlib import file_digest
from heapq import nlargest
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from cautery.cli.exits import printable
from cautery.cli.report.exchange_pointers import exchanges_of
from cautery.cli.work_folder import work_folder
from cautery.errors import NoInputError, OutputError
from cautery.ledger.durable_files import output_errors, write_durably
from cautery.ledger.evidence_packs import MOST_RECORDS, make_statement, verify_statement
from cautery.ledger.key_files import load_signing_key
from cautery.ledger.reader import LedgerReader
from cautery.ledger.record_query import RecordQuery
from cautery.plain_files import open_plain
from cautery.records.probe import PROBE_RECORD
from cautery.report.case_excerpt import excerpt
from cautery.report.evidence_pack import PackContents, digest, make_evidence_pack, packed_probes
from cautery.report.load import parse_case, read_content
from cautery.report.pack_records import CASE, PackedConfiguration, PackedLedger, PackedPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.cli.report.exchange_pointers import LogReading
    from cautery.ledger.commitments import LedgerRecord
    from cautery.records.case import Case

MOST_DECISIONS: Final = MOST_RECORDS // 2
"""Decisions that one pack proves: what was erased may need a second record each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proved:
    statement: bytes
    told: PackedLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRequest:
    """What was asked for; see the verb ``evidence``."""

    case: Path
    out: Path
    campaign: str
    key: Path | None
    policy: Path | None
    configuration: tuple[Path, ...]
    ledger: Path | None
    probes: tuple[Path, ...]
    reading: LogReading | None


def write_evidence(request: EvidenceRequest) -> int:
    """Write an evidence pack.

    Args:
        request: What was asked for.

    Returns:
        The exit code.

    Raises:
        CauteryError: Something cannot be read, does not fit the case, or cannot be written.
    """
    out = request.out
    if os.path.lexists(out):
        raise OutputError("there is such a file", where=str(out), hint="Choose another with --out.")
    signing = None if request.key is None else load_signing_key(request.key)
    contents = _contents(request)
    pack = make_evidence_pack(contents, signing)
    with output_errors(out):
        write_durably(out, pack, mode=0o600)
    who = "unsigned: it is whole, and nobody's word. See --key"
    if signing is not None:
        who = f"signed by {signing.name}"
    if request.ledger is not None and contents.ledger is None:
        print("the ledger has no decisions about these accounts", file=sys.stderr)
    name = printable(str(out))
    print(f"wrote {name}, {len(pack):,} bytes, {who}", file=sys.stderr)
    print(f"sha256 {digest(pack)}", file=sys.stderr)
    print(f"next: cautery report verify {name}", file=sys.stderr)
    return 0


def _contents(request: EvidenceRequest) -> PackContents:
    path = request.case
    folder = path if path.is_dir() else path.parent
    document = path / CASE if path.is_dir() else path
    content = read_content(document)
    case = parse_case(content, str(document))
    if request.campaign:
        excerpt(case, request.campaign)  # before logs are read for a campaign that is not there
    proved, exchanges = None, b""
    contents = PackContents(
        case_content=content,
        accounts_content=read_content(folder / "accounts.csv"),
        where=str(folder),
        campaign_id=request.campaign,
        policy=None if request.policy is None else _policy(request.policy),
        configuration=_configuration(request.configuration),
        probes=tuple(map(read_content, request.probes)),
    )
    reports = [file.content for file in packed_probes(contents)]
    if request.ledger is not None:
        proved = _proved(LedgerReader(request.ledger), case, request.campaign, reports)
    if request.reading is not None:
        with work_folder(request.out.parent) as work:
            exchanges = exchanges_of(case, request.campaign, request.reading, work)
    return replace(
        contents,
        exchanges=exchanges,
        ledger=None if proved is None else proved.told,
        ledger_statement=b"" if proved is None else proved.statement,
    )


def _configuration(paths: Sequence[Path]) -> tuple[PackedConfiguration, ...]:
    """Hash the files that the scan was told to use, in the order of their names."""
    found = []
    for path in paths:
        try:
            with open_plain(path) as stream:
                digested = file_digest(stream, "sha256").hexdigest()
                size_bytes = stream.tell()
        except OSError as error:
            raise NoInputError(f"cannot be read: {error.strerror}", where=str(path)) from error
        found.append(PackedConfiguration(name=path.name, sha256=digested, bytes=size_bytes))
    return tuple(sorted(found, key=lambda one: (one.name, one.sha256)))


def _policy(path: Path) -> PackedPolicy:
    from cautery.policy.policy_set import load_policy_set
    from cautery.policy.sources import POLICY_FILE

    policy = load_policy_set(path / POLICY_FILE if path.is_dir() else path)
    return PackedPolicy(
        version=policy.version,
        rules_sha256=policy.rules_sha256,
        packs=tuple(pack.name for pack in policy.packs),
        lists=(*policy.origins, *(item.evidence for item in policy.denied.lists)),
        modes=dict(policy.modes),
    )


def _reports_in(reader: LedgerReader, reports: Sequence[bytes]) -> list[tuple[int, LedgerRecord]]:
    """Find the newest record of each report, word for word; one that was cut is in no ledger."""
    wanted = [msgspec.json.decode(content) for content in reports]
    found = list[tuple[int, "LedgerRecord"]]()
    if not wanted:
        return found
    for record in reader.find(RecordQuery(kind=PROBE_RECORD, newest_first=True)):
        if record.position < reader.size and record.record in wanted:
            wanted.remove(record.record)
            found.append((record.position, record))
            if not wanted:
                break
    return found


def _proved(
    reader: LedgerReader, case: Case, campaign_id: str, reports: Sequence[bytes]
) -> _Proved | None:
    """Prove the newest records about the campaigns' accounts, and those of the reports.

    Returns:
        The proofs; None if there is nothing to prove.
    """
    groups = [
        group
        for group in (*case.campaigns, *case.permitted_groups)
        if campaign_id in {"", group.campaign_id}
    ]
    count, found = 0, list[tuple[int, "LedgerRecord"]]()
    for group in groups:
        members = {member.account_id for member in group.members}
        for record in reader.find(RecordQuery(campaign_id=group.campaign_id)):
            if record.record.get("account_id") in members and record.position < reader.size:
                count += 1
                found.append((record.position, record))
                if len(found) > 2 * MOST_DECISIONS:
                    found = nlargest(MOST_DECISIONS, found, key=lambda pair: pair[0])
    probed = _reports_in(reader, reports)
    if not found and not probed:
        return None
    most = MOST_DECISIONS - len(probed)
    kept = sorted([*nlargest(most, found, key=lambda pair: pair[0]), *probed])
    newest = max(record.written_at for _, record in kept)
    statement = make_statement(reader, [position for position, _ in kept], newest)
    checked = verify_statement(statement, reader.public_key)
    told = PackedLedger(
        origin=checked.checkpoint.origin,
        size=checked.checkpoint.size,
        records=len(checked.records),
        left_out=count + len(probed) - len(kept),
    )
    return _Proved(statement=statement, told=told)
