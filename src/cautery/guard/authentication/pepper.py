"""The pepper: a secret of the guard, without which a stolen store of keys tells nothing.

Keys are looked up by a keyed digest (BLAKE2b, RFC 7693). A key has 190 random bits, so nobody can
guess one, and a slow hash as for passwords would only slow the guard down (argon2id at its usual
settings takes 116 ms here, this half a microsecond). The pepper guards against something else: who
has a copy of the store, or can write to it, cannot make an entry for a key of their own. Of who can
write this is true where the guard is told by its own configuration where the pepper is; otherwise
it believes the store, which could name another one.

Looking up a digest needs no comparison in constant time: an attacker who measures how far a digest
matched learns bits of a value that they can neither compute nor steer without the pepper.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Final

from cautery.errors import ConfigurationError
from cautery.records.key import Secret
from cautery.watermark.master_secret import read_secret, write_new_master

DIGEST_BYTES: Final = 32
LONGEST_PEPPER: Final = 64
"""What BLAKE2b takes as a key."""
_CHECK_BYTES: Final = 8


class Pepper:
    """Makes keyed digests.

    Args:
        secret: At least 32 random bytes, as ``read_pepper`` checks.

    Raises:
        ConfigurationError: It is longer than BLAKE2b takes.

    Example:
        >>> pepper = Pepper(Secret(bytes(range(32))))
        >>> pepper.digest(b"key").hex()[:16], pepper
        ('8de719f65e4ecce7', Pepper(hidden))
    """

    __slots__ = ("_keyed", "_secret")

    def __init__(self, secret: Secret) -> None:
        if len(secret) > LONGEST_PEPPER:
            raise ConfigurationError(f"a pepper has at most {LONGEST_PEPPER} bytes", where="pepper")
        self._secret = secret
        # Copied for each digest, so that the key schedule is paid once.
        self._keyed = hashlib.blake2b(
            key=secret.reveal(), digest_size=DIGEST_BYTES, person=b"cautery.api-key"
        )

    def digest(self, key: bytes) -> bytes:
        """Compute the digest that a key is looked up by.

        Args:
            key: What a client presented.

        Returns:
            32 bytes.
        """
        keyed = self._keyed.copy()
        keyed.update(key)
        return keyed.digest()

    def derive(self, purpose: str) -> Secret:
        """Derive a secret for another purpose, the same in every guard with this pepper.

        Args:
            purpose: What for, for example ``dpop nonce``.

        Returns:
            32 bytes.
        """
        label = b"cautery " + purpose.encode()
        return Secret(hmac.digest(self._secret.reveal(), label, "sha256"))

    @property
    def check(self) -> bytes:
        """What a store keeps to know its pepper again; tells nothing about it."""
        return self.derive("check").reveal()[:_CHECK_BYTES]

    def __repr__(self) -> str:
        return "Pepper(hidden)"


def read_pepper(reference: str) -> Pepper:
    """Read a pepper from where a reference says. There is no default.

    Args:
        reference: ``file:PATH`` (readable by its owner only), ``env:NAME`` or ``command:WORDS``;
            each gives at least 32 random bytes as hexadecimal digits.

    Returns:
        The pepper.

    Raises:
        ConfigurationError: It is not there, not hexadecimal, too short, too long, or not random.
    """
    hint = "Make one with: cautery keys init STORE --new-pepper FILE"
    return Pepper(read_secret(reference, noun="pepper", hint=hint))


def write_new_pepper(path: Path) -> Pepper:
    """Draw a pepper and write it to a new file that only its owner can read.

    Args:
        path: The file; it must not be there.

    Returns:
        The pepper.

    Raises:
        OutputError: The file is there already, or cannot be written.
    """
    return Pepper(write_new_master(path, noun="pepper"))
