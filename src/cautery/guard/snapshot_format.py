"""The layout of a snapshot file (``cautery.snapshot/1``), for who writes it and who maps it.

All numbers are little-endian. The file is a header and four sections, one after the other::

    header   magic, version, flags, time, sizes, salt, SHA-256 of the case, seal
    index    one 64-bit word a slot: upper half of the account's digest, number of its row + 1
    rows     one fixed record an account
    tables   JSON: campaigns, and texts that many rows share
    heap     account and organisation identifiers, in UTF-8

The index is an open-addressing hash table, at most half full, over a digest that is keyed by the
file's own salt: nobody can choose identifiers that meet. A match is checked against the whole
identifier. The seal is SHA-256, or HMAC-SHA256 under the guards' key, of all other bytes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct
from typing import Final

import msgspec

from cautery.errors import InputError
from cautery.records.campaign import Band
from cautery.records.key import Secret

MAGIC: Final = b"CAUTSNAP"
VERSION: Final = 1
HEADER: Final = Struct("<8sIId6Q16s32s32s")
"""Magic, version, flags, created at (seconds since 1970), accounts, slots, sizes of the sections,
salt, SHA-256 of the case, seal."""
ROW: Final = Struct("<QQIIIdqHHHHHHHBB")
"""Place of identifier and organisation, their lengths, campaign + 1, probability, permitted until
(microseconds since 1970), six shared texts, restricted ownership, verification, bits."""
SLOT_BYTES: Final = 8
SEAL_BYTES: Final = 32
SALT_BYTES: Final = 16
NO_END: Final = -(1 << 63)
"""Stands for a permission without an end."""
MOST_TEXTS: Final = 65_535
MOST_ACCOUNTS: Final = 100_000_000

SEALED_WITH_KEY: Final = 1
HAS_ACCOUNT_TABLE: Final = 2
"""Flags of the header."""

ROW_IN_TABLE: Final = 1
ROW_RESALE_ATTESTED: Final = 2
ROW_OWNERSHIP_KNOWN: Final = 4
ROW_BAND_SHIFT: Final = 3
"""Bits of a row; the band is a number from there on."""

BANDS: Final[tuple[Band, ...]] = ("", "watch", "likely", "very likely")


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignEntry:
    """One campaign in the tables of a snapshot."""

    campaign_id: str
    """The campaign."""
    watermark_key_id: str
    """Opaque identifier of its key, empty if it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What rows refer to by number."""

    campaigns: tuple[CampaignEntry, ...]
    """Campaigns and permitted groups."""
    texts: tuple[str, ...]
    """Countries, programmes, uses and states; the first is empty."""


def encode_tables(tables: Tables) -> bytes:
    """Write the tables section.

    Args:
        tables: The tables.

    Returns:
        JSON.

    Raises:
        InputError: A text is none (a lone surrogate).
    """
    try:
        return msgspec.json.encode(tables)
    except UnicodeEncodeError as error:
        raise InputError("a campaign or a column of the account table holds no text") from error


def decode_tables(content: bytes) -> Tables:
    """Read the tables section.

    Args:
        content: JSON.

    Returns:
        The tables.

    Raises:
        msgspec.DecodeError: It is something else.
    """
    return msgspec.json.decode(content, type=Tables)


def encoded_id(identifier: str) -> bytes:
    """Write an identifier as it stands in the heap; whatever a log or a client sent has a form.

    Args:
        identifier: Of an account or organisation; hostile text.

    Returns:
        UTF-8, lone surrogates included.
    """
    return identifier.encode("utf-8", "surrogatepass")


def decoded_id(content: bytes) -> str:
    """Read an identifier from the heap.

    Args:
        content: As ``encoded_id`` wrote it; other bytes are replaced.

    Returns:
        The identifier.
    """
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return content.decode("utf-8", "replace")


def digest_of(salt: bytes) -> hashlib.blake2b:
    """Begin the keyed digest of identifiers.

    Args:
        salt: The file's salt.

    Returns:
        A BLAKE2b of 8 bytes; copy it, and give it one identifier.
    """
    return hashlib.blake2b(digest_size=8, key=salt)


def seal_of(parts: Iterable[bytes | memoryview], key: Secret | None) -> bytes:
    """Seal a file.

    Args:
        parts: All its bytes but the seal, in order.
        key: The guards' key, none for a checksum only.

    Returns:
        32 bytes.
    """
    if key is None:
        checksum = hashlib.sha256()
        for part in parts:
            checksum.update(part)
        return checksum.digest()
    code = hmac.new(key.reveal(), digestmod=hashlib.sha256)
    for part in parts:
        code.update(part)
    return code.digest()
