"""The shelf of log formats: one file per format; each reads one kind of access log."""

from __future__ import annotations

from typing import Final

MEMBERS: Final[tuple[str, ...]] = ("canonical",)
"""Module names of the built-in formats, sorted."""
