"""What ``cautery policy ownership`` does and writes."""

from __future__ import annotations

import csv
import hashlib
import io
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TextIO

from cautery.cli.exits import Exit
from cautery.errors import OutputError
from cautery.policy.ownership import Count, Method, restricted_shares
from cautery.policy.sources import read_text
from cautery.policy.stakes import StakeGraph, read_regions, read_stakes
from cautery.report.sanitise import csv_text

COLUMNS = (
    "org_id",
    "ownership",
    "restricted_ownership_basis_points",
    "at_most_percent",
    "method",
    "stakes_sha256",
    "regions_sha256",
)


def run_ownership(
    stakes: Path,
    regions: Path,
    restricted: Sequence[str],
    *,
    method: Method,
    count: Count,
    output: Path | None,
) -> int:
    """Resolve owners.

    Args:
        stakes: Who owns how much of whom.
        regions: Where owners are at home.
        restricted: Restricted regions.
        method: How indirect shares count.
        count: Whether restricted regions add up.
        output: The file to write; standard output if None.

    Returns:
        The exit code.

    Raises:
        CauteryError: A table is wrong, or the result cannot be written.
    """
    stakes_text = read_text(stakes, str(stakes))
    regions_text = read_text(regions, str(regions))
    graph = StakeGraph(
        owners=read_stakes(stakes_text, str(stakes)),
        regions=read_regions(regions_text, str(regions)),
    )
    shares = restricted_shares(graph, restricted, method, count)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in (stakes_text, regions_text)]
    for share in shares:
        writer.writerow(
            (
                csv_text(share.org_id),
                share.ownership,
                share.basis_points,
                _percent(share.at_most),
                method,
                *digests,
            )
        )
    _write(written.getvalue(), output, sys.stdout)
    over = sum(1 for share in shares if share.basis_points > 5000)
    unknown = sum(1 for share in shares if share.ownership == "unknown")
    print(
        f"{len(shares):,} organisations: {over:,} over half, {unknown:,} unknown ({method}); "
        "not legal advice",
        file=sys.stderr,
    )
    return Exit.RAN


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.4f}"


def _write(text: str, output: Path | None, screen: TextIO) -> None:
    if output is None:
        screen.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror or error}", where=str(output)
        ) from error
