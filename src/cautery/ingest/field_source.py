"""Where a format finds each column: data for ``explain --line`` and for the docs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSource:
    """The places in a record of one format that a column is read from."""

    column: str
    """Canonical column."""
    paths: tuple[str, ...]
    """Dotted paths, the first that is there wins; see ``cautery.ingest.paths.look_up``."""
    note: str = ""
    """What is done with it on the way, if anything."""
