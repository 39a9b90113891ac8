"""Parties on a denied list get nothing."""

from __future__ import annotations

from typing import Final

from cautery.policy.pack_source import PackSource, beside

MEMBER: Final[PackSource] = beside(
    __file__,
    "denied-parties",
    "Parties on a denied list get nothing; lists have a version and a date.",
)
