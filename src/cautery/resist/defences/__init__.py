"""Shelf: one way to make an output a worse lesson a file."""

from __future__ import annotations

from typing import Final

MEMBERS: Final[tuple[str, ...]] = (
    "answer_only",
    "drop_logprobs",
    "hide_reasoning",
    "product_of_experts",
    "single_choice",
    "summarise_reasoning",
)
"""Modules of this shelf, sorted; each has a ``MEMBER``."""
