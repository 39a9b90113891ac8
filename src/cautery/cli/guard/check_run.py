"""What the verb ``cautery guard check`` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from cautery.cli.configuration_faults import fault_lines
from cautery.cli.exits import Exit
from cautery.errors import CauteryError
from cautery.guard.assembly import assemble
from cautery.guard.configuration import (
    CoreConfiguration,
    GuardConfiguration,
    check_any_configuration,
)
from cautery.guard.exchange_assembly import exchange_settings
from cautery.guard.outlets import outlet_checks
from cautery.guard.proxy_assembly import server_context
from cautery.guard.service_assembly import service_context
from cautery.guard.services import make_services_settings
from cautery.toml_files import FileFault

_SERVED: Final = "can be served by"
_INSIDE: Final = (
    "can be used inside another server, by the ASGI middleware or LiteLLM's plug-in "
    "(cautery guard serve needs [guard] with [upstream] or [decision_service])"
)


def check_lines(path: Path, output_format: str) -> tuple[list[str], Exit]:
    """Check a file and say what was found.

    Args:
        path: The configuration of what serves, or of a guard inside another server.
        output_format: ``human`` or ``json``.

    Returns:
        Lines to print, and the exit code.
    """
    configuration, faults = check_any_configuration(path)
    if configuration is not None:
        faults = tuple(_faults_of_files(configuration, path))
    usable = _SERVED if isinstance(configuration, GuardConfiguration) else _INSIDE
    return fault_lines(path, faults, output_format, usable=usable)


def _faults_of_files(configuration: CoreConfiguration, path: Path) -> Iterator[FileFault]:
    """Read what a configuration names: secrets, certificates, policies, stores, ledgers."""
    for check in _checks(configuration):
        try:
            check()
        except CauteryError as error:
            yield FileFault.of(error, path)


def _checks(configuration: CoreConfiguration) -> Iterator[Callable[[], object]]:
    yield partial(_put_together, configuration)
    if isinstance(configuration, GuardConfiguration):
        if configuration.tls is not None:
            yield partial(server_context, configuration.tls)
        if configuration.decision_service is not None:
            yield partial(service_context, configuration.decision_service)
    yield from outlet_checks(configuration)


def _put_together(configuration: CoreConfiguration) -> None:
    guard = assemble(configuration, rehearsal=True)
    try:
        if isinstance(configuration, GuardConfiguration):
            make_services_settings(configuration, guard)
        else:
            exchange_settings(configuration, guard, configuration.inside.paths)
    finally:
        guard.close()
