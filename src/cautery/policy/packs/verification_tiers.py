"""How an account must have shown who it is, by class of models."""

from __future__ import annotations

from typing import Final

from cautery.policy.pack_source import PackSource, beside

MEMBER: Final[PackSource] = beside(
    __file__,
    "verification-tiers",
    "How an account must have shown who it is, by class of models.",
)
