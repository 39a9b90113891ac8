"""Options of ``cautery provenance model`` that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal  # noqa: F401 - those of inherited fields are looked up here

from cyclopts import Parameter

from cautery.cli.provenance.endpoint_options import EndpointOptions


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AskingOptions(EndpointOptions):
    """How an endpoint is asked; of no use for files."""

    model: str = ""
    """Name of the suspect model, as its endpoint knows it."""
    prompts: Path | None = None
    """Prompts to ask: JSON lines with id and prompt, or one prompt a line (.txt). Those of the
    exposure if left out, which makes the test supervised."""
    state: Path | None = None
    """File that keeps the answers; the same command goes on where it ended."""
    api_key_file: Path | None = None
    """File with the key of the endpoint."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LedgerOptions:
    """Where a report is recorded."""

    ledger: Path | None = None
    """Ledger that the report is appended to."""
    ledger_key: Path | None = None
    """Key of the ledger."""


ASKING: Final = AskingOptions()
RECORDING: Final = LedgerOptions()
"""What holds if nothing is said."""
