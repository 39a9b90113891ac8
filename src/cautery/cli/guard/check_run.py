"""What the verb ``cautery guard check`` does."""

from __future__ import annotations

from pathlib import Path

from cautery.cli.configuration_faults import fault_lines
from cautery.cli.exits import Exit
from cautery.errors import CauteryError
from cautery.guard.assembly import assemble
from cautery.guard.configuration import GuardConfiguration, check_configuration
from cautery.guard.proxy_assembly import server_context
from cautery.guard.secret_files import read_secret
from cautery.guard.service_assembly import service_context
from cautery.guard.services import make_services_settings
from cautery.toml_files import FileFault


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
    return fault_lines(path, faults, output_format)


def _faults_of_files(configuration: GuardConfiguration, path: Path) -> tuple[FileFault, ...]:
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
        faults.append(FileFault.of(error, path))
    return tuple(faults)
