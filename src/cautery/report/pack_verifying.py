"""Verifies evidence packs offline, item by item, and says of each whether it holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from cautery import __version__
from cautery.errors import CauteryError, LedgerError
from cautery.ledger.envelopes import Envelope, unseal
from cautery.ledger.evidence import PAYLOAD_TYPE
from cautery.ledger.evidence_packs import verify_statement
from cautery.ledger.signed_notes import read_public_key, strict_base64
from cautery.report.evidence_pack import digest, packed_inputs, spelled, statement_of
from cautery.report.load import parse_accounts, parse_case
from cautery.report.pack_archive import read_archive
from cautery.report.pack_exchanges import exchange_faults
from cautery.report.pack_figures import figure_faults
from cautery.report.pack_files import EXCHANGES, PAGE, case_files, readme
from cautery.report.pack_probes import probe_faults, recorded_faults
from cautery.report.pack_records import (
    CASE,
    LEDGER,
    MANIFEST,
    PACK_SCHEMA,
    SIGNATURE,
    Manifest,
    PackStatement,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.ledger.signed_notes import PublicKey
    from cautery.records.case import Case

Outcome = Literal["holds", "does not hold", "not checked", "absent"]
"""What was found of an item. *Absent* is no fault, and no proof either."""

FIGURES: Final = "figures"
DERIVED: Final = "files made from the case"
"""Names of items that speak of the case itself, and not of whether the pack was changed."""
_SAID: Final = 3
"""Faults of one item that are told; a broken file may have thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One item of a verification."""

    what: str
    """The item."""
    outcome: Outcome
    said: str
    """What was found, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackVerdict:
    """What holds of a pack."""

    checks: tuple[Check, ...]
    """Every item, in order."""
    manifest: Manifest | None
    """What the pack says of itself; None if it cannot be read."""
    case: Case | None
    """Its case; None if it cannot be read."""

    @property
    def holds(self) -> bool:
        """Whether nothing was found to be wrong."""
        return all(check.outcome != "does not hold" for check in self.checks)


def verify_evidence_pack(
    content: bytes, *, trusted: Sequence[PublicKey] = (), ledger_key: PublicKey | None = None
) -> PackVerdict:
    """Verify a pack, to the last byte.

    Args:
        content: The whole file.
        trusted: Keys of whoever may have made it. If there are any, one of them must have.
        ledger_key: Key of the ledger that its decisions are in.

    Returns:
        What holds and what does not; never an error, whatever the file is.
    """
    archive = read_archive(content)
    checks = [_check("archive", archive.faults, f"{len(content):,} bytes, each as it was written")]
    files = {member.name: member.content for member in archive.members}
    manifest, fault = _read_manifest(files.get(MANIFEST))
    if manifest is None:
        checks.append(_check(MANIFEST, [fault], ""))
        return PackVerdict(checks=tuple(checks), manifest=None, case=None)
    checks.append(Check(what=MANIFEST, outcome="holds", said=f"names {len(manifest.files)} files"))
    names = [member.name for member in archive.members]
    checks += [*_files(names, files, manifest), _signature(files, trusted)]
    case, fault = _read_case(files, manifest)
    if case is None:
        checks.append(_check("case", [fault], ""))
    else:
        checks.append(_check("case", _case_faults(case, manifest), _case_words(case, manifest)))
        words = "bits add up to the chances, chances make the bands"
        checks.append(_check(FIGURES, figure_faults(case), words))
        checks.append(_derived(case, files, manifest))
        if EXCHANGES in files:
            words = "as many of each account as the case says"
            checks.append(_check("exchanges", exchange_faults(case, files[EXCHANGES]), words))
        probes, faults = probe_faults(files, case, manifest.case.whole_sha256)
        if probes:
            words = "on suspect models; they fit the case, and their findings the chances"
            checks.append(_check("probes", faults, f"{probes} {words}"))
    checks.append(_ledger(files, manifest, ledger_key))
    return PackVerdict(checks=tuple(checks), manifest=manifest, case=case)


