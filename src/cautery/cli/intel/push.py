"""``cautery intel push``: bundles to a sharing server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from cautery.cli.intel.peer_options import REACHING, PeerOptions
from cautery.records.indicator import Tlp


def push(
    url: str,
    *bundle: Path,
    reaching: PeerOptions = REACHING,
    ceiling: Tlp = "amber",
    unmarked: Tlp = "amber",
    output_format: Annotated[
        Literal["human", "json"], Parameter(name=["--output-format"])
    ] = "human",
) -> int:
    """Push STIX bundles to a collection of a TAXII 2.1 server.

    Objects that are there already stay as they are, so it is safe to run again what was broken
    off. What is marked above the ceiling is not sent.

    Args:
        url: Of the collection: https://HOST/ROOT/collections/ID/.
        bundle: Files, as `cautery intel export` writes them.
        reaching: How the server is reached.
        ceiling: The strictest label of the Traffic Light Protocol that is sent.
        unmarked: Label of what is not marked.
        output_format: json prints one object with what became of all.

    Returns:
        The exit code: 0 if the server has all of it, 3 if an object was refused or not sent.
    """
    from cautery.cli.intel.push_run import push_files

    return push_files(
        url, reaching, bundle, ceiling=ceiling, unmarked=unmarked, output_format=output_format
    )
