"""Organisations owned by more than half from restricted regions get nothing."""

from __future__ import annotations

from typing import Final

from cautery.policy.pack_source import PackSource, beside

MEMBER: Final[PackSource] = beside(
    __file__,
    "majority-ownership",
    "Organisations owned by more than half from restricted regions get nothing.",
)
