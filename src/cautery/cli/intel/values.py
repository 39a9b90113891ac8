"""``cautery intel values``: write the values of a case's campaigns down."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cautery.cli.intel.sharing_options import BandName, SharingOptions
from cautery.records.indicator import IndicatorKind


def values(
    case: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    accounts: Path | None = None,
    log: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    band: BandName = "likely",
    kind: Annotated[tuple[IndicatorKind, ...], Parameter(negative="")] = (),
) -> int:
    """Write the values of a case's campaigns down, to match them with a peer.

    The file holds customers' data in clear, for its owner only: it is what `cautery intel match`
    reads, and leaves by no other way.

    Args:
        case: Folder that a scan wrote.
        output: The file, CSV with kind,value.
        accounts: The account table of the scan.
        log: The logs of the scan.
        band: Lowest band of a campaign whose values are taken.
        kind: Kinds of values; all but accounts, organisations and templates if left out.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.matching_run import write_values
    from cautery.cli.intel.sharing_run import ShareRequest

    options = SharingOptions(
        tlp="red", accounts=accounts, log=log, band=band, kind=kind, valid_days=1
    )
    request = ShareRequest(case=case, provider="", options=options)
    return write_values(request, output)
