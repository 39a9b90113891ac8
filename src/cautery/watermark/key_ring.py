"""Epochs of keys and their states: what may mark, what only verifies, what is gone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cautery.errors import ConfigurationError
from cautery.records.key import KeyState, Secret

_ORDER: Final = tuple(KeyState)
"""A state is only ever followed by a later one."""
_MARKS: Final = frozenset({KeyState.ACTIVE})
_HANDED_OUT: Final = frozenset({KeyState.PRE_ACTIVE, KeyState.ACTIVE})
_VERIFIES: Final = frozenset({KeyState.ACTIVE, KeyState.VERIFY_ONLY, KeyState.COMPROMISED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One epoch of keys: a time, a profile, and random bytes without which it is gone."""

    epoch: str
    """Identifier."""
    salt: Secret
    """Random bytes of the epoch; empty once it is destroyed."""
    not_before: datetime
    """When its keys begin to mark."""
    not_after: datetime
    """When they stop."""
    profile: str
    """Digest of the profile that the keys are for, hexadecimal SHA-256."""
    set_state: KeyState = KeyState.PRE_ACTIVE
    """The state that a person set; time moves it on from pre-active and active by itself."""
    compromised: tuple[str, ...] = ()
    """Identifiers of single keys that somebody else may have."""

    def state(self, now: datetime) -> KeyState:
        """Say what the epoch's keys may be used for.

        Args:
            now: The time, with a zone.

        Returns:
            The state.
        """
        if _ORDER.index(self.set_state) > _ORDER.index(KeyState.ACTIVE) or now < self.not_before:
            return self.set_state
        return KeyState.ACTIVE if now < self.not_after else KeyState.VERIFY_ONLY

    def state_of(self, key_id: str, now: datetime) -> KeyState:
        """Say what one key of the epoch may be used for.

        Args:
            key_id: Identifier of the key.
            now: The time, with a zone.

        Returns:
            The epoch's state, or compromised where the key is and the epoch is not yet.
        """
        state = self.state(now)
        lost = key_id in self.compromised and state is not KeyState.DESTROYED
        return KeyState.COMPROMISED if lost else state


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """All epochs under one master secret; no key stands in it."""

    master: str
    """Where the master secret is, as ``read_master`` takes it."""
    master_check: str
    """Tells this master secret from another without telling anything about it."""
    epochs: tuple[Epoch, ...] = ()

    def find(self, epoch: str) -> Epoch:
        """Look up an epoch.

        Args:
            epoch: Its identifier.

        Returns:
            The epoch.

        Raises:
            ConfigurationError: There is none of that name.
        """
        for each in self.epochs:
            if each.epoch == epoch:
                return each
        names = ", ".join(each.epoch for each in self.epochs) or "none yet"
        raise ConfigurationError(f"there is no epoch '{epoch}'", hint=f"There are: {names}.")

    def add(self, new: Epoch) -> KeyRing:
        """Add an epoch.

        Args:
            new: The epoch.

        Returns:
            A ring with it.

        Raises:
            ConfigurationError: Its name or its salt is there already, or it ends before it begins.
        """
        if any(each.epoch == new.epoch for each in self.epochs):
            raise ConfigurationError(f"the epoch '{new.epoch}' is there already")
        if any(len(each.salt) and each.salt == new.salt for each in self.epochs):
            raise ConfigurationError("the salt is that of another epoch: keys would be used twice")
        if not new.epoch or not new.not_before < new.not_after:
            raise ConfigurationError("an epoch needs a name, and must begin before it ends")
        return replace(self, epochs=(*self.epochs, new))

    def put(self, changed: Epoch) -> KeyRing:
        """Put an epoch in the place of its earlier self.

        Args:
            changed: The epoch.

        Returns:
            A ring with it.
        """
        self.find(changed.epoch)
        epochs = (changed if each.epoch == changed.epoch else each for each in self.epochs)
        return replace(self, epochs=tuple(epochs))

    def rotate(self, new: Epoch) -> KeyRing:
        """Let a new epoch take over from the one that marks when it begins.

        Args:
            new: The new epoch.

        Returns:
            A ring in which the earlier one stops marking as the new one begins.

        Raises:
            ConfigurationError: As ``add``; or another epoch of the profile begins in its time.
        """
        ring = self.add(new)
        for each in self.epochs:
            if each.profile != new.profile or not each.not_before < new.not_after:
                continue
            if each.not_before >= new.not_before:
                raise ConfigurationError(
                    f"the epoch '{each.epoch}' begins in the time of '{new.epoch}'",
                    hint="Let it end before that one begins.",
                )
            if each.not_after > new.not_before:
                ring = ring.put(replace(each, not_after=new.not_before))
        return ring


def moved(epoch: Epoch, state: KeyState, now: datetime) -> Epoch:
    """Move an epoch to a later state.

    Args:
        epoch: The epoch.
        state: The state; ``destroyed`` erases its salt, and with it every key.
        now: The time, with a zone.

    Returns:
        The epoch in that state.

    Raises:
        ConfigurationError: The state is not a later one.
    """
    present = epoch.state(now)
    if _ORDER.index(state) <= _ORDER.index(present):
        raise ConfigurationError(
            f"the epoch '{epoch.epoch}' is {present}, and never becomes {state} again",
            hint="Add a new epoch.",
        )
    if state is KeyState.ACTIVE:
        return replace(epoch, not_before=now)
    salt = Secret(b"") if state is KeyState.DESTROYED else epoch.salt
    return replace(epoch, set_state=state, salt=salt)


def check_use(epoch: Epoch, purpose: str, now: datetime) -> None:
    """Refuse what a state does not allow.

    Args:
        epoch: The epoch.
        purpose: ``mark``, ``hand out`` or ``verify``.
        now: The time, with a zone.

    Raises:
        ConfigurationError: The epoch's keys may not be used for it.
    """
    allowed = {"mark": _MARKS, "hand out": _HANDED_OUT, "verify": _VERIFIES}[purpose]
    state = epoch.state(now)
    if state not in allowed:
        raise ConfigurationError(
            f"the epoch '{epoch.epoch}' is {state}: its keys may not be used to {purpose}",
            hint=f"That takes one that is {' or '.join(sorted(allowed))}.",
        )
