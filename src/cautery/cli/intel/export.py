"""``cautery intel export``: write a case for peers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from cautery.records.indicator import IndicatorKind

TlpName = Literal["clear", "green", "amber", "amber+strict", "red"]
BandName = Literal["very-likely", "likely", "watch"]
Output = Annotated[Path | None, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)]


def export(
    case: Path,
    *,
    provider: str,
    format: str = "stix",  # noqa: A002 - as in `cautery scan`
    tlp: TlpName = "amber",
    keys: Path | None = None,
    accounts: Path | None = None,
    log: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    band: BandName = "likely",
    kind: Annotated[tuple[IndicatorKind, ...], Parameter(negative="")] = (),
    clear_addresses: Annotated[bool, Parameter(negative="")] = False,
    valid_days: int = 30,
    probe: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    output: Annotated[
        Path | None, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)
    ] = None,
) -> int:
    """Write a case for peers: numbers of its campaigns, and values that are keyed.

    Prompts, answers, e-mail addresses, payment tokens and account identifiers never leave in
    clear. `cautery intel preview` lists what is shared and what is not, with the same options.

    Args:
        case: Folder that a scan wrote.
        provider: Name under which it is shared.
        format: Name of the sharing format; see `cautery list sharing`.
        tlp: To whom peers may pass it on (Traffic Light Protocol 2.0).
        keys: The sharing group's file of epoch keys; without it nothing is shared that must be
            keyed.
        accounts: The account table of the scan: mail domains and payment tokens of campaigns.
        log: The logs of the scan: addresses, networks and TLS fingerprints of campaigns.
        band: Lowest band of a campaign that is shared.
        kind: Kinds of indicators; all but accounts and organisations if left out.
        clear_addresses: Share addresses and networks in clear, for peers without the keys.
        valid_days: How long after it was last seen an indicator holds.
        probe: A report of `cautery provenance model` about this case: peers are told that a model
            learned from a campaign's answers, and not which. May be given several times.
        output: The file, or - for standard output; in the case's folder if left out.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.sharing_run import ShareRequest, export_case

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
    return export_case(request, format, output)
