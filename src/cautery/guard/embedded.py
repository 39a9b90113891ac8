"""A guard inside another server's process: made of its configuration, begun and ended with it."""

from __future__ import annotations

import asyncio
import atexit
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from cautery.errors import ConfigurationError, OutputError
from cautery.guard.admin import listen_admin
from cautery.guard.assembly import Rooms, draw_pepper, furnish, make_settings
from cautery.guard.configuration import GuardConfiguration, load_configuration
from cautery.guard.metrics import Metrics
from cautery.guard.outlets import Outlets, make_outlets
from cautery.guard.proxying.deciding import Deciding
from cautery.guard.proxying.settings import ProxySettings

CONFIGURATION_VARIABLE: Final = "CAUTERY_GUARD_CONFIGURATION"
"""Environment variable that names the configuration file where no argument can."""


class EmbeddedGuard:
    """One guard of one process; what it needs a running event loop for waits until there is one.

    Args:
        path: Its configuration file; None takes the one that the environment names.
        rooms: Decision core and authentication, in place of those of the configuration.

    Raises:
        ConfigurationError: The configuration is not there, or some of it is wrong.
    """

    def __init__(self, path: str | Path | None = None, *, rooms: Rooms | None = None) -> None:
        named = path or os.environ.get(CONFIGURATION_VARIABLE)
        if not named:
            raise ConfigurationError(
                "no configuration of the guard is named",
                where=CONFIGURATION_VARIABLE,
                hint="Set it to the path of a guard.toml.",
            )
        self._path = Path(named)
        self.configuration: GuardConfiguration = load_configuration(self._path)
        pepper = draw_pepper(self.configuration)
        self.settings: ProxySettings = make_settings(
            self.configuration, rooms or furnish(self.configuration, pepper), pepper
        )
        self.metrics = Metrics()
        self._outlets = Outlets()
        self._service: Deciding | None = None
        self._listener: asyncio.Server | None = None

    async def begin(self) -> Deciding:
        """Begin, unless that was done.

        Returns:
            What exchanges are treated by.

        Raises:
            ConfigurationError: A folder or a file of the configuration cannot be used.
            OutputError: The admin port cannot be had.
        """
        if self._service is not None:
            return self._service
        self._outlets = make_outlets(self.configuration, self._path.parent, self.metrics)
        self._service = Deciding(
            self.settings,
            self.metrics,
            asyncio.get_running_loop(),
            recorder=self._outlets.recorder,
            announcers=self._outlets.announcers,
        )
        # A server that tells nobody that it stops still leaves the process in peace.
        atexit.register(self._outlets.close)
        admin = self.configuration.guard.admin
        if admin is not None:
            try:
                self._listener = await listen_admin(
                    admin.host, admin.port, self.metrics, lambda: self._service is not None
                )
            except OSError as error:
                raise OutputError(
                    f"cannot listen: {error.strerror or type(error).__name__}",
                    where=f"{admin.host}:{admin.port}",
                    hint="Of several processes only one can have the admin port.",
                ) from error
        return self._service

    async def end(self) -> None:
        """Write down what waits, and let go of everything."""
        service, self._service = self._service, None
        if service is None:
            return
        if self._listener is not None:
            self._listener.close()
        service.close()
        atexit.unregister(self._outlets.close)
        with suppress(OSError):
            await asyncio.get_running_loop().run_in_executor(None, self._outlets.close)
