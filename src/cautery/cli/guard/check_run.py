"""What the verb ``cautery guard check`` does."""

from __future__ import annotations

from pathlib import Path

import msgspec

from cautery.cli.exits import Exit, printable
from cautery.errors import CauteryError
from cautery.guard.assembly import assemble
from cautery.guard.configuration import Fault, GuardConfiguration, check_configuration
from cautery.guard.proxy_assembly import server_context
from cautery.guard.secret_files import read_secret
from cautery.guard.service_assembly import service_context
from cautery.guard.services import make_services_settings


def check_lines(path: Path, output_format: str) -> tuple[list[str], Exit]:
    """Check a file and say what was found.

    Args:
        path: The configuration.
        output_format: ``human`` or ``json``.

    Returns:
        Lines to print, and the exit code.
    """
    configuration, faults = check_configuration(path)
    if configuration is not None:
        faults = _faults_of_files(configuration, path)
    code = Exit.UNREADABLE if faults else Exit.RAN
    if output_format == "json":
        found = [{"where": fault.where, "text": fault.text} for fault in faults]
        document = {"configuration": str(path), "usable": not faults, "faults": found}
        return [msgspec.json.encode(document).decode()], code
    if faults:
        return [printable(str(fault)) for fault in faults], code
    return [f"{printable(str(path))}: can be served by"], code


def _faults_of_files(configuration: GuardConfiguration, path: Path) -> tuple[Fault, ...]:
    """Read what a configuration names: secrets, certificates, policies, stores, ledgers."""
    faults = []
    try:
        guard = assemble(configuration, rehearsal=True)
        try:
            make_services_settings(configuration, guard)
        finally:
            guard.close()
        if configuration.tls is not None:
            server_context(configuration.tls)
        if configuration.decision_service is not None:
            service_context(configuration.decision_service)
        for webhook in configuration.webhook:
            read_secret(webhook.secret_file)
    except CauteryError as error:
        faults.append(Fault(where=error.where or str(path), text=error.what))
    return tuple(faults)
