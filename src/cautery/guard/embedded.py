"""A guard inside another server's process: made of its configuration, begun and ended with it."""

from __future__ import annotations

import asyncio
import atexit
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.errors import ConfigurationError, OutputError
from cautery.guard.admin import listen_admin
from cautery.guard.assembly import Assembled, assemble
from cautery.guard.configuration import load_core_configuration
from cautery.guard.exchange_assembly import exchange_settings
from cautery.guard.metrics import Metrics
from cautery.guard.outlets import Outlets, open_outlets
from cautery.guard.proxying.exchange_service import ExchangeService
from cautery.guard.watching import watch

if TYPE_CHECKING:
    from cautery.guard.configuration_values import Address
    from cautery.guard.proxying.settings import ExchangeSettings
    from cautery.ports import Authenticator, Decider

CONFIGURATION_VARIABLE: Final = "CAUTERY_GUARD_CONFIGURATION"
"""Environment variable that names the configuration file where no argument can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """Who decides and who recognises, in place of those that a configuration makes."""

    decider: Decider
    """The decision core."""
    authenticator: Authenticator
    """Who tells whose credential it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A guard at work."""

    service: ExchangeService
    """What exchanges are counted in and recorded by."""
    settings: ExchangeSettings
    """What they are treated by."""


class EmbeddedGuard:
    """One guard of one process; what needs a running event loop waits until there is one.

    Args:
        path: Its configuration file; None takes the one that the environment names.
        judges: Who decides and recognises, in place of those of the configuration.

    Raises:
        ConfigurationError: The configuration is not there, or some of it is wrong.
    """

    def __init__(self, path: str | Path | None = None, *, judges: Judges | None = None) -> None:
        named = path or os.environ.get(CONFIGURATION_VARIABLE)
        if not named:
            raise ConfigurationError(
                "no configuration of the guard is named",
                where=CONFIGURATION_VARIABLE,
                hint="Set it to the path of a guard.toml.",
            )
        self.configuration = load_core_configuration(Path(named))
        self.metrics = Metrics()
        self._judges = judges
        self._guard: Assembled | None = None
        self._outlets: Outlets | None = None
        self._begun: Begun | None = None
        self._beginning = asyncio.Lock()
        self._listener: asyncio.Server | None = None

    def prepare(self) -> None:
        """Read everything that the configuration names, unless that was done; nothing runs yet.

        Raises:
            CauteryError: A file, secret, store, policy set or ledger cannot be used.
        """
        if self._guard is None:
            self._guard = assemble(self.configuration)
            self._outlets = open_outlets(self.configuration, self.metrics)
            # A server that tells nobody that it stops still leaves the process in peace.
            atexit.register(self._close)

    async def begin(self) -> Begun:
        """Begin, unless that was done.

        Returns:
            The guard at work.

        Raises:
            CauteryError: Something that the configuration names cannot be used.
            OutputError: The admin port cannot be had.
        """
        if self._begun is not None:
            return self._begun
        async with self._beginning:
            if self._begun is None:
                await asyncio.get_running_loop().run_in_executor(None, self.prepare)
                self._begun = await self._begin()
        return self._begun

    async def _begin(self) -> Begun:
        guard, outlets = self._guard, self._outlets
        if guard is None or outlets is None:
            raise ConfigurationError("the guard has ended", where=str(self.configuration.path))
        settings = exchange_settings(
            self.configuration, guard, self.configuration.inside.paths, self._judges
        )
        service = ExchangeService(
            settings,
            self.metrics,
            asyncio.get_running_loop(),
            recorder=outlets.recorder,
            announcers=outlets.announcers,
        )
        watch(guard, self.metrics)
        guard.start()
        admin = self.configuration.inside.admin
        if admin is not None:
            self._listener = await self._listen(admin, guard)
        return Begun(service=service, settings=settings)

    async def _listen(self, admin: Address, guard: Assembled) -> asyncio.Server:
        try:
            return await listen_admin(admin.host, admin.port, self.metrics, guard.faults)
        except OSError as error:
            raise OutputError(
                f"cannot listen: {error.strerror or type(error).__name__}",
                where=f"{admin.host}:{admin.port}",
                hint="Of several processes only one can have the admin port.",
            ) from error

    async def end(self) -> None:
        """Write down what waits, and let go of everything."""
        self._begun = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _close(self) -> None:
        atexit.unregister(self._close)
        guard, self._guard = self._guard, None
        outlets, self._outlets = self._outlets, None
        if guard is not None:
            guard.close()
        if outlets is not None:
            outlets.close()
