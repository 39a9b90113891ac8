"""The rows of an exchange table as an engine opened them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRows:
    """An opened exchange table."""

    rows: Any
    """Ibis table with the columns of the parts, keys included."""
    parts: tuple[Path, ...]
    """The same as files of this machine; none if they are elsewhere."""
    count: int
    """Exchanges."""
