"""Shelf: one data engine a file."""

from __future__ import annotations

from typing import Final

MEMBERS: Final = ("duckdb", "spark")
"""Modules of this shelf, sorted; each has a ``MEMBER``."""
