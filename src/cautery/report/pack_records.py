"""What an evidence pack says of itself: the manifest, and the statement that is signed.

The published schema is ``report/schemas/pack-1.schema.json``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from cautery.ledger.evidence import Digest, Subject

PACK_SCHEMA: Final = "cautery.pack/1"
PREDICATE_TYPE: Final = "urn:cautery:predicate:evidence-pack:1"
"""A name, not an address: nothing is fetched."""
SCHEMA_PATH: Final = Path(__file__).parent / "schemas" / "pack-1.schema.json"
"""JSON Schema of the manifest and the statement."""
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "signature.json"
CASE: Final = "case.json"
LEDGER: Final = "ledger.json"


class PackedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of the pack."""

    name: str
    """Its name."""
    bytes: int
    """Its size."""
    sha256: str
    """Its hash, in hexadecimal digits."""
    what: str
    """What it is, in words."""


class PackedTool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who made the case, and the pack."""

    name: str
    """Always *cautery*."""
    case_version: str
    """Version that made the case."""
    pack_version: str
    """Version that made the pack."""
    weights_version: str
    """Version of the table of weights that the case follows."""
    calibration: str
    """What its chances are calibrated on, in words."""


class PackedCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which case it is."""

    schema: str
    """Schema of ``case.json``."""
    sha256: str
    """Hash of ``case.json`` as it is in the pack."""
    whole_sha256: str
    """Hash of the ``case.json`` that the scan wrote; the same unless this is an excerpt."""
    campaign_id: str
    """The campaign that was cut out; empty if the whole case is in the pack."""
    from_time: str
    """Start of the log's first exchange."""
    to_time: str
    """Start of its last exchange."""


class PackedInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A log that the scan read; it is not in the pack."""

    name: str
    """Path as given to the scan."""
    sha256: str
    """Its hash, in hexadecimal digits."""
    bytes: int
    """Its size."""
    records: int
    """Records in it, read and rejected."""
    format: str
    """Name of its format."""


class PackedConfiguration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that the scan was told to use, beside its logs; it is not in the pack."""

    name: str
    """Name of the file, without its folder."""
    sha256: str
    """Its hash, in hexadecimal digits."""
    bytes: int
    """Its size."""


class PackedPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The policy set under which accounts are dealt with."""

    version: str
    """SHA-256 of the policy set: what decisions name as ``policy_version``."""
    rules_sha256: str
    """SHA-256 of its rules alone."""
    packs: tuple[str, ...]
    """Its packs."""
    lists: tuple[str, ...]
    """Its lists, with their dates and sources."""
    modes: dict[str, str]
    """Mode of each rule: off, shadow or enforce."""


class PackedLedger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Records of a ledger that are proved in ``ledger.json``."""

    origin: str
    """The ledger's name."""
    size: int
    """Records of the tree that the proofs lead to."""
    records: int
    """Records that are proved."""
    left_out: int
    """Records about the campaigns that were too many; the newest are kept."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in a pack; the same case gives the same manifest."""

    schema: str
    """``cautery.pack/1``."""
    tool: PackedTool
    """Who made it."""
    case: PackedCase
    """Which case it is."""
    inputs: tuple[PackedInput, ...]
    """The logs that the scan read."""
    policy: PackedPolicy | None
    """The policy set; null if none was given."""
    ledger: PackedLedger | None
    """What is proved from a ledger; null if there is nothing."""
    configuration: tuple[PackedConfiguration, ...] | msgspec.UnsetType = msgspec.UNSET
    """Files that the scan was told to use; left out if none was named."""
    files: tuple[PackedFile, ...]
    """Every file of the pack but the manifest itself and the signature, in their order."""


class Signer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who signed."""

    name: str
    """Name of the key."""
    public_key: str
    """The key, for finding the right one; a verifier takes it from elsewhere."""
    fingerprint: str
    """SHA-256 of the key's text: what people compare."""


class PackPredicate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of the files."""

    schema: str
    """``cautery.pack/1``."""
    case_sha256: str
    """Hash of the ``case.json`` that the scan wrote."""
    campaign_id: str
    """The campaign that was cut out; empty for the whole case."""
    signer: Signer
    """Who says so."""


class PackStatement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An in-toto statement, version 1."""

    type: str = msgspec.field(name="_type")
    """``https://in-toto.io/Statement/v1``."""
    subject: tuple[Subject, ...]
    """Every file of the pack but the signature, the manifest first."""
    predicate_type: str = msgspec.field(name="predicateType")
    """``urn:cautery:predicate:evidence-pack:1``."""
    predicate: PackPredicate
    """What is said of them."""


def subject_of(name: str, sha256: str) -> Subject:
    """Name a file with its hash."""
    return Subject(name=name, digest=Digest(sha256=sha256))
