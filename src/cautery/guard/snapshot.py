"""A snapshot of verdicts, mapped into memory and shared by every guard of the machine."""

from __future__ import annotations

import hmac
import mmap
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from cautery.errors import MalformedFileError, NoInputError
from cautery.guard import snapshot_format as layout
from cautery.plain_files import open_plain
from cautery.records.key import Secret
from cautery.records.request import VERIFICATIONS
from cautery.records.standing import AccountFacts, CampaignStanding

MOST_CACHED: Final = 32_768
"""Accounts whose records are kept made, in each of two generations: some 20 MB a generation."""

_PUBLISH: Final = "Publish it again with cautery guard publish."
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CHUNK_BYTES: Final = 1 << 22
_MOST_MICROSECONDS: Final = 250_000_000_000_000_000
"""About the year 9900: dates are made without overflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a snapshot holds of an account."""

    account: AccountFacts | None
    """What the account table says, none if it does not have the account."""
    campaign: CampaignStanding | None
    """What the scan says, none if no campaign holds the account."""


class Snapshot:
    """A snapshot file, checked and mapped.

    The file must never be written in place: who publishes renames a new one over it.

    Args:
        path: The file.
        key: Key that must have sealed it; none if a checksum is enough.

    Raises:
        NoInputError: It is not there.
        MalformedFileError: It is torn, corrupt, of another version, or sealed otherwise.
    """

    def __init__(self, path: Path, key: Secret | None = None) -> None:
        self._where = str(path)
        self._map = _mapped(Path(path))
        header = self._header(key is not None)
        (_, _, flags, self.created_seconds, count, slots, *sizes, salt, case_id, seal) = header
        starts = [layout.HEADER.size + sum(sizes[:place]) for place in range(4)]
        if starts[3] + sizes[3] != len(self._map):
            raise self._malformed("it is cut off, or longer than it says")
        self._check_seal(seal, key)
        self.case_id = case_id.hex() if any(case_id) else ""
        """SHA-256 of the ``case.json`` that it was made from, empty without one."""
        self.accounts = int(count)
        """Accounts in it."""
        self.has_account_table = bool(flags & layout.HAS_ACCOUNT_TABLE)
        """Whether an account that is not in it is unknown."""
        index, rows = memoryview(self._map)[starts[0] : starts[1]], starts[1]
        self._index = index.cast("Q")
        self._mask = len(self._index) - 1
        self._rows, self._heap = rows, starts[3]
        self._digest = layout.digest_of(salt)
        self._tables = self._read_tables(starts[2], sizes[2])
        self._keys = {one.campaign_id: one.watermark_key_id for one in self._tables.campaigns}
        self._check_rows(count, slots, sizes)
        self._made: dict[str, Standing] = {}
        self._made_before: dict[str, Standing] = {}

    def find(self, account_id: str) -> Standing | None:
        """Look an account up.

        Args:
            account_id: The account; any text.

        Returns:
            What is known of it, none if it is not in the snapshot.
        """
        made = self._made.get(account_id)
        if made is not None:
            return made
        made = self._made_before.get(account_id)
        if made is None:
            row = self.locate(layout.encoded_id(account_id))
            if row is None:
                # Not remembered: whoever sends random identifiers must not crowd out customers.
                return None
            made = self._make(account_id, row)
        if len(self._made) >= MOST_CACHED:
            self._made_before, self._made = self._made, {}
        self._made[account_id] = made
        return made

    def key_of(self, campaign_id: str) -> str:
        """Give the key that marks what a campaign gets.

        Args:
            campaign_id: The campaign.

        Returns:
            Opaque identifier of the key, empty if none was published.
        """
        return self._keys.get(campaign_id, "")

    def locate(self, identifier: bytes) -> tuple[int | float, ...] | None:
        """Find an account's row by its identifier.

        Args:
            identifier: As ``snapshot_format.encoded_id`` writes it.

        Returns:
            The fields of ``snapshot_format.ROW``, none if it is not in the snapshot.
        """
        hasher = self._digest.copy()
        hasher.update(identifier)
        digest = int.from_bytes(hasher.digest(), "little")
        index, mask, fingerprint = self._index, self._mask, digest >> 32
        slot = digest & mask
        while entry := index[slot]:
            if entry >> 32 == fingerprint:
                number = (entry & 0xFFFF_FFFF) - 1
                row = layout.ROW.unpack_from(self._map, self._rows + number * layout.ROW.size)
                begin = self._heap + row[0]
                if self._map[begin : begin + row[2]] == identifier:
                    return row
            slot = (slot + 1) & mask
        return None

    def _make(self, account_id: str, row: tuple[int | float, ...]) -> Standing:
        (_, org_place, _, org_size, campaign, probability, until, *numbers) = row
        declared, billing, status, program, use, campaign_use, points, verification, bits = numbers
        texts = self._tables.texts
        begin = self._heap + int(org_place)
        organisation = layout.decoded_id(self._map[begin : begin + int(org_size)])
        account = None
        if int(bits) & layout.ROW_IN_TABLE:
            account = AccountFacts(
                account_id=account_id,
                org_id=organisation,
                verification=VERIFICATIONS[int(verification)],
                declared_country=texts[int(declared)],
                billing_country=texts[int(billing)],
                status=texts[int(status)],
                program=texts[int(program)],
                permitted_use=texts[int(use)],
                permitted_until=_moment(int(until)),
                resale_attested=bool(int(bits) & layout.ROW_RESALE_ATTESTED),
                ownership="known" if int(bits) & layout.ROW_OWNERSHIP_KNOWN else "unknown",
                restricted_ownership_basis_points=int(points),
            )
        if not campaign:
            return Standing(account=account, campaign=None)
        entry = self._tables.campaigns[int(campaign) - 1]
        standing = CampaignStanding(
            campaign_id=entry.campaign_id,
            probability=float(probability),
            band=layout.BANDS[int(bits) >> layout.ROW_BAND_SHIFT],
            permitted_use=texts[int(campaign_use)],
            case_id=self.case_id,
        )
        return Standing(account=account, campaign=standing)

    def _header(self, keyed: bool) -> tuple[Any, ...]:
        if len(self._map) < layout.HEADER.size or self._map[:8] != layout.MAGIC:
            raise self._malformed("this is no snapshot")
        header = layout.HEADER.unpack_from(self._map)
        if header[1] != layout.VERSION or sys.byteorder != "little":
            raise self._malformed(f"its version {header[1]} cannot be read here")
        if bool(header[2] & layout.SEALED_WITH_KEY) != keyed:
            how = "without a key" if keyed else "with a key that this guard does not have"
            raise self._malformed(f"it was sealed {how}")
        return header

    def _check_seal(self, seal: bytes, key: Secret | None) -> None:
        view = memoryview(self._map)
        head = layout.HEADER.size - layout.SEAL_BYTES
        begins = range(layout.HEADER.size, len(view), _CHUNK_BYTES)
        parts = (view[begin : begin + _CHUNK_BYTES] for begin in begins)
        if not hmac.compare_digest(layout.seal_of([view[:head], *parts], key), seal):
            raise self._malformed("its seal is broken")

    def _read_tables(self, begin: int, size: int) -> layout.Tables:
        try:
            return layout.decode_tables(self._map[begin : begin + size])
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise self._malformed("its tables are no tables") from error

    def _check_rows(self, count: int, slots: int, sizes: list[int]) -> None:
        """Check every number once, so that a lookup cannot leave the file."""
        whole = sizes[0] == slots * layout.SLOT_BYTES and sizes[1] == count * layout.ROW.size
        if not whole or slots & (slots - 1) or not count < slots:
            raise self._malformed("its sizes contradict each other")
        index = np.frombuffer(self._index, dtype="<u8")
        numbers = index & np.uint64(0xFFFF_FFFF)
        rows = np.frombuffer(self._map, dtype=_ROW_TYPE, count=count, offset=self._rows)
        heap = np.uint64(sizes[3])
        campaigns, texts = len(self._tables.campaigns), len(self._tables.texts)
        sound = (
            bool(np.any(index == 0))
            and bool(np.all(numbers <= count))
            and bool(np.all((numbers > 0) == (index > 0)))
            and all(
                bool(np.all((rows[place] <= heap) & (rows[size] <= heap - rows[place])))
                for place, size in (("id", "id_size"), ("org", "org_size"))
            )
            and bool(np.all(rows["campaign"] <= campaigns))
            and bool(np.all(rows["texts"] < max(1, texts)))
            and bool(np.all(rows["verification"] < len(VERIFICATIONS)))
            and bool(np.all(rows["bits"] < len(layout.BANDS) << layout.ROW_BAND_SHIFT))
        )
        if not sound:
            raise self._malformed("a row points outside the file")

    def _malformed(self, what: str) -> MalformedFileError:
        return MalformedFileError(what, where=self._where, hint=_PUBLISH)


_ROW_TYPE: Final = np.dtype(
    [
        ("id", "<u8"),
        ("org", "<u8"),
        ("id_size", "<u4"),
        ("org_size", "<u4"),
        ("campaign", "<u4"),
        ("probability", "<f8"),
        ("until", "<i8"),
        ("texts", "<u2", (6,)),
        ("points", "<u2"),
        ("verification", "u1"),
        ("bits", "u1"),
    ]
)
"""``snapshot_format.ROW``, for looking at all rows at once."""


def _mapped(path: Path) -> mmap.mmap:
    try:
        with open_plain(path) as stream:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError as error:
        raise NoInputError("there is no snapshot here", where=str(path), hint=_PUBLISH) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise MalformedFileError(
            f"it cannot be mapped: {reason}", where=str(path), hint=_PUBLISH
        ) from error


def _moment(microseconds: int) -> datetime | None:
    if microseconds == layout.NO_END:
        return None
    bounded = max(-_MOST_MICROSECONDS // 5, min(microseconds, _MOST_MICROSECONDS))
    return _EPOCH + timedelta(microseconds=bounded)
