"""Reads a case, an account table and key identifiers, and writes the snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cautery.errors import ConfigurationError, MalformedFileError
from cautery.guard.account_keys import is_key_id
from cautery.guard.snapshot_writer import SnapshotContents, write_snapshot
from cautery.guard.verdicts import snapshot_rows
from cautery.ingest.side_tables import read_side_table
from cautery.plain_files import open_plain_text
from cautery.records.account import CAMPAIGN_KEY_COLUMNS, GUARD_ACCOUNT_COLUMNS
from cautery.records.key import Secret
from cautery.records.request import VERIFICATIONS
from cautery.records.standing import AccountFacts

_MOST_SECRET_CHARACTERS: Final = 8_192
_LEAST_SECRET_BYTES: Final = 32
_WHOLE_BASIS_POINTS: Final = 10_000
_TRUE: Final = frozenset({"true", "yes", "1"})
_FALSE: Final = frozenset({"false", "no", "0", ""})


def publish_snapshot(
    case_path: Path | None,
    output: Path,
    *,
    accounts: Path | None,
    campaign_keys: Path | None,
    seal_key: Path | None,
) -> str:
    """Write a snapshot.

    Args:
        case_path: Folder of a scan or its ``case.json``; none to publish accounts only.
        output: The snapshot.
        accounts: The account table, none without one.
        campaign_keys: Identifiers of campaigns' keys, none without any.
        seal_key: File with the key that seals it, none for a checksum only.

    Returns:
        What was written, in one sentence.

    Raises:
        CauteryError: An input cannot be read, or the file cannot be written.
    """
    from cautery.report.load import read_case_document

    key = _read_secret(seal_key) if seal_key is not None else None
    case, case_id = read_case_document(case_path) if case_path is not None else (None, "")
    facts = _account_facts(accounts) if accounts is not None else iter(())
    contents = SnapshotContents(
        rows=snapshot_rows(case, case_id, facts),
        created_at=datetime.now(UTC),
        case_id=case_id,
        has_account_table=accounts is not None,
        watermark_key_ids=_key_ids(campaign_keys) if campaign_keys is not None else {},
    )
    count = write_snapshot(output, contents, key=key)
    campaigns = len(case.campaigns) if case is not None else 0
    sealed = "with your key" if key is not None else "with a checksum"
    return f"published {count:,} accounts and {campaigns:,} campaigns to {output}, sealed {sealed}"


def _account_facts(path: Path) -> Iterator[AccountFacts]:
    table = read_side_table(path, GUARD_ACCOUNT_COLUMNS, "account_id")
    for batch in table.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            yield _facts_of(row, str(path))


def _facts_of(row: dict[str, Any], where: str) -> AccountFacts:
    account_id = str(row["account_id"])
    texts = {name: str(value) for name, value in row.items() if isinstance(value, str)}
    ownership = texts.get("ownership", "unknown")
    if ownership not in ("known", "unknown"):
        raise _wrong(account_id, "ownership is known or unknown", where)
    attested = texts.get("resale_attested", "").lower()
    if attested not in _TRUE | _FALSE:
        raise _wrong(account_id, "resale_attested is true or false", where)
    verification = texts.get("verification", "none")
    return AccountFacts(
        account_id=account_id,
        org_id=texts.get("org_id", ""),
        # A word that the ladder does not have shows nothing, so it counts for nothing.
        verification=next((one for one in VERIFICATIONS if one == verification), "none"),
        declared_country=texts.get("country", ""),
        billing_country=texts.get("billing_country", ""),
        status=texts.get("status", "active"),
        program=texts.get("program", ""),
        permitted_use=texts.get("permitted_use", ""),
        permitted_until=row.get("permitted_until"),
        resale_attested=attested in _TRUE,
        ownership="known" if ownership == "known" else "unknown",
        restricted_ownership_basis_points=_basis_points(row, account_id, where),
    )


def _basis_points(row: dict[str, Any], account_id: str, where: str) -> int:
    text = str(row.get("restricted_ownership_basis_points") or "0")
    if not text.isascii() or not text.isdigit() or int(text[:9]) > _WHOLE_BASIS_POINTS:
        raise _wrong(account_id, "restricted_ownership_basis_points is 0 to 10,000", where)
    return int(text)


def _key_ids(path: Path) -> dict[str, str]:
    table = read_side_table(path, CAMPAIGN_KEY_COLUMNS, "campaign_id")
    found: dict[str, str] = {}
    for row in table.to_pylist():
        campaign_id, key_id = str(row["campaign_id"]), str(row["key_id"] or "")
        if key_id and not is_key_id(key_id):
            raise MalformedFileError(
                f"campaign '{campaign_id[:80]}': key_id is 1 to 128 printable characters of ASCII "
                "without blanks and commas",
                where=str(path),
            )
        found[campaign_id] = key_id
    return found


def _read_secret(path: Path) -> Secret:
    try:
        with open_plain_text(path, encoding="ascii") as stream:
            value = bytes.fromhex(stream.read(_MOST_SECRET_CHARACTERS).strip())
    except (OSError, ValueError):
        value = b""
    if len(value) < _LEAST_SECRET_BYTES:
        raise ConfigurationError(
            f"there is no key of at least {_LEAST_SECRET_BYTES} bytes in hexadecimal digits",
            where=str(path),
            hint="Make one: openssl rand -hex 32.",
        )
    return Secret(value)


def _wrong(account_id: str, what: str, where: str) -> MalformedFileError:
    return MalformedFileError(f"account '{account_id[:80]}': {what}", where=where)
