"""Declares a key of the guard's configuration: what it may hold, and its sentence."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Final

from cautery.guard.configuration_values import Kind, Setting

REQUIRED: Final = object()
"""Mark of a key that must be given."""


def key(kind: Kind, default: Any, description: str, **bounds: Any) -> Any:
    """Declare a key: a dataclass field that carries its setting."""
    metadata = {"setting": Setting(kind=kind, description=description, **bounds)}
    if default is REQUIRED:
        return field(metadata={**metadata, "required": True})
    return field(default=default, metadata=metadata)
