"""``cautery intel misp``: write the templates of our MISP objects."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def misp(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)] = Path(
        "misp-objects"
    ),
) -> int:
    """Write the templates of our MISP objects, for a MISP server.

    Copy the folders into the server's `app/files/misp-objects/objects`, then update its object
    templates. Without them the server keeps events of ours too, and cannot edit their objects.

    Args:
        output: Folder that gets a folder a template, each with a `definition.json`.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.templates_run import write_templates

    return write_templates(output)
