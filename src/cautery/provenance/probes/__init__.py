"""Probes: tests that are run on a suspect model; one file each."""

from __future__ import annotations

from typing import Final

MEMBERS: Final = ("canary", "guardrail_gap", "lineage", "radioactivity")
"""Names of the modules of this shelf, sorted."""
