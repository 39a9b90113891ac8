"""``cautery policy test``: ask the allow and deny cases beside packs, and one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def test(
    policy: Path,
    /,
    *,
    cases: Annotated[tuple[Path, ...], Parameter(negative="")] = (),  # noqa: PT028 - no test of ours
) -> int:
    """Ask the cases beside every pack of a set, and your own of the whole set.

    Every denied case is asked again with one fact after another taken away; none may then be let
    through. Exits with 1 if a case goes wrong.

    Args:
        policy: The set's policy.toml, or the .cedar file of one pack.
        cases: A file of cases for the whole set; may be given several times.

    Returns:
        The exit code.
    """
    from cautery.cli.policy.cases_run import run_test

    return run_test(policy, cases)
