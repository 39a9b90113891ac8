"""The account attested that it passes no access on."""

from __future__ import annotations

from typing import Final

from cautery.policy.pack_source import PackSource, beside

MEMBER: Final[PackSource] = beside(
    __file__,
    "resale-attestation",
    "Where a class of models asks for it: the account attested that it passes no access on.",
)
