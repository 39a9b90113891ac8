"""What an evidence pack holds: an in-toto statement about records of a ledger.

The published schema is ``ledger/schemas/evidence-1.schema.json``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:cautery:predicate:ledger-evidence:1"
"""A name, not an address: nothing is fetched."""
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
EVIDENCE_SCHEMA: Final = "cautery.evidence/1"
SCHEMA_PATH: Final = Path(__file__).parent / "schemas" / "evidence-1.schema.json"
"""JSON Schema of the statement."""
KEPT_STATE: Final = "kept"
ERASED_STATE: Final = "erased"


class Digest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Digests of a subject."""

    sha256: str
    """Hash of the record's leaf, in hexadecimal digits."""


class Subject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a statement is about."""

    name: str
    """Log's origin, a slash, and the record's position."""
    digest: Digest
    """Its leaf."""


class LogIdentity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose log it is."""

    origin: str
    """Its name."""
    public_key: str
    """Its key, for finding the right one; a verifier takes the key from elsewhere."""
    fingerprint: str
    """SHA-256 of the key's text: what people compare."""


class ProvedRecord(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A record, and the proof that it is in the tree."""

    position: int
    """Its place in the log."""
    state: str
    """``kept`` or ``erased``."""
    entry: str
    """The log's entry: the commitment to the record; base64."""
    path: tuple[str, ...]
    """Inclusion proof (RFC 6962, section 2.1.1); base64."""
    salt: str = ""
    """The commitment's salt, base64; empty if erased."""
    kind: str = ""
    """What it is; empty if erased."""
    written_at: str = ""
    """When, by the writer's clock; empty if erased."""
    record: dict[str, Any] | None = None
    """What was written; none if erased."""


class Predicate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The evidence."""

    schema: str
    """``cautery.evidence/1``."""
    made_at: str
    """When the pack was made; UTC."""
    log: LogIdentity
    """Whose log it is."""
    checkpoint: str
    """The signed checkpoint, with whatever cosignatures there are."""
    stamps: tuple[str, ...]
    """Time stamps of the checkpoint (RFC 3161); base64."""
    records: tuple[ProvedRecord, ...]
    """Records; one that was erased is followed by the record that tells of it."""


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An in-toto statement, version 1."""

    type: str = msgspec.field(name="_type")
    """``https://in-toto.io/Statement/v1``."""
    subject: tuple[Subject, ...]
    """Leaves of the records, in the predicate's order."""
    predicate_type: str = msgspec.field(name="predicateType")
    """``urn:cautery:predicate:ledger-evidence:1``."""
    predicate: Predicate
    """The evidence."""
