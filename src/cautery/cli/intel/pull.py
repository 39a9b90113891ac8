"""``cautery intel pull``: what is new on a sharing server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from cautery.cli.intel.peer_options import REACHING, PeerOptions


def pull(
    url: str,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    type: Annotated[tuple[str, ...], Parameter(negative="")] = (),  # noqa: A002 - STIX's word
    since: str = "",
    reaching: PeerOptions = REACHING,
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Fetch what is new in a collection of a TAXII 2.1 server since the last time.

    The folder gets one STIX bundle a page, for `cautery intel import`, and remembers how far it
    got, also when it is broken off.

    Args:
        url: Of the collection: https://HOST/ROOT/collections/ID/.
        output: The folder.
        type: STIX types to fetch; all if left out.
        since: Time to begin after at the first call, as in 2026-01-02T03:04:05Z.
        reaching: How the server is reached.
        output_format: json prints one object with what came.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.pull_run import pull_into

    return pull_into(url, reaching, output, types=type, since=since, output_format=output_format)
