"""The shelf of log formats: one file per format; each reads one kind of access log."""

from __future__ import annotations

from typing import Final

MEMBERS: Final[tuple[str, ...]] = (
    "anthropic_bodies",
    "canonical",
    "litellm_spend_logs",
    "litellm_standard_payload",
    "mapped",
    "openai_bodies",
    "otlp_json",
)
"""Module names of the built-in formats, sorted."""
