"""What the verb ``cautery guard serve`` does."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cautery.cli.exits import Exit
from cautery.errors import MissingExtraError
from cautery.guard.configuration import load_configuration

if TYPE_CHECKING:
    from cautery.guard.operation import Ports


def serve_file(path: Path, worker: int | None) -> int:
    """Serve by a configuration file.

    Args:
        path: The file.
        worker: Number of this process, of several; None if it is the first to be started.

    Returns:
        The exit code.

    Raises:
        ConfigurationError: The file is wrong.
        MissingExtraError: The extra ``guard`` is not installed.
        OutputError: A port cannot be had.
    """
    configuration = load_configuration(path)
    try:
        from cautery.guard.operation import serve
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"the guard needs {error.name}", hint="Install it: pip install 'cautery[guard]'."
        ) from error
    from cautery.guard.structured_logs import begin_logging
    from cautery.guard.workers import serve_with_workers

    if worker is None and configuration.guard.workers > 1:
        command = [sys.executable, "-m", "cautery.cli", "guard", "serve", str(path), "--worker"]
        return serve_with_workers(configuration, command)
    begin_logging()
    parent = sys.stdin.fileno() if worker is not None else None
    serve(path, configuration, worker=worker or 0, ready=_say_ports, parent=parent)
    return Exit.RAN


def _say_ports(ports: Ports) -> None:
    """Tell whoever started the guard where it is, once it serves."""
    # Written at once, line end included: several workers share one standard output.
    sys.stdout.write(f"{json.dumps(asdict(ports))}\n")
    sys.stdout.flush()