def _check(what: str, faults: Sequence[str], words: str) -> Check:
    if not faults:
        return Check(what=what, outcome="holds", said=words)
    more = f"; {len(faults) - _SAID:,} more" if len(faults) > _SAID else ""
    return Check(what=what, outcome="does not hold", said="; ".join(faults[:_SAID]) + more)


def _read_manifest(content: bytes | None) -> tuple[Manifest | None, str]:
    if content is None:
        return None, "it is not there"
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
        if manifest.schema != PACK_SCHEMA:
            return None, f"its schema is not {PACK_SCHEMA}"
        if spelled(manifest) != content:
            return None, "it is not in its one spelling"
    except (msgspec.DecodeError, ValueError, RecursionError, CauteryError) as error:
        return None, f"it cannot be read: {str(error)[:200]}"
    return manifest, ""


def _files(names: Sequence[str], files: dict[str, bytes], manifest: Manifest) -> list[Check]:
    """Compare every file with the manifest; name those that are missing, or too many."""
    checks = []
    for packed in manifest.files:
        content = files.get(packed.name)
        faults = []
        if content is None:
            faults = ["it is not there"]
        elif (digest(content), len(content)) != (packed.sha256, packed.bytes):
            faults = ["it is not what the manifest says: it was changed"]
        checks.append(_check(packed.name, faults, f"{packed.bytes:,} bytes, {packed.sha256[:16]}"))
    known = [packed.name for packed in manifest.files]
    if len(set(known)) != len(known):
        checks.append(_check(MANIFEST, ["the manifest names a file twice"], ""))
    for name in dict.fromkeys(names):
        if name not in {*known, MANIFEST, SIGNATURE}:
            checks.append(_check(name, ["the manifest does not name it: it was added"], ""))
    order = [*known, MANIFEST, *([SIGNATURE] if SIGNATURE in files else [])]
    if not any(check.outcome == "does not hold" for check in checks) and list(names) != order:
        checks.append(_check(MANIFEST, ["the files are not in the manifest's order"], ""))
    return checks


def _signature(files: dict[str, bytes], trusted: Sequence[PublicKey]) -> Check:
    content = files.get(SIGNATURE)
    if content is None:
        words = "nobody signed this pack: it is whole, and whoever made it is not known"
        return Check(what="signature", outcome="does not hold" if trusted else "absent", said=words)
    try:
        claimed = _claimed_key(content)
        key = next((one for one in trusted if one == claimed), claimed)
        payload = unseal(content, PAYLOAD_TYPE, key)
        if payload != statement_of(files[MANIFEST], key):
            raise LedgerError("it is not about these files")
    except (CauteryError, msgspec.MsgspecError, ValueError, RecursionError) as error:
        return Check(what="signature", outcome="does not hold", said=str(error)[:200])
    who = f"{key.name}, key {key.fingerprint}"
    if trusted and key not in trusted:
        words = f"signed by {who}, which is not trusted"
        return Check(what="signature", outcome="does not hold", said=words)
    if not trusted:
        words = f"signed by {who}; compare it with the key that you were given: --trusted-key"
        return Check(what="signature", outcome="not checked", said=words)
    return Check(what="signature", outcome="holds", said=f"signed by {who}")


def _claimed_key(content: bytes) -> PublicKey:
    """Read the key that a signature names; nothing is proved by that."""
    envelope = msgspec.json.decode(content, type=Envelope)
    payload = strict_base64(envelope.payload)
    if payload is None:
        raise LedgerError("the envelope holds something that is not base64")
    return read_public_key(
        msgspec.json.decode(payload, type=PackStatement).predicate.signer.public_key
    )


def _read_case(files: dict[str, bytes], manifest: Manifest) -> tuple[Case | None, str]:
    missing = [name for name in (CASE, "accounts.csv") if name not in files]
    if missing or manifest.case.sha256 != digest(files[CASE]):
        return None, f"{missing[0]} is not there" if missing else "case.json is another one"
    try:
        case = parse_case(files[CASE], CASE)
        return replace(case, accounts=parse_accounts(files["accounts.csv"], "accounts.csv")), ""
    except CauteryError as error:
        return None, str(error)[:300]


