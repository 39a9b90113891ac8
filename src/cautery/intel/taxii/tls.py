"""TLS of the server and of the client: always verified, never older than 1.2."""

from __future__ import annotations

import ssl
from pathlib import Path

from cautery.errors import ConfigurationError
from cautery.intel.taxii.configuration_sections import TlsSection
from cautery.plain_files import require_plain


def server_context(section: TlsSection, folder: Path) -> ssl.SSLContext:
    """Make the context of the server.

    Args:
        section: Its certificate, and who vouches for clients.
        folder: Of the configuration; relative paths are in it.

    Returns:
        The context. A client may have a certificate; one that nobody vouches for ends the
        connection.

    Raises:
        ConfigurationError: A file is no certificate or key, or they do not belong together.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load_chain(context, folder / section.certificate, folder / section.private_key)
    if section.client_authorities:
        _load_authorities(context, folder / section.client_authorities)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def client_context(
    authorities: Path | None, certificate: Path | None, private_key: Path | None
) -> ssl.SSLContext:
    """Make the context of the client.

    Args:
        authorities: Who vouches for the server, PEM; the system's if None.
        certificate: The client's own, PEM; None for none.
        private_key: Its key, PEM; in the certificate's file if None.

    Returns:
        The context; it verifies the server's certificate and name.

    Raises:
        ConfigurationError: A file is no certificate or key, or they do not belong together.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        _load_authorities(context, authorities)
    if certificate is not None:
        _load_chain(context, certificate, private_key)
    return context


def _load_chain(context: ssl.SSLContext, certificate: Path, private_key: Path | None) -> None:
    for path in (certificate, private_key):
        if path is not None:
            require_plain(path, error_type=ConfigurationError)
    try:
        context.load_cert_chain(certificate, private_key, password=_no_password)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"the certificate and its key cannot be used: {error}", where=str(certificate)
        ) from error


def _load_authorities(context: ssl.SSLContext, path: Path) -> None:
    require_plain(path, error_type=ConfigurationError)
    try:
        context.load_verify_locations(path)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"the authorities cannot be used: {error}", where=str(path)
        ) from error


def _no_password() -> str:
    # Without this a key with a password would make the process ask on the terminal.
    raise ValueError("the key has a password")
