"""Runs a guard: begins, reads its configuration again, and stops without losing a request.

``SIGHUP`` reads the configuration again: requests under way end as they began, new ones are treated
by the new one; a configuration that is wrong changes nothing. ``SIGTERM`` and ``SIGINT`` close the
listener, let answers under way end, and write down what waits.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from cautery.errors import CauteryError, OutputError
from cautery.guard.admin import listen_admin
from cautery.guard.assembly import Assembled, assemble
from cautery.guard.configuration import GuardConfiguration, load_configuration
from cautery.guard.metrics import Metrics
from cautery.guard.outlets import Outlets, open_outlets
from cautery.guard.services import (
    Services,
    ServicesSettings,
    check_same_place,
    make_services_settings,
    settles_usage,
)
from cautery.guard.structured_logs import log, on_crash
from cautery.guard.watching import watch

Done = TypeVar("Done")
_COLLECTOR: Final = (20_000, 20, 20)
"""Requests leave no circles behind, so that the collector has next to nothing to find."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where a process is found; 0 for what it does not serve."""

    port: int
    """The proxy."""
    admin_port: int
    """Health and metrics."""
    decision_port: int
    """The decision service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What a configuration that was read again is carried out by."""

    configuration: GuardConfiguration
    guard: Assembled
    settings: ServicesSettings
    outlets: Outlets


