"""One identity document verifies one organisation in ninety days."""

from __future__ import annotations

from typing import Final

from cautery.policy.pack_source import PackSource, beside

MEMBER: Final[PackSource] = beside(
    __file__,
    "identity-documents",
    "One identity document verifies one organisation in ninety days.",
)
