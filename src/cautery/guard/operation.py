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
from pathlib import Path
from typing import Final

from cautery.errors import CauteryError, ConfigurationError, OutputError
from cautery.guard.adapters.proxy import MEMBER as PROXY
from cautery.guard.admin import listen_admin
from cautery.guard.assembly import (
    draw_pepper,
    furnish,
    load_certificates,
    make_settings,
    recording_settings,
    server_context,
)
from cautery.guard.background_delivery import Count
from cautery.guard.configuration import GuardConfiguration, load_configuration
from cautery.guard.events import EventLog
from cautery.guard.metrics import Metrics
from cautery.guard.proxying.service import ProxyService
from cautery.guard.recording import RecordWriter
from cautery.guard.secret_files import read_secret
from cautery.guard.structured_logs import log, on_crash
from cautery.guard.webhooks import Webhook

_COLLECTOR: Final = (20_000, 20, 20)
"""Requests leave no circles behind, so that the collector has next to nothing to find."""
_FIXED: Final = ("listen", "admin", "workers")
"""Keys of ``[guard]`` that need a new start."""


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
        self._pepper = draw_pepper(configuration)
        self._metrics = Metrics()
        self._stop = asyncio.Event()
        self._service: ProxyService | None = None
        self._tls: ssl.SSLContext | None = None
        self._retired: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until a signal says to stop.

        Raises:
            ConfigurationError: A part cannot be made as the configuration says.
            OutputError: A port cannot be had.
        """
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(on_crash)
        service = self._service = self._make_service(loop)
        listeners = await self._listen(service)
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        ports = [listener.sockets[0].getsockname()[1] for listener in listeners]
        log("serving", worker=self._worker, port=ports[0])
        self._ready(ports[0], ports[1] if len(ports) > 1 else 0)
        await self._stop.wait()
        log("stopping", worker=self._worker, in_flight=service.in_flight)
        listeners[0].close()
        await service.drain()
        await self._retire(service.recorder, *service.announcers)
        for listener in listeners[1:]:
            listener.close()
        log("stopped", worker=self._worker)

    def reload(self) -> None:
        """Read the configuration again; keep the old one if the new one is wrong."""
        service = self._service
        if service is None or self._stop.is_set():
            return
        old = self._configuration
        try:
            new = load_configuration(self._path)
            _check_fixed(old, new)
            settings = make_settings(new, furnish(new, self._pepper), self._pepper)
            if self._tls is not None and new.tls is not None:
                load_certificates(self._tls, new.tls)
            recorder, announcers = self._make_outlets(new)
        except CauteryError as error:
            # The text is of the configuration and of our own words: nothing a client wrote.
            self._metrics.count("reloads_total", "refused")
            log("configuration refused", logging.ERROR, reason=error.what, where=error.where)
            return
        self._configuration = new
        service.replace(settings)
        retired = (service.recorder, *service.announcers)
        service.recorder, service.announcers = recorder, announcers
        task = asyncio.get_running_loop().create_task(self._retire(*retired))
        self._retired.add(task)
        task.add_done_callback(self._retired.discard)
        self._metrics.count("reloads_total", "done")
        log("configuration read again", worker=self._worker)

    def _make_service(self, loop: asyncio.AbstractEventLoop) -> ProxyService:
        configuration = self._configuration
        settings = make_settings(configuration, furnish(configuration, self._pepper), self._pepper)
        recorder, announcers = self._make_outlets(configuration)
        return ProxyService(settings, self._metrics, loop, recorder=recorder, announcers=announcers)

    def _make_outlets(
        self, configuration: GuardConfiguration
    ) -> tuple[RecordWriter | None, tuple[EventLog | Webhook, ...]]:
        recording = recording_settings(configuration)
        recorder = None
        if recording is not None:
            recorder = RecordWriter(
                recording, lambda outcome, by: self._metrics.count("records_total", outcome, by=by)
            )
        announcers: list[EventLog | Webhook] = []
        if configuration.events is not None:
            path = self._path.parent / configuration.events.file
            announcers.append(EventLog(path, self._counting("events")))
        for webhook in configuration.webhook:
            announcers.append(
                Webhook(
                    webhook.url,
                    read_secret(webhook.secret_file),
                    frozenset(webhook.actions),
                    self._counting("webhook"),
                )
            )
        return recorder, tuple(announcers)

    def _counting(self, channel: str) -> Count:
        def count(outcome: str, by: int) -> None:
            self._metrics.count("events_total", channel, outcome, by=by)

        return count

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
                    await listen_admin(guard.admin.host, port, self._metrics, self._is_ready)
                )
        except OSError as error:
            raise OutputError(
                f"cannot listen: {error.strerror or type(error).__name__}",
                where=f"{guard.listen.host}:{guard.listen.port}",
            ) from error
        return listeners

    def _is_ready(self) -> bool:
        return not self._stop.is_set()

    async def _retire(self, *outlets: object) -> None:
        """Let outlets finish in a thread, since they wait for disks and other machines."""
        for outlet in outlets:
            if isinstance(outlet, RecordWriter | EventLog | Webhook):
                with suppress(OSError):
                    await asyncio.get_running_loop().run_in_executor(None, outlet.close)


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
