"""``cautery intel show``: show the indicators that peers gave."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from cautery.cli.intel.import_ import STORE


def show(
    *,
    store: Path = STORE,
    peer: str = "",
    all_: Annotated[bool, Parameter(name=["--all"], negative="")] = False,
    forget: str = "",
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Show the indicators that peers gave and that hold now.

    Args:
        store: File that keeps the indicators.
        peer: Only those of this peer.
        all_: Those too that were taken back or ran out.
        forget: Drop everything that this peer ever gave, instead of showing anything.
        output_format: json writes one line an indicator.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.taking_run import forget_peer, show_store

    if forget:
        return forget_peer(store, forget)
    return show_store(store, peer, everything=all_, machine=output_format == "json")
