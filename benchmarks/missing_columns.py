"""Subsets of the columns that real logs carry, each with the log that has it.

What LiteLLM and the OpenTelemetry instrumentations leave out by default was read in their
documentation and code: ``docs/reference/formats/``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from benchmarks.world_records import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Subset:
    """Columns that a kind of log carries."""

    name: str
    written_by: str
    """Which real log looks like this, for the docs."""
    log_format: str = "canonical"
    variant: Variant = field(default_factory=Variant)


SUBSETS: Final[tuple[Subset, ...]] = (
    Subset(name="full", written_by="everything that the exchange table and billing can hold"),
    Subset(
        name="no-text",
        written_by="a gateway that keeps no bodies, with billing's account table",
        variant=Variant(text=False),
    ),
    Subset(
        name="no-address",
        written_by="archived bodies, joined with billing",
        variant=Variant(address=False),
    ),
    Subset(
        name="load-balancer",
        written_by="a gateway behind a load balancer that hides its clients",
        variant=Variant(load_balancer=True),
    ),
    Subset(
        name="no-accounts",
        written_by="a full log, without anything from billing or sign-up",
        variant=Variant(account_table=False),
    ),
    Subset(
        name="no-payment",
        written_by="a full log, with an identity system's account table but no billing",
        variant=Variant(payment=False),
    ),
    Subset(
        name="no-client-headers",
        written_by="a log without user agent, order of headers and TLS fingerprint",
        variant=Variant(client_headers=False),
    ),
    Subset(
        name="no-text-no-payment",
        written_by="a gateway that keeps no bodies, with an identity system's account table",
        variant=Variant(text=False, payment=False),
    ),
    Subset(
        name="no-text-no-accounts",
        written_by="an access log with client addresses, and nothing from billing",
        variant=Variant(text=False, account_table=False),
    ),
    Subset(
        name="bodies-only",
        written_by="archived bodies, and nothing else",
        variant=Variant(account_table=False, address=False, client_headers=False),
    ),
    Subset(
        name="litellm-with-prompts",
        written_by="LiteLLM, `store_prompts_in_spend_logs` and `use_x_forwarded_for` on",
        log_format="litellm-spend-logs",
    ),
    Subset(
        name="litellm-default",
        written_by="LiteLLM as installed, behind a load balancer, with billing's account table",
        log_format="litellm-spend-logs",
        variant=Variant(text=False, load_balancer=True),
    ),
    Subset(
        name="litellm-default-alone",
        written_by="LiteLLM as installed, behind a load balancer, and nothing else",
        log_format="litellm-spend-logs",
        variant=Variant(text=False, load_balancer=True, account_table=False),
    ),
    Subset(
        name="litellm-addresses",
        written_by="LiteLLM with `use_x_forwarded_for` on and no prompts, with billing",
        log_format="litellm-spend-logs",
        variant=Variant(text=False),
    ),
    Subset(
        name="otlp-content",
        written_by="OpenTelemetry with message content on, with billing",
        log_format="otlp-json",
        variant=Variant(address=False, client_headers=False),
    ),
    Subset(
        name="otlp-default",
        written_by="OpenTelemetry as instrumented by default (content off), with billing",
        log_format="otlp-json",
        variant=Variant(text=False, address=False, client_headers=False),
    ),
    Subset(
        name="metadata-only",
        written_by="an access log behind a load balancer, and nothing else",
        variant=Variant(account_table=False, text=False, load_balancer=True),
    ),
)
"""From the richest to the poorest, by kind of log."""

SUBSETS_BY_NAME: Final[dict[str, Subset]] = {subset.name: subset for subset in SUBSETS}
"""The same by name."""