class GuardProcess:
    """One process of a guard.

    Args:
        path: Its configuration file.
        configuration: The same, read.
        worker: Which of several processes it is; the first is 0.
        ready: Called with the ports once it serves, for whoever waits for that.
        parent: End of a pipe that is closed when the process that started this one is gone, and
            then this one stops too; None if it is by itself.
    """

    def __init__(
        self,
        path: Path,
        configuration: GuardConfiguration,
        *,
        worker: int = 0,
        ready: Callable[[Ports], None] = lambda _ports: None,
        parent: int | None = None,
    ) -> None:
        self._path = path
        self._parent = parent
        self._configuration = configuration
        self._worker = worker
        self._ready = ready
        self._metrics = Metrics()
        self._stop = asyncio.Event()
        self._guard: Assembled | None = None
        self._outlets: Outlets | None = None
        self._services: Services | None = None
        self._reading_again = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until a signal says to stop.

        Raises:
            CauteryError: A part cannot be made as the configuration says.
            OutputError: A port cannot be had.
        """
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(on_crash)
        settles = settles_usage(self._configuration)
        guard = self._guard = assemble(self._configuration, worker=self._worker, settles=settles)
        try:
            services = self._services = self._make_services(guard, loop)
            await services.listen(self._configuration)
            admin = await self._listen_admin()
            loop.add_signal_handler(signal.SIGHUP, self.reload)
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._stop.set)
            if self._parent is not None:
                loop.add_reader(self._parent, self._parent_left, loop, self._parent)
            guard.start()
            # What is there now stays: the collector need not look at it again and again.
            gc.collect()
            gc.freeze()
            ports = Ports(
                port=services.port,
                admin_port=admin.sockets[0].getsockname()[1] if admin is not None else 0,
                decision_port=services.decision_port,
            )
            log("serving", worker=self._worker, port=ports.port, decision_port=ports.decision_port)
            self._ready(ports)
            await self._stop.wait()
            log("stopping", worker=self._worker, in_flight=services.in_flight)
            await services.drain()
            async with self._reading_again:
                await self._in_thread(self._close)
            if admin is not None:
                admin.close()
            log("stopped", worker=self._worker)
        finally:
            self._close()

    def _parent_left(self, loop: asyncio.AbstractEventLoop, parent: int) -> None:
        """Stop: nobody would pass a signal on any more."""
        loop.remove_reader(parent)
        log("the process that started this one is gone", logging.WARNING, worker=self._worker)
        self._stop.set()

    def reload(self) -> None:
        """Read the configuration again; keep the old one if the new one is wrong."""
        task = asyncio.get_running_loop().create_task(self._reload())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reload(self) -> None:
        """Put the new guard together beside the path of requests, then swap."""
        async with self._reading_again:
            services, old = self._services, self._guard
            if services is None or old is None or self._stop.is_set():
                return
            try:
                made = await self._in_thread(lambda: self._made_again(old, services))
            except Exception as error:  # noqa: BLE001 - the old guard goes on, whatever it was
                self._refuse_reload(error)
                return
            old_outlets, new = self._outlets, made.guard
            self._configuration = made.configuration
            services.replace(made.settings, made.outlets)
            self._guard, self._outlets = new, made.outlets
            new.start()
            watch(new, self._metrics)
            self._metrics.count("reloads_total", "done")
            log("configuration read again", worker=self._worker)
            await self._in_thread(lambda: old.close(keeping=new))
            if old_outlets is not None:
                await self._in_thread(old_outlets.close)

    def _refuse_reload(self, error: Exception) -> None:
        self._metrics.count("reloads_total", "refused")
        # The text is of the configuration and of our own words: nothing a client wrote.
        told = error if isinstance(error, CauteryError) else CauteryError(type(error).__name__)
        log("configuration refused", logging.ERROR, reason=told.what, where=told.where)

    def _made_again(self, old: Assembled, services: Services) -> _Made:
        """Read everything that the new configuration names; nothing at work is changed yet."""
        new = load_configuration(self._path)
        check_same_place(self._configuration, new)
        guard = assemble(new, before=old, worker=self._worker, settles=settles_usage(new))
        try:
            settings = make_services_settings(new, guard)
            services.load_certificates(new)
            outlets = open_outlets(new, self._metrics)
        except BaseException:
            guard.close(keeping=old)
            raise
        return _Made(configuration=new, guard=guard, settings=settings, outlets=outlets)

    def _make_services(self, guard: Assembled, loop: asyncio.AbstractEventLoop) -> Services:
        settings = make_services_settings(self._configuration, guard)
        outlets = self._outlets = open_outlets(self._configuration, self._metrics)
        watch(guard, self._metrics)
        return Services(settings, outlets, self._metrics, loop)

    async def _in_thread(self, work: Callable[[], Done]) -> Done:
        """Do in a thread what waits for disks and other machines."""
        return await asyncio.get_running_loop().run_in_executor(None, work)

    def _close(self) -> None:
        """Let everything finish and go."""
        guard, self._guard = self._guard, None
        outlets, self._outlets = self._outlets, None
        if guard is not None:
            guard.close()
        if outlets is not None:
            outlets.close()

    async def _listen_admin(self) -> asyncio.Server | None:
        admin = self._configuration.guard.admin
        if admin is None:
            return None
        port = admin.port and admin.port + self._worker
        try:
            return await listen_admin(admin.host, port, self._metrics, self._faults)
        except OSError as error:
            raise OutputError(
                f"cannot listen: {error.strerror or type(error).__name__}",
                where=f"{admin.host}:{admin.port}",
            ) from error

    def _faults(self) -> list[str]:
        """Say why requests should not be sent here."""
        if self._stop.is_set() or self._guard is None:
            return ["it stops"]
        return self._guard.faults()


def serve(
    path: Path,
    configuration: GuardConfiguration,
    *,
    worker: int = 0,
    ready: Callable[[Ports], None] = lambda _ports: None,
    parent: int | None = None,
) -> None:
    """Run one process of a guard until it is told to stop.

    Args:
        path: The configuration file.
        configuration: The same, read.
        worker: Which of several processes it is.
        ready: Called with its ports once it serves.
        parent: As ``GuardProcess`` takes it.

    Raises:
        CauteryError: It cannot begin.
    """

    async def run() -> None:
        process = GuardProcess(path, configuration, worker=worker, ready=ready, parent=parent)
        await process.run()

    gc.set_threshold(*_COLLECTOR)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Take uvloop where it is installed; the standard loop does the same, more slowly."""
    try:
        import uvloop
    except ModuleNotFoundError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
