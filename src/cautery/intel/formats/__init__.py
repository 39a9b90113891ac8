"""The shelf of sharing formats: one file per way to tell peers what was found."""

from __future__ import annotations

from typing import Final

MEMBERS: Final[tuple[str, ...]] = ("csv", "misp", "sigma", "stix")
"""Module names of the built-in sharing formats, sorted."""
