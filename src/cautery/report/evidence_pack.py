"""Makes evidence packs: a case, what follows from it, a manifest, and a signature over all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from cautery import __version__
from cautery.ledger.canonical_json import canonical_json
from cautery.ledger.envelopes import seal
from cautery.ledger.evidence import PAYLOAD_TYPE, STATEMENT_TYPE
from cautery.report.case_excerpt import excerpt
from cautery.report.load import parse_accounts, parse_case
from cautery.report.pack_archive import ArchiveMember, write_archive
from cautery.report.pack_files import EXCHANGES, WORDS, case_contents, case_files, in_order, readme
from cautery.report.pack_probes import probe_files
from cautery.report.pack_records import (
    CASE,
    LEDGER,
    MANIFEST,
    PACK_SCHEMA,
    PREDICATE_TYPE,
    SIGNATURE,
    Manifest,
    PackedCase,
    PackedConfiguration,
    PackedFile,
    PackedInput,
    PackedLedger,
    PackedPolicy,
    PackedTool,
    PackPredicate,
    PackStatement,
    Signer,
    subject_of,
)
from cautery.report.sanitise import without_surrogates

if TYPE_CHECKING:
    from cautery.ledger.signed_notes import PublicKey, SigningKey
    from cautery.records.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class PackContents:
    """What goes into a pack."""

    case_content: bytes
    """``case.json``, as the scan wrote it."""
    accounts_content: bytes
    """``accounts.csv``, as the scan wrote it."""
    where: str
    """What to name in an error."""
    campaign_id: str = ""
    """The campaign to cut out; empty for the whole case."""
    policy: PackedPolicy | None = None
    """The policy set, if one was given."""
    configuration: tuple[PackedConfiguration, ...] = ()
    """Files that the scan was told to use."""
    ledger: PackedLedger | None = None
    """What the statement below proves, if there is one."""
    exchanges: bytes = b""
    """``exchanges.csv``; empty if the logs were not read again."""
    ledger_statement: bytes = b""
    """A statement of ``cautery.ledger.evidence_packs``; empty for none."""
    probes: tuple[bytes, ...] = ()
    """Reports of probes on suspect models, as ``cautery provenance`` wrote them."""


def make_evidence_pack(contents: PackContents, key: SigningKey | None) -> bytes:
    """Make a pack. The same contents and key give the same bytes, on every machine.

    Args:
        contents: What goes into it.
        key: Who signs; None leaves it unsigned.

    Returns:
        The pack, a ZIP file.

    Raises:
        MalformedFileError: The case is damaged.
        UsageError: It has no such campaign, or has a text that no file can hold; or a probe's
            report is about another case.
        OutputError: The pack would be too large.
    """
    case, case_content, accounts_content = _chosen(contents)
    members = [
        *case_files(case, contents.campaign_id),
        ArchiveMember(name=CASE, content=case_content),
        ArchiveMember(name="accounts.csv", content=accounts_content),
    ]
    if contents.exchanges:
        members.append(ArchiveMember(name=EXCHANGES, content=contents.exchanges))
    members += packed_probes(contents)
    if contents.ledger_statement:
        members.append(ArchiveMember(name=LEDGER, content=contents.ledger_statement))
    names = [member.name for member in in_order(members)]
    files = in_order([readme(names, contents.campaign_id), *members])
    manifest = ArchiveMember(name=MANIFEST, content=_manifest(contents, case, files))
    if key is None:
        return write_archive([*files, manifest])
    statement = statement_of(manifest.content, key.public_key())
    envelope = seal(statement, PAYLOAD_TYPE, key)
    return write_archive([*files, manifest, ArchiveMember(name=SIGNATURE, content=envelope)])


def packed_probes(contents: PackContents) -> list[ArchiveMember]:
    """Take the reports of probes into a pack.

    Args:
        contents: What goes into it.

    Returns:
        Their files; of an excerpt without what they say of others.
    """
    if not contents.probes:
        return []
    whole = parse_case(contents.case_content, contents.where)
    return probe_files(contents.probes, whole, digest(contents.case_content), contents.campaign_id)


def _chosen(contents: PackContents) -> tuple[Case, bytes, bytes]:
    """The case with its two files: those of the scan, or those of an excerpt."""
    case = replace(
        parse_case(contents.case_content, contents.where),
        accounts=parse_accounts(contents.accounts_content, contents.where),
    )
    if not contents.campaign_id:
        return case, contents.case_content, contents.accounts_content
    cut = excerpt(case, contents.campaign_id)
    return (cut, *case_contents(cut))


def _manifest(contents: PackContents, case: Case, files: list[ArchiveMember]) -> bytes:
    own = next(file for file in files if file.name == CASE)
    manifest = Manifest(
        schema=PACK_SCHEMA,
        tool=PackedTool(
            name=case.tool.name,
            case_version=case.tool.version,
            pack_version=__version__,
            weights_version=case.tool.weights_version,
            calibration=case.tool.calibration,
        ),
        case=PackedCase(
            schema=case.schema,
            sha256=digest(own.content),
            whole_sha256=digest(contents.case_content),
            campaign_id=contents.campaign_id,
            from_time=case.input.from_time,
            to_time=case.input.to_time,
        ),
        inputs=packed_inputs(case),
        policy=contents.policy,
        ledger=contents.ledger,
        configuration=contents.configuration or msgspec.UNSET,
        files=tuple(
            PackedFile(
                name=file.name,
                bytes=len(file.content),
                sha256=digest(file.content),
                what=WORDS[file.name],
            )
            for file in files
        ),
    )
    return spelled(manifest)


def packed_inputs(case: Case) -> tuple[PackedInput, ...]:
    """Name the logs that a scan read.

    Args:
        case: The case.

    Returns:
        One record a file, as the manifest has it.
    """
    return tuple(
        PackedInput(
            name=file.name,
            sha256=file.sha256,
            bytes=file.bytes,
            records=file.lines,
            format=file.format,
        )
        for file in case.input.files
    )


def statement_of(manifest_content: bytes, key: PublicKey) -> bytes:
    """State what is in a pack.

    Args:
        manifest_content: ``manifest.json``.
        key: Who says so.

    Returns:
        The statement that is signed.
    """
    manifest = msgspec.json.decode(manifest_content, type=Manifest)
    statement = PackStatement(
        type=STATEMENT_TYPE,
        subject=(
            subject_of(MANIFEST, digest(manifest_content)),
            *(subject_of(file.name, file.sha256) for file in manifest.files),
        ),
        predicate_type=PREDICATE_TYPE,
        predicate=PackPredicate(
            schema=PACK_SCHEMA,
            case_sha256=manifest.case.whole_sha256,
            campaign_id=manifest.case.campaign_id,
            signer=Signer(name=key.name, public_key=key.text(), fingerprint=key.fingerprint),
        ),
    )
    return canonical_json(msgspec.to_builtins(statement))


def spelled(manifest: Manifest) -> bytes:
    """Write a manifest in its one spelling.

    Args:
        manifest: The manifest.

    Returns:
        Canonical JSON (RFC 8785) and a line feed.

    Raises:
        UsageError: It holds a number that is not exact everywhere.
    """
    return canonical_json(_cleaned(msgspec.to_builtins(manifest))) + b"\n"


def _cleaned(value: object) -> object:
    """Write lone surrogates as visible escapes; they come from names of files."""
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value]
    return value


def digest(content: bytes) -> str:
    """Hash a file.

    Returns:
        SHA-256 in hexadecimal digits.
    """
    return hashlib.sha256(content).hexdigest()
