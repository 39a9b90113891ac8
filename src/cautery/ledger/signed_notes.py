"""Texts with signatures that other programs check too (C2SP signed-note, tlog-cosignature).

Keys are written as Go's ``sumdb/note`` writes them, so that its tools read ours and ours theirs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cautery.errors import ConfigurationError, LedgerError
from cautery.records.key import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519: Final = 1
"""Signs the note's text."""
COSIGNATURE: Final = 4
"""Signs a checkpoint and the time at which it was seen (cosignature/v1)."""
MOST_NOTE_BYTES: Final = 1 << 16
MOST_SIGNATURES: Final = 64
_KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_TIME_BYTES: Final = 8
_PRIVATE: Final = "PRIVATE+KEY+"
_DASH: Final = "\u2014 "


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A key that checks signatures on notes."""

    name: str
    """Whose it is: the log's origin, or the witness's name."""
    kind: int
    """``ED25519`` or ``COSIGNATURE``."""
    key: bytes
    """32 bytes (RFC 8032)."""

    @property
    def key_id(self) -> bytes:
        """Four bytes that stand beside the name in a signature; no digest to rely on."""
        return _key_id(self.name, self.kind, self.key)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the key's text, in hexadecimal digits: what people compare."""
        return hashlib.sha256(self.text().encode()).hexdigest()

    def text(self) -> str:
        """Write the key as one line (a *vkey*)."""
        key = base64.b64encode(bytes([self.kind]) + self.key).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Check an Ed25519 signature on a message."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """A signature that was checked."""

    key: PublicKey
    """Whose."""
    signed_at: datetime | None
    """When, by the clock of who signed; only in a cosignature."""


class SigningKey:
    """An Ed25519 key that signs notes.

    Args:
        name: Whose it is; without spaces and plus signs.
        secret: 32 bytes.

    Raises:
        ConfigurationError: The name or the secret cannot be used.
    """

    def __init__(self, name: str, secret: Secret) -> None:
        if not is_key_name(name):
            raise ConfigurationError(
                f"'{name}' cannot be the name of a key",
                hint="Give a name like example.com/ledger, without spaces and plus signs.",
            )
        if len(secret) != _KEY_BYTES:
            raise ConfigurationError(f"a signing key has {_KEY_BYTES} bytes, not {len(secret)}")
        self.name = name
        self._secret = secret

    def public_key(self, kind: int = ED25519) -> PublicKey:
        """Give the key that checks what this one signs."""
        key = self._private().public_key().public_bytes_raw()
        return PublicKey(name=self.name, kind=kind, key=key)

    def text(self) -> Secret:
        """Write the key as one line; whoever reads it can sign."""
        key = base64.b64encode(bytes([ED25519]) + self._secret.reveal()).decode()
        key_id = self.public_key().key_id.hex()
        return Secret(f"{_PRIVATE}{self.name}+{key_id}+{key}".encode())

    def sign(self, message: bytes) -> bytes:
        """Sign any message, for example an envelope; never one that begins like a checkpoint."""
        return self._private().sign(message)

    def sign_note(self, text: str) -> str:
        """Sign a text.

        Args:
            text: Ends with a line feed.

        Returns:
            The signature's line.
        """
        signature = self.sign(text.encode())
        return _signature_line(self.public_key(), signature)

    def cosign(self, text: str, seen_at: datetime) -> str:
        """Sign that a checkpoint was seen (cosignature/v1).

        Args:
            text: The checkpoint's text.
            seen_at: When; UTC.

        Returns:
            The signature's line.
        """
        seconds = int(seen_at.timestamp())
        signature = self.sign(_cosigned_message(text, seconds))
        content = seconds.to_bytes(_TIME_BYTES, "big") + signature
        return _signature_line(self.public_key(COSIGNATURE), content)

    def _private(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self._secret.reveal())


def read_public_key(text: str) -> PublicKey:
    """Read a key's line.

    Args:
        text: ``name+id+key``; white space around it is ignored.

    Returns:
        The key.

    Raises:
        ConfigurationError: It is none.

    Example:
        >>> read_public_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
        PublicKey(name='example.com/foo', kind=1, key=...)
    """
    name, key_id, content = _key_parts(text.strip(), "a public key")
    found = PublicKey(name=name, kind=content[0], key=content[1:])
    if found.kind not in {ED25519, COSIGNATURE} or found.key_id.hex() != key_id:
        raise ConfigurationError("a public key's identifier and kind do not fit it")
    return found


def read_signing_key(text: str) -> SigningKey:
    """Read a signing key's line.

    Raises:
        ConfigurationError: It is none.
    """
    text = text.strip()
    if not text.startswith(_PRIVATE):
        raise ConfigurationError(f"a signing key begins with {_PRIVATE}")
    name, key_id, content = _key_parts(text.removeprefix(_PRIVATE), "a signing key")
    found = SigningKey(name, Secret(content[1:]))
    if content[0] != ED25519 or found.public_key().key_id.hex() != key_id:
        raise ConfigurationError("a signing key's identifier and kind do not fit it")
    return found


def open_note(
    content: bytes, keys: Sequence[PublicKey], where: str = ""
) -> tuple[str, list[NoteSignature]]:
    """Check the signatures of a note.

    Args:
        content: The whole note.
        keys: Keys that are trusted; signatures of others are passed over.
        where: What to name in an error.

    Returns:
        Its text, and the signatures of trusted keys.

    Raises:
        LedgerError: It is no note, no trusted key signed it, or a trusted key's signature is wrong.
    """
    text, lines = split_note(content, where)
    known = {(key.name, key.key_id): key for key in keys}
    found = []
    for line in lines:
        name, key_id, signature = _signature_parts(line, where)
        key = known.get((name, key_id))
        if key is not None:
            found.append(_checked(key, signature, text, where))
    if not found:
        raise LedgerError("no key that is trusted has signed this", where=where)
    return text, found


def split_note(content: bytes, where: str = "") -> tuple[str, list[str]]:
    """Split a note into its text and its signatures' lines, which are not checked.

    Raises:
        LedgerError: It is no note.
    """
    if len(content) > MOST_NOTE_BYTES:
        raise LedgerError("this is too long for a signed note", where=where)
    try:
        note = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LedgerError("a signed note is UTF-8", where=where) from error
    text, blank, signatures = note.rpartition("\n\n")
    lines = signatures.split("\n")
    if not blank or not text or lines.pop() or not lines or len(lines) > MOST_SIGNATURES:
        raise LedgerError("this is no signed note", where=where)
    if any(character < " " and character != "\n" for character in note):
        raise LedgerError("a signed note holds no control characters", where=where)
    return f"{text}\n", lines


def is_key_name(name: str) -> bool:
    """Say whether a name can stand in a signed note."""
    return bool(name) and "+" not in name and name.isprintable() and not any(map(str.isspace, name))


def _checked(key: PublicKey, signature: bytes, text: str, where: str) -> NoteSignature:
    message, signed_at = text.encode(), None
    if key.kind == COSIGNATURE:
        seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
        message, signature = _cosigned_message(text, seconds), signature[_TIME_BYTES:]
        try:
            signed_at = datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise LedgerError("a cosignature's time is no time", where=where) from error
    if len(signature) != _SIGNATURE_BYTES or not key.verifies(signature, message):
        raise LedgerError(f"the signature of {key.name} is wrong", where=where)
    return NoteSignature(key=key, signed_at=signed_at)


def _cosigned_message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _signature_line(key: PublicKey, signature: bytes) -> str:
    return f"{_DASH}{key.name} {base64.b64encode(key.key_id + signature).decode()}\n"


def _signature_parts(line: str, where: str) -> tuple[str, bytes, bytes]:
    name, space, text = line.removeprefix(_DASH).partition(" ")
    content = strict_base64(text)
    if not line.startswith(_DASH) or not space or not is_key_name(name) or len(content or b"") < 5:
        raise LedgerError("a line of a signed note is no signature", where=where)
    return name, (content or b"")[:4], (content or b"")[4:]


def strict_base64(text: str) -> bytes | None:
    """Read base64 in its one spelling (RFC 4648, section 4); None if it is not."""
    try:
        content = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if base64.b64encode(content).decode() == text else None


def _key_id(name: str, kind: int, key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]


def _key_parts(text: str, what: str) -> tuple[str, str, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, key = rest.partition("+")
    content = strict_base64(key)
    if not is_key_name(name) or content is None or len(content) != 1 + _KEY_BYTES:
        raise ConfigurationError(f"this is not {what} (name+identifier+key)")
    return name, key_id, content
