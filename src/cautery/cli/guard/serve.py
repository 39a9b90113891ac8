"""``cautery guard serve``: a reverse proxy, a decision service that gateways ask, or both."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def serve(
    configuration: Path,
    *,
    worker: Annotated[int | None, Parameter(show=False)] = None,
) -> int:
    """Serve as a reverse proxy, as a decision service, or both, until it is told to stop.

    [upstream] in the file makes it a proxy in front of a model server, [decision_service] a
    service that gateways (nginx, Envoy, Traefik, LiteLLM) and programs ask over HTTP.

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
