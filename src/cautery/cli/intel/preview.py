"""``cautery intel preview``: say what an export would share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from cautery.cli.intel.export import BandName, TlpName
from cautery.records.indicator import IndicatorKind


def preview(
    case: Path,
    *,
    provider: str = "you",
    tlp: TlpName = "amber",
    keys: Path | None = None,
    accounts: Path | None = None,
    log: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    band: BandName = "likely",
    kind: Annotated[tuple[IndicatorKind, ...], Parameter(negative="")] = (),
    clear_addresses: Annotated[bool, Parameter(negative="")] = False,
    valid_days: int = 30,
    probe: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Say field by field what an export would share, and what it would not. Nothing leaves.

    Args:
        case: Folder that a scan wrote.
        provider: As for `cautery intel export`.
        tlp: As for `cautery intel export`.
        keys: The sharing group's file of epoch keys.
        accounts: The account table of the scan.
        log: The logs of the scan.
        band: Lowest band of a campaign that is shared.
        kind: Kinds of indicators; all but accounts and organisations if left out.
        clear_addresses: Share addresses and networks in clear.
        valid_days: How long after it was last seen an indicator holds.
        probe: As for `cautery intel export`.
        output_format: json writes one document.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.preview_run import show_preview
    from cautery.cli.intel.sharing_run import ShareRequest

    request = ShareRequest(
        case=case,
        provider=provider,
        tlp=tlp,
        keys=keys,
        accounts=accounts,
        logs=log,
        band=band,
        kinds=kind,
        clear_addresses=clear_addresses,
        valid_days=valid_days,
        probes=probe,
    )
    return show_preview(request, machine=output_format == "json")
