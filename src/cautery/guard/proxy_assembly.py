"""Puts the proxy together: what it is told besides decision core and authentication."""

from __future__ import annotations

import logging
import ssl
from typing import Literal
from urllib.parse import urlsplit

from cautery.errors import ConfigurationError
from cautery.guard.assembly import Assembled
from cautery.guard.configuration import GuardConfiguration
from cautery.guard.configuration_sections import TlsSection, UpstreamSection
from cautery.guard.exchange_assembly import exchange_settings
from cautery.guard.proxying.settings import ProxySettings, UpstreamSettings
from cautery.guard.secret_files import read_credential
from cautery.guard.structured_logs import log
from cautery.plain_files import require_plain
from cautery.records.key import Secret


def make_settings(configuration: GuardConfiguration, guard: Assembled) -> ProxySettings:
    """Turn a configuration into what the proxy is told.

    Args:
        configuration: The configuration.
        guard: Decision core and authentication.

    Returns:
        The settings.

    Raises:
        ConfigurationError: A secret or a certificate cannot be used.
    """
    if configuration.upstream is None:
        raise ConfigurationError("there is no [upstream]", where=str(configuration.path))
    if not guard.checks_credentials and (
        configuration.upstream.credential_file or configuration.upstream.credential != "forward"
    ):
        # Not a fault: something before this guard may check them.
        log("no credential is checked here or behind", logging.WARNING)
    settings = exchange_settings(configuration, guard, configuration.guard.paths)
    return settings.in_front_of(_upstream(configuration.upstream))


def server_context(tls: TlsSection) -> ssl.SSLContext:
    """Make TLS towards clients.

    Args:
        tls: Certificate, key and authorities.

    Returns:
        The context; TLS 1.2 at least.

    Raises:
        ConfigurationError: They cannot be read, or do not belong together.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    load_certificates(context, tls)
    return context


def load_certificates(context: ssl.SSLContext, tls: TlsSection) -> None:
    """Read certificates into a context, also one at work: new connections have the new ones.

    Raises:
        ConfigurationError: They cannot be read, or do not belong together.
    """
    for path in (tls.certificate, tls.private_key, tls.client_authorities):
        if path is not None:
            require_plain(path, error_type=ConfigurationError)
    try:
        context.load_cert_chain(tls.certificate, tls.private_key)
        if tls.client_authorities is not None:
            context.load_verify_locations(tls.client_authorities)
            wanted = tls.client_certificates == "required"
            context.verify_mode = ssl.CERT_REQUIRED if wanted else ssl.CERT_OPTIONAL
    except (ssl.SSLError, OSError) as error:
        raise ConfigurationError(
            f"certificate and key cannot be used: {type(error).__name__}",
            where=str(tls.certificate),
        ) from error


def _upstream(section: UpstreamSection) -> UpstreamSettings:
    parts = urlsplit(section.url)
    tls = None
    if parts.scheme == "https":
        try:
            tls = ssl.create_default_context(cafile=section.authorities)
        except (ssl.SSLError, OSError) as error:
            raise ConfigurationError(
                "the authorities cannot be used", where=str(section.authorities)
            ) from error
    credential: Literal["forward", "remove"] | Secret = section.credential
    if section.credential_file is not None:
        credential = read_credential(section.credential_file)
    return UpstreamSettings(
        host=parts.hostname or "",
        port=parts.port or (443 if tls else 80),
        tls=tls,
        base_path=parts.path.rstrip("/"),
        credential=credential,
        connections=section.connections,
        waiting=section.waiting,
        connect_seconds=section.connect_timeout,
        answer_seconds=section.answer_timeout,
        silence_seconds=section.silence_timeout,
        idle_seconds=section.idle_timeout,
    )
