"""Shelf: one watermark construction a file, bit-exact with the engine that embeds it."""

from __future__ import annotations

from typing import Final

MEMBERS: Final[tuple[str, ...]] = ()
"""Modules of this shelf, sorted; each has a ``MEMBER``."""
