"""Writes a snapshot of verdicts and account facts, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cautery.errors import InputError, OutputError
from cautery.guard import snapshot_format as layout
from cautery.records.key import Secret
from cautery.records.request import VERIFICATIONS
from cautery.records.standing import AccountFacts, CampaignStanding

_MICROSECOND: Final = timedelta(microseconds=1)
_LEAST_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """What is published of one account."""

    account_id: str
    """The account."""
    account: AccountFacts | None
    """What the account table says, none if it does not have the account."""
    campaign: CampaignStanding | None
    """What the scan says, none if no campaign holds the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotContents:
    """All that goes into a snapshot."""

    rows: Iterable[SnapshotRow]
    """Accounts, each once."""
    created_at: datetime
    """When it is published; UTC."""
    case_id: str = ""
    """SHA-256 of ``case.json`` in hexadecimal digits, empty without a case."""
    has_account_table: bool = False
    """Whether an account without a row is unknown, rather than of no campaign."""
    watermark_key_ids: Mapping[str, str] = field(default_factory=dict)
    """Opaque identifier of each campaign's key."""


def write_snapshot(
    path: Path,
    contents: SnapshotContents,
    *,
    key: Secret | None = None,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> int:
    """Write a snapshot beside its place, flush it to disk, and rename it there.

    Guards that have the old file mapped keep it until they open the new one; nobody ever sees half
    of either.

    Args:
        path: The file.
        contents: What goes into it.
        key: Seals it, so that only who has the key can make one; at least 32 bytes.
        random_bytes: Gives the salt.

    Returns:
        Accounts in it.

    Raises:
        InputError: An account stands there twice, or a column has too many different texts.
        OutputError: The file cannot be written.
    """
    if key is not None and len(key) < _LEAST_KEY_BYTES:
        raise InputError(f"the key of a snapshot has at least {_LEAST_KEY_BYTES} bytes")
    builder = _Builder(random_bytes(layout.SALT_BYTES), contents.watermark_key_ids)
    for row in contents.rows:
        builder.add(row)
    _write_whole(Path(path), builder.sections(contents, key))
    return builder.count


class _Builder:
    """Collects rows, heap and tables."""

    def __init__(self, salt: bytes, key_ids: Mapping[str, str]) -> None:
        self._salt = salt
        self._digest = layout.digest_of(salt)
        self._key_ids = key_ids
        self._rows = bytearray()
        self._heap = bytearray()
        self._digests = array("Q")
        self._seen: set[bytes] = set()
        self._organisations: dict[str, tuple[int, int]] = {}
        self._campaigns: dict[str, int] = {}
        self._texts: dict[str, int] = {"": 0}

    @property
    def count(self) -> int:
        return len(self._digests)

    def add(self, row: SnapshotRow) -> None:
        identifier = layout.encoded_id(row.account_id)
        if not identifier or identifier in self._seen:
            what = "stands there twice" if identifier else "has no identifier"
            raise InputError(f"an account {what}", where=row.account_id[:80])
        self._seen.add(identifier)
        digest = self._digest.copy()
        digest.update(identifier)
        self._digests.append(int.from_bytes(digest.digest(), "little"))
        place = self._store(identifier)
        account = row.account or AccountFacts(account_id=row.account_id)
        campaign = row.campaign
        organisation = self._organisation(account.org_id)
        until = account.permitted_until
        self._rows += layout.ROW.pack(
            place,
            organisation[0],
            len(identifier),
            organisation[1],
            self._campaign(campaign),
            campaign.probability if campaign else 0.0,
            layout.NO_END if until is None else (until - _EPOCH) // _MICROSECOND,
            self._text(account.declared_country),
            self._text(account.billing_country),
            self._text(account.status),
            self._text(account.program),
            self._text(account.permitted_use),
            self._text(campaign.permitted_use if campaign else ""),
            min(max(account.restricted_ownership_basis_points, 0), 10_000),
            VERIFICATIONS.index(account.verification),
            _bits(row),
        )

    def sections(self, contents: SnapshotContents, key: Secret | None) -> list[bytes | bytearray]:
        index = _index(self._digests)
        campaigns = tuple(
            layout.CampaignEntry(
                campaign_id=campaign_id, watermark_key_id=self._key_ids.get(campaign_id, "")
            )
            for campaign_id in self._campaigns
        )
        tables = layout.encode_tables(layout.Tables(campaigns=campaigns, texts=tuple(self._texts)))
        body: list[bytes | bytearray] = [index, self._rows, tables, self._heap]
        flags = layout.SEALED_WITH_KEY * (key is not None)
        flags |= layout.HAS_ACCOUNT_TABLE * contents.has_account_table
        head = layout.HEADER.pack(
            layout.MAGIC,
            layout.VERSION,
            flags,
            contents.created_at.timestamp(),
            self.count,
            len(index) // layout.SLOT_BYTES,
            *(len(part) for part in body),
            self._salt,
            bytes.fromhex(contents.case_id or "00" * 32),
            bytes(layout.SEAL_BYTES),
        )[: -layout.SEAL_BYTES]
        seal = layout.seal_of([head, *(memoryview(part) for part in body)], key)
        return [head, seal, *body]

    def _store(self, content: bytes) -> int:
        place = len(self._heap)
        self._heap += content
        return place

    def _organisation(self, org_id: str) -> tuple[int, int]:
        found = self._organisations.get(org_id)
        if found is None:
            content = layout.encoded_id(org_id)
            found = self._organisations[org_id] = (self._store(content), len(content))
        return found

    def _campaign(self, campaign: CampaignStanding | None) -> int:
        if campaign is None:
            return 0
        return 1 + self._campaigns.setdefault(campaign.campaign_id, len(self._campaigns))

    def _text(self, text: str) -> int:
        number = self._texts.setdefault(text, len(self._texts))
        if number > layout.MOST_TEXTS:
            raise InputError(
                f"more than {layout.MOST_TEXTS:,} different countries, programmes and uses",
                hint="Look at the account table: one of its columns holds something else.",
            )
        return number


_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _bits(row: SnapshotRow) -> int:
    bits = layout.ROW_IN_TABLE * (row.account is not None)
    if row.account is not None:
        bits |= layout.ROW_RESALE_ATTESTED * row.account.resale_attested
        bits |= layout.ROW_OWNERSHIP_KNOWN * (row.account.ownership == "known")
    if row.campaign is not None:
        bits |= layout.BANDS.index(row.campaign.band) << layout.ROW_BAND_SHIFT
    return bits


def _index(digests: array[int]) -> bytes:
    """Build the hash table; with a keyed digest and half of it empty, chains stay short."""
    slots = 1 << max(4, (2 * len(digests)).bit_length())
    mask = slots - 1
    table = array("Q", bytes(layout.SLOT_BYTES * slots))
    for row, digest in enumerate(digests, start=1):
        slot = digest & mask
        while table[slot]:
            slot = (slot + 1) & mask
        table[slot] = (digest >> 32) << 32 | row
    return table.tobytes()


def _write_whole(path: Path, parts: list[bytes | bytearray]) -> None:
    partial: Path | None = None
    try:
        if path.exists() and not path.is_file():
            # A device such as /dev/null would be replaced, if this is root.
            raise FileExistsError(errno.EEXIST, "what is there is no file")
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        partial = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            stream.writelines(parts)
            stream.flush()
            # Guards often run under an account of their own, in the group of who publishes.
            os.fchmod(stream.fileno(), 0o640)
            os.fsync(stream.fileno())
        partial.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise OutputError(
            f"the snapshot cannot be written: {error.strerror}",
            where=str(path),
            hint="Name another place with -o, or make room.",
        ) from error
    finally:
        if partial is not None:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
