"""The adapters: each carries the guard's decisions out at one kind of place."""

from __future__ import annotations

from typing import Final

MEMBERS: Final = ("asgi", "decision_service", "litellm", "proxy")
"""Modules of this shelf, sorted."""
