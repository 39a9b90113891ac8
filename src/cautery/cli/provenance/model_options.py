"""Options of ``cautery provenance model`` that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AskingOptions:
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
    style: Literal["chat", "completions"] = "chat"
    """Which part of the interface is asked."""
    max_tokens: int = 256
    """Tokens that an answer may have."""
    temperature: float = 1.0
    """Temperature that is asked for."""
    most_requests: int = 1_000
    """Limit of requests, over all runs."""
    most_output_tokens: int = 250_000
    """Limit of tokens that are answered, over all runs."""
    most_cost: float | None = None
    """Limit of cost, over all runs; needs prices."""
    input_price: float = 0.0
    """Price of a million tokens of prompts."""
    output_price: float = 0.0
    """Price of a million tokens of answers."""
    timeout_seconds: float = 120.0
    """Time for one whole answer."""
    estimate_only: Annotated[bool, Parameter(negative="")] = False
    """Say what would be asked and what it may cost, and ask nothing."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LedgerOptions:
    """Where a report is recorded."""

    ledger: Path | None = None
    """Ledger that the report is appended to."""
    ledger_key: Path | None = None
    """Key of the ledger."""
