"""The key ring on disk: read whole, written whole or not at all, for its owner's eyes only."""

from __future__ import annotations

import os
import re
import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from cautery.errors import ConfigurationError, OutputError
from cautery.records.key import KeyState, Secret
from cautery.watermark.json_file import JsonFile
from cautery.watermark.key_derivation import SALT_BYTES, epoch_secret, expand
from cautery.watermark.key_ring import Epoch, KeyRing
from cautery.watermark.master_secret import read_master

RING_SCHEMA: Final = "cautery.keyring/1"
_CHECK_BYTES: Final = 8


class _Epoch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    epoch: str
    salt: str
    not_before: datetime
    not_after: datetime
    profile: str
    state: KeyState
    compromised: list[str] = []


class _Ring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: str
    master: str
    master_check: str
    epochs: list[_Epoch]


def new_ring(master_reference: str, master: Secret) -> KeyRing:
    """Begin a ring.

    Args:
        master_reference: Where the master secret is.
        master: The master secret.

    Returns:
        A ring without epochs.
    """
    return KeyRing(master=master_reference, master_check=_check(master))


def new_epoch(name: str, not_before: datetime, not_after: datetime, profile: str) -> Epoch:
    """Make an epoch with random bytes of its own.

    Args:
        name: Its identifier.
        not_before: When its keys begin to mark.
        not_after: When they stop.
        profile: Digest of its profile.

    Returns:
        The epoch.
    """
    return Epoch(
        epoch=name,
        salt=Secret(secrets.token_bytes(SALT_BYTES)),
        not_before=not_before,
        not_after=not_after,
        profile=profile,
    )


def open_epoch(ring: KeyRing, epoch: Epoch) -> Secret:
    """Derive the secret of an epoch from the ring's master secret.

    Args:
        ring: The ring.
        epoch: One of its epochs.

    Returns:
        The epoch's secret.

    Raises:
        ConfigurationError: The epoch is destroyed, or the master secret is another one.
    """
    if not len(epoch.salt):
        raise ConfigurationError(f"the epoch '{epoch.epoch}' is destroyed: nobody has its keys")
    master = read_master(ring.master)
    if _check(master) != ring.master_check:
        raise ConfigurationError(
            "this is not the master secret that the ring began with",
            where="master",
            hint="With another one every key would be another.",
        )
    return epoch_secret(master, epoch.salt, epoch.epoch)


def read_ring(path: Path) -> KeyRing:
    """Read a key ring.

    Args:
        path: A file that ``write_ring`` wrote.

    Returns:
        The ring.

    Raises:
        ConfigurationError: It cannot be read or is damaged; names file, line and field.
    """
    file = JsonFile(path)
    document = file.decode(_Ring, RING_SCHEMA)
    ring = KeyRing(master=document.master, master_check=document.master_check)
    for place, given in enumerate(document.epochs):
        size = 0 if given.state is KeyState.DESTROYED else SALT_BYTES
        if not re.fullmatch(rf"[0-9a-f]{{{2 * size}}}", given.salt):
            raise file.fault(f"epochs[{place}].salt: damaged", ["epochs", place, "salt"])
        times = (given.not_before, given.not_after)
        if any(time.tzinfo is None for time in times):
            raise file.fault(f"epochs[{place}]: times need a zone", ["epochs", place])
        epoch = Epoch(
            epoch=given.epoch,
            salt=Secret(bytes.fromhex(given.salt)),
            not_before=given.not_before,
            not_after=given.not_after,
            profile=given.profile,
            set_state=given.state,
            compromised=tuple(given.compromised),
        )
        try:
            ring = ring.add(epoch)
        except ConfigurationError as error:
            raise file.fault(f"epochs[{place}]: {error.what}", ["epochs", place]) from error
    return ring


def write_ring(path: Path, ring: KeyRing) -> None:
    """Write a key ring in the place of its earlier self.

    Args:
        path: The file.
        ring: The ring.

    Raises:
        OutputError: It cannot be written; the earlier one is still there.
    """
    document = _Ring(
        schema=RING_SCHEMA,
        master=ring.master,
        master_check=ring.master_check,
        epochs=[
            _Epoch(
                epoch=each.epoch,
                salt=each.salt.reveal().hex(),
                not_before=each.not_before,
                not_after=each.not_after,
                profile=each.profile,
                state=each.set_state,
                compromised=list(each.compromised),
            )
            for each in ring.epochs
        ],
    )
    content = msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
    write_for_owner(path, content)


def write_for_owner(path: Path, content: bytes) -> None:
    """Write a file with secrets in it: readable by its owner only, whole or not at all.

    Args:
        path: The file; an earlier one is replaced.
        content: What to write.

    Raises:
        OutputError: It cannot be written; nothing half-written is left.
    """
    new = Path(path).with_name(f".{Path(path).name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise OutputError(f"cannot be written: {error.strerror}", where=str(path)) from error


def _check(master: Secret) -> str:
    return expand(master, _CHECK_BYTES, "check").reveal().hex()
