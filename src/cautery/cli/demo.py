"""``cautery demo``: planted campaigns, a scan that does not know them, and then the truth."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def demo(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("cautery-demo"),
    seed: int = 1,
    accounts: int = 2000,
    no_progress: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Generate traffic with planted campaigns, scan it, and compare with the truth.

    Works offline. The scan is that of `cautery scan`; it never sees the truth.

    Args:
        output: Folder for the traffic and the results; one of an earlier demo is replaced.
        seed: Seed of the traffic; another seed, other campaigns.
        accounts: Accounts in the traffic, honest and linked together; at least 1000.
        no_progress: Show no progress.

    Returns:
        The exit code.
    """
    from cautery.cli.demo_run import run_demo

    return run_demo(
        output,
        seed=seed,
        accounts=accounts,
        silent=no_progress,
        stdout=sys.stdout,
        stderr=sys.stderr,
    )
