"""Who sees what teaches most, by verification."""

from __future__ import annotations

from typing import Final

from cautery.policy.pack_source import PackSource, beside

MEMBER: Final[PackSource] = beside(
    __file__,
    "exposure",
    "Who sees reasoning, log-probabilities and several answers, by verification.",
)
