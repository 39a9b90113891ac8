"""Options of ``cautery provenance model`` that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal  # noqa: F401 - those of inherited fields are looked up here

from cyclopts import Parameter

from cautery.cli.provenance.endpoint_options import EndpointOptions


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class MaterialOptions:
    """What of our own the suspect's texts are compared with."""

    exposure: Annotated[
        Path | None,
        Parameter(
            help=(
                "Our own marked answers (JSON lines, or the table of `cautery ingest`): only "
                "contexts that occur there count, and the teacher's mark is measured on them."
            ),
        ),
    ] = None
    reference: Annotated[
        Path | None,
        Parameter(
            help=(
                "Unmarked text of the same kind (likewise), such as answers to the same prompts "
                "from before marking: shows more of green lists in what a suspect writes."
            ),
        ),
    ] = None
    case: Annotated[
        Path | None,
        Parameter(
            help=(
                "Folder of a scan, or its case.json: which accounts are of one campaign, and so "
                "which answers of the exposure were served to it."
            ),
        ),
    ] = None


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AskingOptions(EndpointOptions):
    """How an endpoint is asked; of no use for files."""

    model: str = ""
    """Name of the suspect model, as its endpoint knows it."""
    prompts: Annotated[
        Path | None,
        Parameter(
            help=(
                "Prompts to ask: JSON lines with id and prompt, or one prompt a line (.txt). "
                "Those of the exposure if left out, which makes the test supervised."
            ),
        ),
    ] = None
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


MATERIAL: Final = MaterialOptions()
ASKING: Final = AskingOptions()
RECORDING: Final = LedgerOptions()
"""What holds if nothing is said."""
