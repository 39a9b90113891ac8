"""Time stamps of checkpoints (RFC 3161): somebody else says when a tree was there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cautery.errors import ConfigurationError, LedgerError, MissingExtraError, NoInputError
from cautery.ledger.anchors import MOST_STAMP_BYTES
from cautery.ledger.signed_notes import split_note
from cautery.plain_files import open_plain

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MOST_CERTIFICATE_BYTES: Final = 1 << 20


def stamp_request(checkpoint: bytes) -> bytes:
    """Write a request to a time-stamp authority.

    Args:
        checkpoint: A signed checkpoint; its text is what gets stamped, so that witnesses may add
            their signatures later.

    Returns:
        The request (DER), for ``Content-Type: application/timestamp-query``.

    Raises:
        MissingExtraError: The library ``rfc3161-client`` is not installed.
    """
    library = _library()
    builder = library.TimestampRequestBuilder(
        hash_algorithm=library.HashAlgorithm.SHA256, cert_req=True
    )
    content: bytes = builder.data(_stamped(checkpoint)).build().as_bytes()
    return content


def check_stamp(
    stamp: bytes, checkpoint: bytes, roots: list[Certificate], where: str = ""
) -> datetime:
    """Check a time-stamp authority's reply, offline.

    Args:
        stamp: The reply (DER).
        checkpoint: The signed checkpoint that it must be of.
        roots: Certificates of authorities that are trusted; those between come with the reply.
        where: What to name in an error.

    Returns:
        The time that it states; UTC.

    Raises:
        LedgerError: It does not verify.
        MissingExtraError: The library ``rfc3161-client`` is not installed.
    """
    library = _library()
    if len(stamp) > MOST_STAMP_BYTES:
        raise LedgerError("this is too long for a time stamp", where=where)
    try:
        reply = library.decode_timestamp_response(stamp)
        library.VerifierBuilder(roots=list(roots)).build().verify_message(
            reply, _stamped(checkpoint)
        )
        stated: datetime = reply.tst_info.gen_time
    except (ValueError, library.VerificationError) as error:
        raise LedgerError(f"the time stamp does not verify: {error}", where=where) from error
    return stated.astimezone(UTC) if stated.tzinfo else stated.replace(tzinfo=UTC)


def load_certificates(path: Path) -> list[Certificate]:
    """Read the certificates of authorities that are trusted (PEM).

    Raises:
        NoInputError: The file cannot be read.
        ConfigurationError: It holds no certificate.
    """
    from cryptography import x509

    try:
        with open_plain(path) as stream:
            content = stream.read(MOST_CERTIFICATE_BYTES)
        return x509.load_pem_x509_certificates(content)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except ValueError as error:
        raise ConfigurationError("no certificates in PEM", where=str(path)) from error


def _stamped(checkpoint: bytes) -> bytes:
    return split_note(checkpoint)[0].encode()


def _library() -> Any:
    try:
        import rfc3161_client
    except ImportError as error:
        raise MissingExtraError(
            "time stamps need the library rfc3161-client", hint="pip install 'cautery[ledger]'"
        ) from error
    return rfc3161_client
