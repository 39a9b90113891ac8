"""The shelf of report formats: one file per way to write a case."""

from __future__ import annotations

from typing import Final

MEMBERS: Final[tuple[str, ...]] = (
    "accounts_csv",
    "campaigns_csv",
    "ecs",
    "html",
    "json",
    "ocsf",
    "terminal",
)
"""Module names of the built-in report formats, sorted."""
