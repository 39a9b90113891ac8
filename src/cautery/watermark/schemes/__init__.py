"""Shelf: one watermark construction a file, bit-exact with the engine that embeds it."""

from __future__ import annotations

from typing import Final

MEMBERS: Final[tuple[str, ...]] = (
    "cautery_two_layer",
    "hf_kgw",
    "hf_synthid",
    "sglang_gumbel",
    "vllm_dual_gumbel",
    "vllm_gumbel",
    "vllm_sbw",
)
"""Modules of this shelf, sorted; each has a ``MEMBER``."""
