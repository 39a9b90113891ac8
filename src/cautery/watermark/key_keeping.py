"""What is done with a key ring: every act is written down first, then done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from cautery.errors import ConfigurationError, OutputError
from cautery.records.key import Key, KeyState, Secret
from cautery.watermark.key_audit import KeyUse, audit_path, write_use
from cautery.watermark.key_derivation import Owner, derive_key, expand
from cautery.watermark.key_ring import KeyRing, check_use, moved
from cautery.watermark.key_ring_file import (
    new_epoch,
    new_ring,
    open_epoch,
    read_ring,
    write_ring,
)
from cautery.watermark.master_secret import read_master
from cautery.watermark.profile import Profile

FINGERPRINT_KEY_BYTES: Final = 32
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyKeeper:
    """Keeps one key ring."""

    path: Path
    """The ring's file; the audit is beside it."""
    clock: Clock
    """Gives the time, with a zone."""
    reason: str = ""
    """What the person who asks says, for the audit."""

    def begin(self, master_reference: str) -> KeyRing:
        """Begin a ring under a master secret.

        Args:
            master_reference: Where the secret is, as ``read_master`` takes it.

        Returns:
            The ring, written.

        Raises:
            OutputError: There is a ring already, or it cannot be written.
            ConfigurationError: The master secret cannot be used.
        """
        if self.path.exists():
            raise OutputError(
                "a key ring is never overwritten", where=str(self.path), hint="Name a new file."
            )
        ring = new_ring(master_reference, read_master(master_reference))
        self._note("init")
        write_ring(self.path, ring)
        return ring

    def add_epoch(self, name: str, begin: datetime, end: datetime, profile: Profile) -> KeyRing:
        """Add an epoch; the one of the same profile that marks then stops as it begins.

        Args:
            name: Identifier of the epoch.
            begin: When its keys begin to mark.
            end: When they stop.
            profile: What they are for.

        Returns:
            The ring, written.
        """
        ring = read_ring(self.path).rotate(new_epoch(name, begin, end, profile.digest))
        self._note("epoch", epoch=name)
        write_ring(self.path, ring)
        return ring

    def set_state(self, name: str, state: KeyState, key_id: str = "") -> KeyRing:
        """Move an epoch, or mark one of its keys as compromised.

        Args:
            name: Identifier of the epoch.
            state: The state.
            key_id: One key; only ``compromised`` is said of a single key.

        Returns:
            The ring, written.

        Raises:
            ConfigurationError: There is no such epoch, or the state is not a later one.
        """
        ring = read_ring(self.path)
        epoch = ring.find(name)
        if not key_id:
            changed = moved(epoch, state, self.clock())
        elif state is KeyState.COMPROMISED:
            changed = replace(epoch, compromised=tuple(sorted({*epoch.compromised, key_id})))
        else:
            raise ConfigurationError(f"a single key is never {state}; its epoch is")
        self._note(f"state {state}", epoch=name, key_id=key_id)
        ring = ring.put(changed)
        write_ring(self.path, ring)
        return ring

    def derive(
        self,
        name: str,
        profile: Profile,
        owners: Sequence[tuple[Owner, str]],
        purpose: str = "verify",
    ) -> tuple[Key, ...]:
        """Derive keys of an epoch.

        Args:
            name: Identifier of the epoch.
            profile: The profile that the epoch was made for.
            owners: Whose keys: kind and identifier, the latter empty for the shared key.
            purpose: ``verify``, ``mark`` or ``hand out``; the state must allow it.

        Returns:
            The keys, in the order of the owners.

        Raises:
            ConfigurationError: There is no such epoch, its state forbids it, or the profile is
                another one.
            OutputError: The use cannot be written down.
        """
        ring = read_ring(self.path)
        epoch = ring.find(name)
        check_use(epoch, purpose, self.clock())
        if epoch.profile != profile.digest:
            raise ConfigurationError(
                f"the epoch '{name}' was made for another profile than {profile.name}",
                hint="The same key under two schemes would weaken both: add an epoch for it.",
            )
        secret = open_epoch(ring, epoch)
        self._note(purpose, epoch=name, keys=len(owners))
        return tuple(
            derive_key(
                secret,
                epoch=name,
                scheme=profile.scheme,
                parameters=profile.parameters,
                owner=owner,
                owner_id=owner_id,
            )
            for owner, owner_id in owners
        )

    def fingerprint_key(self, name: str) -> Secret:
        """Derive the key under which an epoch's answers are fingerprinted.

        Args:
            name: Identifier of the epoch.

        Returns:
            32 bytes, of no use in any watermark.

        Raises:
            ConfigurationError: There is no such epoch, or it is destroyed.
            OutputError: The use cannot be written down.
        """
        ring = read_ring(self.path)
        secret = open_epoch(ring, ring.find(name))
        self._note("fingerprint", epoch=name)
        return expand(secret, FINGERPRINT_KEY_BYTES, "fingerprint")

    def _note(self, action: str, *, epoch: str = "", keys: int = 0, key_id: str = "") -> None:
        use = KeyUse(
            time=self.clock(),
            action=action,
            epoch=epoch,
            keys=keys,
            key_id=key_id,
            reason=self.reason,
        )
        write_use(audit_path(self.path), use)
