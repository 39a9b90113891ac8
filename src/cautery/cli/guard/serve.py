"""``cautery guard serve``: a reverse proxy in front of a model server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def serve(
    configuration: Path,
    *,
    worker: Annotated[int | None, Parameter(show=False)] = None,
) -> int:
    """Serve as a reverse proxy in front of a model server, until it is told to stop.

    SIGHUP reads the configuration again without losing a request; SIGTERM lets answers under way
    end. The log on standard error is one JSON object a line.

    Args:
        configuration: The TOML file.
        worker: Number of this process, of several.

    Returns:
        The exit code.
    """
    from cautery.cli.guard.serve_run import serve_file

    return serve_file(configuration, worker)