def _case_words(case: Case, manifest: Manifest) -> str:
    groups = len(case.campaigns) + len(case.permitted_groups)
    cut = f"an excerpt of case {manifest.case.whole_sha256[:16]}, " if _is_cut(manifest) else ""
    return f"{cut}{groups:,} groups, {len(case.accounts):,} accounts"


def _is_cut(manifest: Manifest) -> bool:
    return bool(manifest.case.campaign_id)


def _case_faults(case: Case, manifest: Manifest) -> list[str]:
    """What the manifest says of the case, and the list of accounts, against the case itself."""
    faults = []
    if packed_inputs(case) != manifest.inputs:
        faults.append("the manifest names other logs")
    told, tool = manifest.tool, case.tool
    if (told.name, told.case_version, told.weights_version, told.calibration) != (
        tool.name,
        tool.version,
        tool.weights_version,
        tool.calibration,
    ) or (manifest.case.schema, manifest.case.from_time, manifest.case.to_time) != (
        case.schema,
        case.input.from_time,
        case.input.to_time,
    ):
        faults.append("the manifest names another version or time")
    ids = [group.campaign_id for group in (*case.campaigns, *case.permitted_groups)]
    if _is_cut(manifest) and ids != [manifest.case.campaign_id]:
        faults.append("it is no excerpt of the campaign that the manifest names")
    if not _is_cut(manifest) and manifest.case.sha256 != manifest.case.whole_sha256:
        faults.append("the manifest names another case")
    listed = {account.account_id: account for account in case.accounts}
    for group in (*case.campaigns, *case.permitted_groups):
        for member in group.members:
            row = listed.get(member.account_id)
            if row is None or (row.campaign_id, row.probability, row.band) != (
                group.campaign_id,
                member.probability,
                member.band,
            ):
                faults.append(f"accounts.csv and case.json differ about {member.account_id[:80]}")
    return faults


def _derived(case: Case, files: dict[str, bytes], manifest: Manifest) -> Check:
    """Write again what follows from the case, if this is the version that wrote it."""
    what = DERIVED
    if manifest.tool.pack_version != __version__:
        words = f"cautery {manifest.tool.pack_version} made them, this is {__version__}"
        return Check(what=what, outcome="not checked", said=words)
    packed = [file.name for file in manifest.files]
    try:
        written = [
            readme([name for name in packed if name != "readme.txt"], manifest.case.campaign_id),
            *case_files(case, manifest.case.campaign_id),
        ]
    except (KeyError, ValueError, CauteryError):
        return Check(what=what, outcome="does not hold", said="they cannot be made from this case")
    other = [one.name for one in written if files.get(one.name) != one.content]
    if other == [PAGE]:
        words = f"{PAGE} is not what this installation writes, with its libraries; the case decides"
        return Check(what=what, outcome="not checked", said=words)
    faults = [f"{name} does not follow from the case" for name in other]
    return _check(what, faults, f"{len(written)} files follow from the case")


def _ledger(files: dict[str, bytes], manifest: Manifest, key: PublicKey | None) -> Check:
    what, content, stated = "ledger", files.get(LEDGER), manifest.ledger
    if content is None or stated is None:
        if content is None and stated is None:
            return Check(what=what, outcome="absent", said="no decisions of a ledger are in it")
        fault = "the manifest and the pack differ about it"
        return Check(what=what, outcome="does not hold", said=fault)
    if key is None:
        words = f"{stated.records:,} decisions of {stated.origin}; give its key: --ledger-key"
        return Check(what=what, outcome="not checked", said=words)
    try:
        found = verify_statement(content, key)
        if faults := recorded_faults(files, found.records):
            return _check(what, faults, "")
    except (CauteryError, msgspec.DecodeError, RecursionError) as error:
        return Check(what=what, outcome="does not hold", said=str(error)[:300])
    tree = found.checkpoint
    if (tree.origin, tree.size, len(found.records)) != (
        stated.origin,
        stated.size,
        stated.records,
    ):
        return Check(what=what, outcome="does not hold", said="the manifest names other records")
    words = f"{len(found.records):,} of the {tree.size:,} records of {tree.origin} are proved"
    left = f"; {stated.left_out:,} more were too many" if stated.left_out else ""
    return Check(what=what, outcome="holds", said=words + left)
