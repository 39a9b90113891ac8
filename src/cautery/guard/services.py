"""What one process serves by one guard: the proxy, the decision service, or both."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cautery.errors import ConfigurationError, OutputError
from cautery.guard.adapters.decision_service import MEMBER as DECISION_SERVICE
from cautery.guard.adapters.proxy import MEMBER as PROXY
from cautery.guard.deciding_service.service import DecisionService
from cautery.guard.deciding_service.settings import ServiceSettings
from cautery.guard.proxy_assembly import load_certificates, make_settings, server_context
from cautery.guard.proxying.service import ProxyService
from cautery.guard.proxying.settings import ProxySettings
from cautery.guard.service_assembly import (
    load_service_certificates,
    make_service_settings,
    service_context,
    service_place,
)

if TYPE_CHECKING:
    from cautery.guard.assembly import Assembled
    from cautery.guard.configuration import GuardConfiguration
    from cautery.guard.metrics import Metrics
    from cautery.guard.outlets import Outlets


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicesSettings:
    """What each of them is told; None for what is not served."""

    proxy: ProxySettings | None
    """The proxy."""
    decisions: ServiceSettings | None
    """The decision service."""


def make_services_settings(configuration: GuardConfiguration, guard: Assembled) -> ServicesSettings:
    """Turn a configuration into what each of them is told.

    Args:
        configuration: The configuration.
        guard: Decision core and authentication, which both share.

    Returns:
        The settings.

    Raises:
        ConfigurationError: A secret or a certificate cannot be used.
    """
    section = configuration.decision_service
    return ServicesSettings(
        proxy=make_settings(configuration, guard) if configuration.upstream is not None else None,
        decisions=(
            make_service_settings(configuration, section, guard) if section is not None else None
        ),
    )


def settles_usage(configuration: GuardConfiguration) -> bool:
    """Say whether somebody tells what requests turned out to cost.

    Args:
        configuration: The configuration.

    Returns:
        Whether estimates are remembered until then: the proxy tells always, others if they say so.
    """
    section = configuration.decision_service
    return configuration.upstream is not None or (section is not None and section.settles)


class Services:
    """What a process serves.

    Args:
        settings: What each is told.
        outlets: Where exchanges are recorded, and who is told of decisions.
        metrics: Counters of the process.
        loop: The event loop.
    """

    def __init__(
        self,
        settings: ServicesSettings,
        outlets: Outlets,
        metrics: Metrics,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._proxy: ProxyService | None = None
        self._decisions: DecisionService | None = None
        announcers = outlets.announcers
        if settings.proxy is not None:
            self._proxy = ProxyService(
                settings.proxy, metrics, loop, recorder=outlets.recorder, announcers=announcers
            )
        if settings.decisions is not None:
            self._decisions = DecisionService(
                settings.decisions, metrics, loop, announcers=announcers
            )
        self._tls: ssl.SSLContext | None = None
        self._decision_tls: ssl.SSLContext | None = None
        self._listeners: list[asyncio.Server] = []
        self.port = 0
        """Where the proxy serves; 0 without one."""
        self.decision_port = 0
        """Where the decision service is asked; 0 without one, and at a Unix socket."""

    @property
    def in_flight(self) -> int:
        """Requests and questions that are being answered."""
        return sum(one.in_flight for one in (self._proxy, self._decisions) if one is not None)

    async def listen(self, configuration: GuardConfiguration) -> None:
        """Begin to serve.

        Args:
            configuration: Where.

        Raises:
            CauteryError: An address cannot be had, or certificates cannot be used.
        """
        guard, section = configuration.guard, configuration.decision_service
        several = guard.workers > 1
        where = ""
        try:
            if self._proxy is not None and guard.listen is not None:
                where = f"{guard.listen.host}:{guard.listen.port}"
                if configuration.tls is not None:
                    self._tls = server_context(configuration.tls)
                address = (guard.listen.host, guard.listen.port)
                listener = await PROXY.listen(
                    self._proxy, *address, tls=self._tls, reuse_port=several
                )
                self._listeners.append(listener)
                self.port = _port_of(listener)
            if self._decisions is not None and section is not None:
                place = service_place(section)
                where = ":".join(map(str, place)) if isinstance(place, tuple) else str(place)
                self._decision_tls = service_context(section)
                listener = await DECISION_SERVICE.listen(
                    self._decisions, place, tls=self._decision_tls, reuse_port=several
                )
                self._listeners.append(listener)
                self.decision_port = _port_of(listener)
        except OSError as error:
            raise OutputError(
                f"cannot listen: {error.strerror or type(error).__name__}", where=where
            ) from error

    def load_certificates(self, configuration: GuardConfiguration) -> None:
        """Read certificates again: new connections have the new ones.

        Args:
            configuration: Where they are.

        Raises:
            ConfigurationError: They cannot be used.
        """
        if self._tls is not None and configuration.tls is not None:
            load_certificates(self._tls, configuration.tls)
        if self._decision_tls is not None and configuration.decision_service is not None:
            load_service_certificates(self._decision_tls, configuration.decision_service)

    def replace(self, settings: ServicesSettings, outlets: Outlets) -> None:
        """Treat everything that comes from now on by other settings; what is under way ends.

        Args:
            settings: What each is told.
            outlets: Where exchanges are recorded, and who is told of decisions.
        """
        if self._proxy is not None and settings.proxy is not None:
            self._proxy.replace(settings.proxy)
            self._proxy.recorder = outlets.recorder
            self._proxy.announcers = outlets.announcers
        if self._decisions is not None and settings.decisions is not None:
            self._decisions.replace(settings.decisions)
            self._decisions.announcers = outlets.announcers

    async def drain(self) -> None:
        """Let nobody else in, and let what is under way end."""
        for listener in self._listeners:
            listener.close()
        served = [one.drain() for one in (self._proxy, self._decisions) if one is not None]
        await asyncio.gather(*served)


def check_same_place(old: GuardConfiguration, new: GuardConfiguration) -> None:
    """Refuse a new configuration that a process at work cannot take up.

    Args:
        old: The one at work.
        new: The one that was read.

    Raises:
        ConfigurationError: What is served, or where, would change.
    """
    changed = [
        name
        for name in ("listen", "admin", "workers")
        if getattr(old.guard, name) != getattr(new.guard, name)
    ]
    changed += [
        f"[{name}]"
        for name in ("tls", "upstream", "decision_service")
        if (getattr(old, name) is None) != (getattr(new, name) is None)
    ]
    before, after = old.decision_service, new.decision_service
    if before is not None and after is not None:
        changed += [
            f"[decision_service] {name}"
            for name in ("listen", "socket", "callers")
            if getattr(before, name) != getattr(after, name)
        ]
        if (before.certificate is None) != (after.certificate is None):
            changed.append("[decision_service] certificate")
    if old.identity.pepper_file != new.identity.pepper_file:
        changed.append("pepper_file")
    if changed:
        raise ConfigurationError(f"a new start is needed to change {', '.join(changed)}")


def _port_of(listener: asyncio.Server) -> int:
    name = listener.sockets[0].getsockname()
    return int(name[1]) if isinstance(name, tuple) else 0
