"""``cautery policy ownership``: resolve who owns organisations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter


def ownership(
    stakes: Path,
    /,
    *,
    regions: Path,
    restricted: Annotated[tuple[str, ...], Parameter(negative="")],
    method: Literal["multiplied", "cascade"],
    count: Literal["together", "each-region"] = "together",
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
) -> int:
    """Resolve which share of each organisation owners from restricted regions hold.

    Writes CSV: org_id, ownership (known, or unknown if what is not known could tip it over half),
    restricted_ownership_basis_points (rounded up; more than 5000 is over half), at_most_percent,
    method, and the digests of both files. Exactly half is not over. Not legal advice.

    Args:
        stakes: CSV: owner_id, owned_id, share_percent (33.4, or 100/3).
        regions: CSV: owner_id, region (two capitals, dispersed for a crowd, empty if unknown).
        restricted: A restricted region; may be given several times.
        method: multiplied: shares multiply along chains. cascade: whoever is held by more than
            half counts in full.
        count: Whether restricted regions add up, or each stands alone.
        output: Write here instead of to standard output.

    Returns:
        The exit code.
    """
    from cautery.cli.policy.ownership_run import run_ownership

    return run_ownership(stakes, regions, restricted, method=method, count=count, output=output)
