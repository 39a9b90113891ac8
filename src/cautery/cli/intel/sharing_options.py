"""Options of the verbs of ``cautery intel`` that make a bulletin of a case."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from cautery.records.indicator import IndicatorKind

TlpName = Literal["clear", "green", "amber", "amber+strict", "red"]
BandName = Literal["very-likely", "likely", "watch"]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class SharingOptions:
    """What is shared, and how."""

    tlp: TlpName = "amber"
    """To whom peers may pass it on (Traffic Light Protocol 2.0)."""
    keys: Path | None = None
    """The sharing group's file of epoch keys; without it nothing is shared that must be keyed."""
    accounts: Path | None = None
    """The account table of the scan: mail domains and payment tokens of campaigns."""
    log: Annotated[tuple[str, ...], Parameter(negative="")] = ()
    """The logs of the scan: addresses, networks and TLS fingerprints of campaigns."""
    band: BandName = "likely"
    """Lowest band of a campaign that is shared."""
    kind: Annotated[tuple[IndicatorKind, ...], Parameter(negative="")] = ()
    """Kinds of indicators; all but accounts and organisations if left out."""
    clear_addresses: Annotated[bool, Parameter(negative="")] = False
    """Share addresses and networks in clear, for peers without the keys."""
    valid_days: int = 30
    """How long after it was last seen an indicator holds."""
    probe: Annotated[tuple[Path, ...], Parameter(negative="")] = ()
    """Report of `cautery provenance model`: peers learn whose answers were taken, not by whom."""


SHARING: Final = SharingOptions()
"""What holds if nothing is said."""
