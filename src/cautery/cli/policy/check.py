"""``cautery policy check``: load a policy set, check every rule, and say what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def check(
    policy: Path,
    /,
    *,
    archive: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Load a policy set as a guard would; anything wrong is named by file and line.

    Says whether the rules that are to be enforced may be: after a backtest of theirs, or by an
    override.

    Args:
        policy: The set's policy.toml.
        archive: Keep the set in this folder under its digest, for explain --as-of.
        as_json: Write JSON to standard output.

    Returns:
        The exit code.
    """
    from cautery.cli.policy.check_run import run_check

    return run_check(policy, archive, as_json=as_json)
