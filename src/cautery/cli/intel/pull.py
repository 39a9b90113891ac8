"""``cautery intel pull``: what is new on a sharing server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter


def pull(
    url: str,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    type: Annotated[tuple[str, ...], Parameter(negative="")] = (),  # noqa: A002 - STIX's word
    since: str = "",
    token: str = "",
    name: str = "",
    certificate: Path | None = None,
    private_key: Path | None = None,
    authorities: Path | None = None,
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
        token: Where the token is: file:PATH or env:NAME.
        name: Name to send the token with, for servers that want a user and password.
        certificate: Your own certificate, PEM.
        private_key: Its key, PEM; in the certificate's file if left out.
        authorities: Who vouches for the server, PEM; those of the system if left out.
        output_format: json prints one object with what came.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.peer_run import PeerOptions
    from cautery.cli.intel.pull_run import pull_into

    options = PeerOptions(
        url=url,
        token=token,
        name=name,
        certificate=certificate,
        private_key=private_key,
        authorities=authorities,
    )
    return pull_into(options, output, type, since, output_format)
