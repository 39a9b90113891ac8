"""Puts the decision service together: what it is told besides decision core and authentication."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from cautery.errors import ConfigurationError
from cautery.guard.configuration_sections import TlsSection
from cautery.guard.configuration_service import is_loopback
from cautery.guard.deciding_service.callers import Callers
from cautery.guard.deciding_service.settings import ServiceSettings
from cautery.guard.exchange_assembly import make_limits
from cautery.guard.proxy_assembly import load_certificates, server_context
from cautery.guard.proxying.client_addresses import TrustedProxies
from cautery.guard.secret_files import read_credential
from cautery.guard.structured_logs import log

if TYPE_CHECKING:
    from cautery.guard.assembly import Assembled
    from cautery.guard.configuration import GuardConfiguration
    from cautery.guard.configuration_service import DecisionServiceSection


def make_service_settings(
    configuration: GuardConfiguration, section: DecisionServiceSection, guard: Assembled
) -> ServiceSettings:
    """Turn a configuration into what the decision service is told.

    Args:
        configuration: The configuration.
        section: Its ``[decision_service]``.
        guard: Decision core and authentication.

    Returns:
        The settings.

    Raises:
        ConfigurationError: A secret cannot be used.
    """
    certificates = configuration.certificates
    return ServiceSettings(
        decider=guard.decider,
        authenticator=guard.authenticator,
        limits=make_limits(configuration.limits),
        callers=_callers(section),
        paths=configuration.guard.paths,
        proxies=TrustedProxies(configuration.identity.trusted_proxies),
        certificate_header=certificates.header.encode() if certificates is not None else b"",
        certificate_form=certificates.form if certificates is not None else "client-cert",
        answers=guard.answers,
        tag_header=section.tag_header,
        server_degrades=section.server_degrades,
        stripped_fields=frozenset(name.casefold() for name in configuration.stripped.fields),
        address_header=section.address_header,
        decision_seconds=section.decision_timeout,
        sketch_key=guard.sketch_key,
    )


def service_place(section: DecisionServiceSection) -> tuple[str, int] | Path:
    """Say where the service listens.

    Args:
        section: ``[decision_service]``, checked.

    Returns:
        Address and port, or the path of a Unix socket.

    Raises:
        ConfigurationError: It says neither.
    """
    if section.socket is not None:
        return section.socket
    if section.listen is None:
        raise ConfigurationError("[decision_service] needs listen or socket")
    return section.listen.host, section.listen.port


def service_context(section: DecisionServiceSection) -> ssl.SSLContext | None:
    """Make TLS towards callers.

    Args:
        section: ``[decision_service]``, checked.

    Returns:
        The context; None for plain HTTP.

    Raises:
        ConfigurationError: Certificate, key or authorities cannot be used.
    """
    tls = _tls(section)
    if tls is not None:
        return server_context(tls)
    if section.callers == "secret" and section.listen and not is_loopback(section.listen.host):
        log("the callers' secret goes over the network in plain text", logging.WARNING)
    return None


def load_service_certificates(context: ssl.SSLContext, section: DecisionServiceSection) -> None:
    """Read certificates into a context at work: new connections have the new ones.

    Raises:
        ConfigurationError: They cannot be used.
    """
    tls = _tls(section)
    if tls is not None:
        load_certificates(context, tls)


def _tls(section: DecisionServiceSection) -> TlsSection | None:
    if section.certificate is None or section.private_key is None:
        return None
    return TlsSection(
        certificate=section.certificate,
        private_key=section.private_key,
        client_authorities=section.client_authorities,
    )


def _callers(section: DecisionServiceSection) -> Callers:
    files = (section.caller_secret_file, section.former_secret_file)
    return Callers(
        proof=section.callers,
        secrets=tuple(read_credential(path) for path in files if path is not None),
    )
