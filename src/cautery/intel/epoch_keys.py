"""Epoch keys of a sharing group: secrets by which members key what they compare.

A file ``cautery.sharing-keys/1`` is for its owner only and reaches other members by a way that
nobody else reads. Each epoch has a key of its own, drawn at random: a key that was destroyed can
open nothing that it keyed, and a key that was lost opens one epoch and no other.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from cautery.errors import ConfigurationError, NoInputError, OutputError
from cautery.ledger.durable_files import output_errors, write_durably
from cautery.plain_files import open_plain
from cautery.records.key import Secret

KEYS_SCHEMA: Final = "cautery.sharing-keys/1"
KEY_BYTES: Final = 32
MOST_KEYS: Final = 200
EPOCH_DAYS: Final = 7
"""A week: long enough to be handed out, short enough to be worth little."""
KEPT_DAYS: Final = 60
"""How long the key of an epoch is kept after its end, as indicators keyed with it live on."""
GROUP_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
KEY_ID: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}/[0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9a-f]{8}")
"""Group, first day, and eight digits of a digest of the key."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MOST_FILE_BYTES: Final = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochKey:
    """The key of one epoch."""

    key_id: str
    """Opaque; the only thing about a key that is ever written beside what it keyed."""
    secret: Secret
    """32 random bytes."""
    valid_from: datetime
    """From when on members key with it; UTC."""
    valid_until: datetime
    """Until when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupKeys:
    """The epoch keys of one sharing group, oldest first."""

    group: str
    """Its name, in lower-case letters, digits, dots and dashes."""
    keys: tuple[EpochKey, ...]
    """At least one."""

    def at(self, moment: datetime) -> EpochKey:
        """Give the key to key with at a time.

        Raises:
            ConfigurationError: No epoch holds it.
        """
        for key in reversed(self.keys):
            if key.valid_from <= moment < key.valid_until:
                return key
        raise ConfigurationError(
            f"the sharing group {self.group} has no epoch key for {moment:%Y-%m-%d}",
            hint="Add one: cautery intel rotate KEYS, and hand the file to the members.",
        )


class _Key(msgspec.Struct, frozen=True):
    key_id: str
    value: str
    valid_from: datetime
    valid_until: datetime


class _File(msgspec.Struct, frozen=True):
    schema: str
    group: str
    keys: list[_Key]


def new_key(group: str, start: datetime, days: int = EPOCH_DAYS) -> EpochKey:
    """Draw the key of an epoch.

    Args:
        group: Name of the sharing group.
        start: When the epoch begins; UTC.
        days: How long it is.

    Returns:
        The key.

    Raises:
        ConfigurationError: The group cannot be called so.
    """
    if GROUP_NAME.fullmatch(group) is None:
        raise ConfigurationError(
            f"a sharing group cannot be called {group[:64]!r}",
            hint="Use lower-case letters, digits, dots and dashes, at most 63.",
        )
    value = secrets.token_bytes(KEY_BYTES)
    return EpochKey(
        key_id=_key_id(group, start, value),
        secret=Secret(value),
        valid_from=start,
        valid_until=start + timedelta(days=days),
    )


def _key_id(group: str, start: datetime, value: bytes) -> str:
    # 256 random bits stand behind the digest, so that it gives nothing away.
    digest = hashlib.sha256(b"cautery sharing key id\0" + value).hexdigest()[:8]
    return f"{group}/{start:%Y-%m-%d}/{digest}"


def write_keys(path: Path, keys: GroupKeys, *, new: bool) -> None:
    """Write a key file for its owner only.

    Args:
        path: The file.
        keys: The keys.
        new: Whether it must not be there yet.

    Raises:
        OutputError: It is there, or cannot be written.
    """
    if new and os.path.lexists(path):
        raise OutputError("there is such a file, and keys are not overwritten", where=str(path))
    rows = [
        _Key(key.key_id, key.secret.reveal().hex(), key.valid_from, key.valid_until)
        for key in keys.keys
    ]
    content = msgspec.json.encode(_File(KEYS_SCHEMA, keys.group, rows))
    with output_errors(path):
        write_durably(path, msgspec.json.format(content, indent=1) + b"\n", mode=0o600)


def load_keys(path: Path) -> GroupKeys:
    """Read a key file.

    Args:
        path: The file; nobody but its owner may read it.

    Returns:
        The keys, oldest first.

    Raises:
        NoInputError: It cannot be read.
        ConfigurationError: Others may read it, or it is not as it must be; no value is shown.
    """
    try:
        with open_plain(path) as stream:
            others = os.fstat(stream.fileno()).st_mode & _OTHERS
            content = stream.read(_MOST_FILE_BYTES + 1)
    except OSError as error:
        raise NoInputError(
            f"cannot be read: {error.strerror}",
            where=str(path),
            hint="Begin one: cautery intel init KEYS --group NAME.",
        ) from error
    if others:
        raise ConfigurationError(
            "others than its owner may read these keys",
            where=str(path),
            hint=f"Run: chmod 600 {path}",
        )
    try:
        file = msgspec.json.decode(content[:_MOST_FILE_BYTES], type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # From None: the cause may quote a value.
        raise _fault(path, "this is no whole file of sharing keys") from None
    return _checked(path, file)


def _checked(path: Path, file: _File) -> GroupKeys:
    if file.schema != KEYS_SCHEMA:
        raise _fault(path, f"its schema is not {KEYS_SCHEMA}")
    if GROUP_NAME.fullmatch(file.group) is None:
        raise _fault(path, "group: is no name of a sharing group")
    if not 0 < len(file.keys) <= MOST_KEYS:
        raise _fault(path, f"keys: there must be between 1 and {MOST_KEYS}")
    keys = [_key(path, file.group, place, row) for place, row in enumerate(file.keys)]
    if len({key.key_id for key in keys}) < len(keys):
        raise _fault(path, "keys: one of them is there twice")
    return GroupKeys(group=file.group, keys=tuple(sorted(keys, key=_start)))


def _key(path: Path, group: str, place: int, row: _Key) -> EpochKey:
    try:
        value = bytes.fromhex(row.value)
    except ValueError:
        value = b""
    if len(value) != KEY_BYTES or len(set(value)) == 1:
        raise _fault(path, f"keys[{place}].value: must be {KEY_BYTES} random bytes, as hexadecimal")
    if row.valid_from.tzinfo is None or row.valid_until.tzinfo is None:
        raise _fault(path, f"keys[{place}]: times must name their zone, like 2026-11-30T00:00:00Z")
    start, end = row.valid_from.astimezone(UTC), row.valid_until.astimezone(UTC)
    if start >= end:
        raise _fault(path, f"keys[{place}]: it ends before it begins")
    if row.key_id != _key_id(group, start, value):
        raise _fault(path, f"keys[{place}].key_id: does not belong to this key")
    return EpochKey(key_id=row.key_id, secret=Secret(value), valid_from=start, valid_until=end)


def _start(key: EpochKey) -> datetime:
    return key.valid_from


def _fault(path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(what, where=str(path), hint="Ask whoever keeps the group's keys.")


def begin_group(group: str, now: datetime) -> GroupKeys:
    """Draw the first key of a group, for the week of a time.

    Args:
        group: Its name.
        now: The time; UTC.

    Returns:
        The keys.
    """
    return GroupKeys(group=group, keys=(new_key(group, week_of(now)),))


def rotated(keys: GroupKeys, now: datetime) -> tuple[GroupKeys, Sequence[str]]:
    """Add the epoch after the last one, and drop keys that ended long ago.

    Args:
        keys: The group's keys.
        now: The time; UTC.

    Returns:
        The new keys, and identifiers of those that were dropped.
    """
    start = max(keys.keys[-1].valid_until, week_of(now))
    kept = [key for key in keys.keys if key.valid_until + timedelta(days=KEPT_DAYS) > now]
    dropped = [key.key_id for key in keys.keys if key not in kept]
    return GroupKeys(group=keys.group, keys=(*kept, new_key(keys.group, start))), dropped


def week_of(moment: datetime) -> datetime:
    """Give the Monday, midnight UTC, on or before a time.

    Example:
        >>> week_of(datetime(2026, 11, 29, 9, tzinfo=UTC)).isoformat()
        '2026-11-23T00:00:00+00:00'
    """
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())
