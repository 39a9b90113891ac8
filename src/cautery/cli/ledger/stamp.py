"""``cautery ledger stamp``: have somebody else say when the ledger was as it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

stamp: Final = App(
    name="stamp",
    help="Have somebody else say when the ledger was as it is.",
    help_format="plaintext",
)
"""The verb; its own verbs are below."""


@stamp.command
def request(folder: Path, *, output: Annotated[Path, Parameter(name=["--output", "-o"])]) -> int:
    """Write a request for a time stamp of the current checkpoint (RFC 3161).

    Send it with `curl --data-binary @FILE -H 'Content-Type: application/timestamp-query' URL`.

    Args:
        folder: The ledger's folder.
        output: The request's file.

    Returns:
        The exit code.
    """
    from cautery.cli.ledger.anchoring_run import write_stamp_request

    return write_stamp_request(folder, output)


@stamp.command
def add(folder: Path, reply: Path, *, certificates: Path) -> int:
    """Check the authority's reply and keep it with its checkpoint; packs carry it from then on.

    Args:
        folder: The ledger's folder.
        reply: The reply's file.
        certificates: Root certificates of the authority (PEM).

    Returns:
        The exit code.
    """
    from cautery.cli.ledger.anchoring_run import keep_stamp

    print(keep_stamp(folder, reply, certificates), file=sys.stderr)
    return 0
