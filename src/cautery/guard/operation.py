"""Runs a guard: begins, reads its configuration again, and stops without losing a request.

``SIGHUP`` reads the configuration again: requests under way end as they began, new ones are treated
by the new one; a configuration that is wrong changes nothing. ``SIGTERM`` and ``SIGINT`` close the
listener, let answers under way end, and write down what waits.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from cautery.errors import CauteryError, ConfigurationError, OutputError
from cautery.guard.adapters.proxy import MEMBER as PROXY
from cautery.guard.admin import listen_admin
from cautery.guard.assembly import Assembled, assemble
from cautery.guard.configuration import GuardConfiguration, load_configuration
from cautery.guard.metrics import Metrics
from cautery.guard.outlets import Outlets, open_outlets
from cautery.guard.proxy_assembly import load_certificates, make_settings, server_context
from cautery.guard.proxying.service import ProxyService
from cautery.guard.proxying.settings import ProxySettings
from cautery.guard.structured_logs import log, on_crash
from cautery.guard.watching import watch

Done = TypeVar("Done")
_COLLECTOR: Final = (20_000, 20, 20)
"""Requests leave no circles behind, so that the collector has next to nothing to find."""
_FIXED: Final = ("listen", "admin", "workers")
"""Keys of ``[guard]`` that need a new start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What a configuration that was read again is carried out by."""

    configuration: GuardConfiguration
    guard: Assembled
    settings: ProxySettings
    outlets: Outlets


class GuardProcess:
    """One process of a guard.

    Args:
        path: Its configuration file.
        configuration: The same, read.
        worker: Which of several processes it is; the first is 0.
        ready: Called with the ports once it serves, for whoever waits for that.
    """

    def __init__(
        self,
        path: Path,
        configuration: GuardConfiguration,
        *,
        worker: int = 0,
        ready: Callable[[int, int], None] = lambda _port, _admin: None,
    ) -> None:
        self._path = path
        self._configuration = configuration
        self._worker = worker
        self._ready = ready
        self._metrics = Metrics()
        self._stop = asyncio.Event()
        self._guard: Assembled | None = None
        self._outlets: Outlets | None = None
        self._service: ProxyService | None = None
        self._tls: ssl.SSLContext | None = None
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
        guard = self._guard = assemble(self._configuration, worker=self._worker)
        try:
            service = self._service = self._make_service(guard, loop)
            listeners = await self._listen(service)
            loop.add_signal_handler(signal.SIGHUP, self.reload)
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._stop.set)
            guard.start()
            ports = [listener.sockets[0].getsockname()[1] for listener in listeners]
            log("serving", worker=self._worker, port=ports[0])
            self._ready(ports[0], ports[1] if len(ports) > 1 else 0)
            await self._stop.wait()
            log("stopping", worker=self._worker, in_flight=service.in_flight)
            listeners[0].close()
            await service.drain()
            async with self._reading_again:
                await self._in_thread(self._close)
            for listener in listeners[1:]:
                listener.close()
            log("stopped", worker=self._worker)
        finally:
            self._close()

    def reload(self) -> None:
        """Read the configuration again; keep the old one if the new one is wrong."""
        task = asyncio.get_running_loop().create_task(self._reload())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reload(self) -> None:
        """Put the new guard together beside the path of requests, then swap."""
        async with self._reading_again:
            service, old = self._service, self._guard
            if service is None or old is None or self._stop.is_set():
                return
            try:
                made = await self._in_thread(lambda: self._made_again(old))
            except Exception as error:  # noqa: BLE001 - the old guard goes on, whatever it was
                self._refuse_reload(error)
                return
            old_outlets, new = self._outlets, made.guard
            self._configuration = made.configuration
            service.replace(made.settings)
            service.recorder, service.announcers = made.outlets.recorder, made.outlets.announcers
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
        reason = error.what if isinstance(error, CauteryError) else type(error).__name__
        where = error.where if isinstance(error, CauteryError) else ""
        log("configuration refused", logging.ERROR, reason=reason, where=where)

    def _made_again(self, old: Assembled) -> _Made:
        """Read everything that the new configuration names; nothing at work is changed yet."""
        new = load_configuration(self._path)
        _check_fixed(self._configuration, new)
        guard = assemble(new, before=old, worker=self._worker)
        try:
            settings = make_settings(new, guard)
            if self._tls is not None and new.tls is not None:
                load_certificates(self._tls, new.tls)
            outlets = open_outlets(new, self._metrics)
        except BaseException:
            guard.close(keeping=old)
            raise
        return _Made(configuration=new, guard=guard, settings=settings, outlets=outlets)

    def _make_service(self, guard: Assembled, loop: asyncio.AbstractEventLoop) -> ProxyService:
        settings = make_settings(self._configuration, guard)
        outlets = self._outlets = open_outlets(self._configuration, self._metrics)
        watch(guard, self._metrics)
        return ProxyService(
            settings,
            self._metrics,
            loop,
            recorder=outlets.recorder,
            announcers=outlets.announcers,
        )

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

    async def _listen(self, service: ProxyService) -> list[asyncio.Server]:
        guard = self._configuration.guard
        if self._configuration.tls is not None:
            self._tls = server_context(self._configuration.tls)
        try:
            listeners = [
                await PROXY.listen(
                    service,
                    guard.listen.host,
                    guard.listen.port,
                    tls=self._tls,
                    reuse_port=guard.workers > 1,
                )
            ]
            if guard.admin is not None:
                port = guard.admin.port and guard.admin.port + self._worker
                listeners.append(
                    await listen_admin(guard.admin.host, port, self._metrics, self._faults)
                )
        except OSError as error:
            raise OutputError(
                f"cannot listen: {error.strerror or type(error).__name__}",
                where=f"{guard.listen.host}:{guard.listen.port}",
            ) from error
        return listeners

    def _faults(self) -> list[str]:
        """Say why requests should not be sent here."""
        if self._stop.is_set() or self._guard is None:
            return ["it stops"]
        return self._guard.faults()


def _check_fixed(old: GuardConfiguration, new: GuardConfiguration) -> None:
    changed = [name for name in _FIXED if getattr(old.guard, name) != getattr(new.guard, name)]
    if (old.tls is None) != (new.tls is None):
        changed.append("[tls]")
    if old.identity.pepper_file != new.identity.pepper_file:
        changed.append("pepper_file")
    if changed:
        raise ConfigurationError(f"a new start is needed to change {', '.join(changed)}")


def serve(
    path: Path,
    configuration: GuardConfiguration,
    *,
    worker: int = 0,
    ready: Callable[[int, int], None] = lambda _port, _admin: None,
) -> None:
    """Run one process of a guard until it is told to stop.

    Args:
        path: The configuration file.
        configuration: The same, read.
        worker: Which of several processes it is.
        ready: Called with port and admin port once it serves.

    Raises:
        CauteryError: It cannot begin.
    """
    import gc

    async def run() -> None:
        await GuardProcess(path, configuration, worker=worker, ready=ready).run()

    # What is there now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
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


def serve_with_workers(
    path: Path, configuration: GuardConfiguration, command: Sequence[str]
) -> int:
    """Run several processes that share the port, and pass signals on to them.

    Args:
        path: The configuration file.
        configuration: The same, read.
        command: Words that run one process; its number is added.

    Returns:
        The first exit code that is not 0, or 0.
    """
    import subprocess

    processes = [
        subprocess.Popen([*command, str(number)])  # noqa: S603 - our own program
        for number in range(configuration.guard.workers)
    ]

    def pass_on(number: int, _frame: object) -> None:
        for process in processes:
            with suppress(ProcessLookupError):
                process.send_signal(number)

    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    codes = [process.wait() for process in processes]
    return next((code for code in codes if code), 0)
