"""``cautery intel import``: take a peer's indicators in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

STORE = Path("cautery-indicators.sqlite")
"""Where indicators are kept if nobody says where."""


def import_(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    peer: str,
    format: str = "auto",  # noqa: A002 - as in `cautery scan`
    store: Path = STORE,
) -> int:
    """Take a peer's indicators in: all of a file, or nothing.

    They are facts with a source and an end. `cautery scan --indicators STORE` weighs them; they
    raise a chance a little and never decide.

    Args:
        file: The peer's file, or - for standard input.
        peer: Who gave it to you, in your own words; not who the file says.
        format: Name of the sharing format, see `cautery list sharing`; auto recognises it.
        store: File that keeps the indicators.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.taking_run import take_file

    return take_file(file, peer, format, store)
