"""What an engine may be told when it is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cautery.errors import UsageError

OWN_ENGINE: Final = "duckdb"
"""Engine of a scan that names none."""
_MASTER: Final = re.compile(r"local(\[[^\]]+\])?|yarn|(spark|sc|k8s)://.+")
_NAME: Final = re.compile(r"[A-Za-z][\w-]*")


def engine_at(text: str) -> tuple[str, str]:
    """Tell which engine is meant, and where.

    Args:
        text: Name of an engine, or what Spark takes as a master or a remote address.

    Returns:
        Name and address; the address is empty for what the engine's own configuration says.

    Raises:
        UsageError: It is neither.

    Example:
        >>> engine_at("spark"), engine_at("local[2]"), engine_at("spark://head:7077")
        (('spark', ''), ('spark', 'local[2]'), ('spark', 'spark://head:7077'))
    """
    if _MASTER.fullmatch(text):
        return "spark", text
    if _NAME.fullmatch(text):
        return text, ""
    raise UsageError(
        f"'{text[:60]}' is no engine",
        where="--engine",
        hint="Give duckdb, spark, or a master of Spark: local[4], spark://HOST:7077, "
        "sc://HOST:15002, yarn or k8s://...",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """What the caller chose about the engine."""

    address: str = ""
    """Where it is: for Spark a master or a ``sc://`` address; empty for its own configuration."""
    scratch: str | None = None
    """Folder or URI that all of its machines can write; None for the work folder."""
    work_folder: Path | None = None
    """Folder of this machine for what does not fit into memory; None for the engine's choice."""
    memory_bytes: int | None = None
    """Memory that the scan may take on this machine; None for the engine's choice."""
