"""Signed envelopes (DSSE 1.0): a payload, its type, and one signature over both."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from cautery.errors import LedgerError, UsageError
from cautery.ledger.canonical_json import canonical_json
from cautery.ledger.signed_notes import PublicKey, SigningKey, strict_base64


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who signed."""

    keyid: str
    """Fingerprint of the key."""
    sig: str
    """The signature, base64."""


class Envelope(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"
):
    """The envelope's members."""

    payload: str
    """Base64."""
    payload_type: str
    """What the payload is."""
    signatures: tuple[Signature, ...]
    """One."""


def seal(payload: bytes, payload_type: str, key: SigningKey) -> bytes:
    """Put a payload into a signed envelope.

    Args:
        payload: The payload.
        payload_type: Its media type.
        key: Who signs.

    Returns:
        The envelope: canonical JSON and a line feed.
    """
    signature = base64.b64encode(key.sign(_signed_message(payload, payload_type))).decode()
    keyid = key.public_key().fingerprint
    return _spelled(base64.b64encode(payload).decode(), payload_type, keyid, signature)


def unseal(content: bytes, payload_type: str, key: PublicKey, where: str = "") -> bytes:
    """Check an envelope to the last byte.

    Args:
        content: The whole file.
        payload_type: What its payload must be.
        key: Who must have signed.
        where: What to name in an error.

    Returns:
        The payload.

    Raises:
        LedgerError: It does not verify, or is not spelled as it was written.
    """
    try:
        envelope = msgspec.json.decode(content, type=Envelope)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise LedgerError(f"this is no signed envelope: {error}", where=where) from error
    if len(envelope.signatures) != 1 or envelope.payload_type != payload_type:
        raise LedgerError(f"this is no envelope of {payload_type}", where=where)
    (signature,) = envelope.signatures
    payload, seal_bytes = strict_base64(envelope.payload), strict_base64(signature.sig)
    if payload is None or seal_bytes is None:
        raise LedgerError("the envelope holds something that is not base64", where=where)
    if signature.keyid != key.fingerprint:
        raise LedgerError("the envelope was signed by another key", where=where)
    if not key.verifies(seal_bytes, _signed_message(payload, payload_type)):
        raise LedgerError("the envelope's signature is wrong", where=where)
    if content != _spelled(envelope.payload, payload_type, signature.keyid, signature.sig):
        raise LedgerError("the envelope is not spelled as it was written", where=where)
    return payload


def decode_canonical(payload: bytes, deepest: int, where: str = "") -> Any:
    """Read JSON that must be in its one spelling.

    Args:
        payload: UTF-8.
        deepest: Levels that it may have.
        where: What to name in an error.

    Raises:
        LedgerError: It is none, or spelled otherwise.
    """
    try:
        value = msgspec.json.decode(payload)
        spelled = canonical_json(value, deepest)
    except (msgspec.DecodeError, ValueError, RecursionError, UsageError) as error:
        raise LedgerError(f"the payload cannot be read: {error}", where=where) from error
    if spelled != payload:
        raise LedgerError("the payload is not in its one spelling", where=where)
    return value


def _spelled(payload: str, payload_type: str, keyid: str, signature: str) -> bytes:
    value = {
        "payload": payload,
        "payloadType": payload_type,
        "signatures": [{"keyid": keyid, "sig": signature}],
    }
    return canonical_json(value) + b"\n"


def _signed_message(payload: bytes, payload_type: str) -> bytes:
    """Join type and payload so that neither can pass for the other (DSSE's PAE).

    Its first line holds spaces, so that it is never a checkpoint of ours, whose name holds none.
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
