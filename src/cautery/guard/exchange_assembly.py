"""Turns a configuration into what requests are treated by, before a server or inside one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cautery.guard.account_keys import read_account_keys
from cautery.guard.proxying.client_addresses import TrustedProxies
from cautery.guard.proxying.settings import ExchangeSettings, Limits
from cautery.guard.tag_carrier import TagCarrier

if TYPE_CHECKING:
    from cautery.guard.assembly import Assembled
    from cautery.guard.configuration import CoreConfiguration
    from cautery.guard.configuration_sections import LimitsSection
    from cautery.ports import Authenticator, Decider


class Judging(Protocol):
    """Who decides and who recognises."""

    @property
    def decider(self) -> Decider:
        """The decision core."""
        ...

    @property
    def authenticator(self) -> Authenticator:
        """Who tells whose credential it is."""
        ...


def exchange_settings(
    configuration: CoreConfiguration,
    guard: Assembled,
    paths: tuple[str, ...],
    judges: Judging | None = None,
) -> ExchangeSettings:
    """Turn a configuration into what requests and answers are treated by.

    Args:
        configuration: The configuration.
        guard: What was made of it.
        paths: Beginnings of the paths that are served.
        judges: Who decides and recognises, in place of the guard's own.

    Returns:
        The settings.
    """
    certificates, judges = configuration.certificates, judges or guard
    stripped = frozenset(configuration.stripped.headers)
    return ExchangeSettings(
        decider=judges.decider,
        authenticator=judges.authenticator,
        limits=make_limits(configuration.limits),
        paths=paths,
        proxies=TrustedProxies(configuration.identity.trusted_proxies),
        certificate_header=certificates.header.encode() if certificates is not None else b"",
        certificate_form=certificates.form if certificates is not None else "client-cert",
        answers=guard.answers,
        carrier=TagCarrier(
            body_field=configuration.watermark.body_field,
            header=configuration.watermark.header,
            account_keys=read_account_keys(configuration.watermark.account_keys),
        ),
        stripped_fields=frozenset(name.casefold() for name in configuration.stripped.fields),
        stripped_headers=stripped | ({certificates.header} if certificates is not None else set()),
        degrade=guard.deciding.degrade,
        trail=guard.deciding.trail,
        sketch_key=guard.sketch_key,
    )


def make_limits(limits: LimitsSection) -> Limits:
    """Turn a section into bounds of a listener.

    Args:
        limits: ``[limits]``.

    Returns:
        The bounds.
    """
    return Limits(
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
    )
