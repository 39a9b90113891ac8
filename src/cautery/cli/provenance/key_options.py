"""Options of the verbs of ``cautery provenance`` that test for watermark keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class KeyOptions:
    """Profiles, and the keys to test for under each."""

    profile: Annotated[tuple[Path, ...], Parameter(negative="")]
    """A profile; may be given several times."""
    keys: Annotated[tuple[Path, ...], Parameter(negative="")] = ()
    """The key file of a profile; as many as profiles, in their order."""
    ring: Path | None = None
    """The key ring to derive from instead."""
    epoch: Annotated[tuple[str, ...], Parameter(negative="")] = ()
    """An epoch of the ring; all that can verify if left out."""
    accounts: Path | None = None
    """Table with a column account_id (CSV): the accounts to tell apart."""
    campaign: Annotated[tuple[str, ...], Parameter(negative="")] = ()
    """A campaign with a key of its own; may be given several times."""
