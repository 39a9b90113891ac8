"""Options of every verb of ``cautery provenance`` that asks an endpoint, or reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import Parameter


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class EndpointOptions:
    """How an endpoint is asked, and what that may cost."""

    style: Literal["chat", "completions"] = "chat"
    """Which part of the interface is asked."""
    max_tokens: int = 256
    """Tokens that an answer may have."""
    temperature: float = 1.0
    """Temperature that is asked for."""
    at_once: int = 1
    """Prompts that are under way at once, up to 64; what comes out does not depend on it."""
    requests_per_minute: float | None = None
    """Rate that is kept to, evenly spread; as fast as answers come if left out."""
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
class ShowingOptions:
    """Where a report goes, and what is shown meanwhile."""

    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None
    """Write the report here, as JSON."""
    output_format: Literal["human", "json"] = "human"
    """json prints the report instead of a summary."""
    no_progress: Annotated[bool, Parameter(negative="")] = False
    """Show no progress."""


SHOWING: Final = ShowingOptions()
"""What holds if nothing is said."""
