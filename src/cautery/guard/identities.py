"""Tells accounts apart where the model server itself checks credentials."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from cautery.records.identity import Identity, Presented, Unrecognised
from cautery.records.key import Secret

_PERSON: Final = b"cautery account"
_DIGEST_BYTES: Final = 16
_MOST_KNOWN: Final = 1024
"""Secrets that are held a little longer than their requests."""


class UpstreamIdentities:
    """Takes each credential for an account of its own, named by a keyed hash of it.

    Whether a credential is good is for the server to say; the guard only has to know which requests
    belong together. Two keys of one customer are two accounts here: the scan links them.

    Args:
        pepper: Key of the hash, at most 64 bytes; with another one every account has another name.

    Example:
        >>> from datetime import UTC, datetime
        >>> presented = Presented(
        ...     credential=Secret(b"sk-1"), scheme="bearer", arrived_at=datetime.now(UTC)
        ... )
        >>> identities = UpstreamIdentities(Secret(bytes(32)))
        >>> identities.authenticate(presented).account_id.startswith("key-")
        True
    """

    def __init__(self, pepper: Secret) -> None:
        self._pepper = pepper
        self._known: dict[int, tuple[Secret, Identity]] = {}

    def authenticate(self, presented: Presented) -> Identity | Unrecognised:
        """Name the account; without a credential there is none."""
        credential = presented.credential
        # One connection presents one and the same secret with every request. It is found by where
        # it is in memory, not by what it says, and cannot leave there while it is held here.
        known = self._known.get(id(credential))
        if known is not None and known[0] is credential:
            return known[1]
        if not len(credential):
            return Unrecognised(fault="missing", headers=(("www-authenticate", "Bearer"),))
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        identity = self._identify(credential)
        self._known[id(credential)] = credential, identity
        return identity

    def _identify(self, credential: Secret) -> Identity:
        digest = blake2b(
            credential.reveal(),
            digest_size=_DIGEST_BYTES,
            key=self._pepper.reveal(),
            person=_PERSON,
        ).hexdigest()
        return Identity(account_id=f"key-{digest}", key_id=f"key-{digest}")
