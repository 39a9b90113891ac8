"""What is done with accounts that the last scan put into a campaign."""

from __future__ import annotations

from typing import Final

from cautery.policy.pack_source import PackSource, beside

MEMBER: Final[PackSource] = beside(
    __file__,
    "campaign-bands",
    "What is done with accounts that the last scan put into a campaign, by band.",
)
