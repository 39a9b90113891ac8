"""Puts a guard together from its configuration: the one place that knows all the parts."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Literal
from urllib.parse import urlsplit

from cautery.errors import ConfigurationError
from cautery.guard.answers import AnswerSettings
from cautery.guard.configuration import GuardConfiguration
from cautery.guard.configuration_sections import TlsSection, UpstreamSection
from cautery.guard.identities import UpstreamIdentities
from cautery.guard.observing import Observing
from cautery.guard.proxying.client_addresses import TrustedProxies
from cautery.guard.proxying.settings import Limits, ProxySettings, UpstreamSettings
from cautery.guard.recording import RecordingSettings
from cautery.guard.secret_files import read_credential, read_secret
from cautery.guard.tag_carrier import TagCarrier
from cautery.ports import Authenticator, Decider
from cautery.records.key import Secret

_SKETCHES: Final = b"cautery sketches"
_ACCOUNTS: Final = b"cautery accounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """What other rooms bring along."""

    decider: Decider
    """The decision core."""
    authenticator: Authenticator
    """Who tells whose credential it is."""
    decides_in_threads: bool = False
    """Whether a decision may wait for a disk."""


def draw_pepper(configuration: GuardConfiguration) -> Secret:
    """Give the key of the guard's hashes: the operator's, or one for this start only."""
    path = configuration.identity.pepper_file
    return Secret(os.urandom(32)) if path is None else read_secret(path)


def furnish(configuration: GuardConfiguration, pepper: Secret) -> Rooms:
    """Bring in decision core and authentication.

    Args:
        configuration: The configuration.
        pepper: Key of the guard's hashes.

    Returns:
        The parts.
    """
    return Rooms(
        decider=Observing(),
        authenticator=UpstreamIdentities(_derived(pepper, _ACCOUNTS)),
    )


def make_settings(configuration: GuardConfiguration, rooms: Rooms, pepper: Secret) -> ProxySettings:
    """Turn a configuration into what the proxy is told.

    Args:
        configuration: The configuration.
        rooms: Decision core and authentication.
        pepper: Key of the guard's hashes.

    Returns:
        The settings.

    Raises:
        ConfigurationError: A secret or a certificate cannot be used.
    """
    limits = configuration.limits
    return ProxySettings(
        decider=rooms.decider,
        authenticator=rooms.authenticator,
        decides_in_threads=rooms.decides_in_threads,
        upstream=_upstream(configuration.upstream),
        limits=Limits(
            head_bytes=limits.head_size,
            body_bytes=limits.body_size,
            answer_bytes=limits.answer_size,
            buffered_bytes=limits.held_size,
            connections=limits.connections,
            head_seconds=limits.head_timeout,
            body_seconds=limits.body_timeout,
            idle_seconds=limits.idle_timeout,
            write_seconds=limits.write_timeout,
            drain_seconds=limits.drain_timeout,
        ),
        paths=configuration.guard.paths,
        proxies=TrustedProxies(configuration.identity.trusted_proxies),
        answers=AnswerSettings(help_url=configuration.guard.help_url),
        carrier=TagCarrier(
            body_field=configuration.watermark.body_field,
            header=configuration.watermark.header,
        ),
        stripped_fields=frozenset(name.casefold() for name in configuration.stripped.fields),
        stripped_headers=frozenset(configuration.stripped.headers),
        reasoning_begins_inside=configuration.degrade.reasoning_begins_inside,
        sketch_key=_derived(pepper, _SKETCHES),
    )


def recording_settings(configuration: GuardConfiguration) -> RecordingSettings | None:
    """Turn a configuration into where exchanges are recorded; None for nowhere."""
    recording = configuration.recording
    if recording is None:
        return None
    return RecordingSettings(
        folder=recording.folder,
        text=recording.text,
        text_characters=recording.text_characters,
        rotate_bytes=recording.rotate_size,
        rotate_seconds=int(recording.rotate_after),
        keep_files=recording.keep_files,
    )


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
    try:
        context.load_cert_chain(tls.certificate, tls.private_key)
        if tls.client_authorities is not None:
            context.load_verify_locations(tls.client_authorities)
            context.verify_mode = ssl.CERT_REQUIRED
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


def _derived(pepper: Secret, purpose: bytes) -> Secret:
    """Derive a key of its own for each purpose, so that hashes of two kinds cannot be joined."""
    return Secret(blake2b(pepper.reveal()[:64], digest_size=32, person=purpose[:16]).digest())
