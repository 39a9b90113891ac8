"""Only supported regions: by address, billing and declaration."""

from __future__ import annotations

from typing import Final

from cautery.policy.pack_source import PackSource, beside

MEMBER: Final[PackSource] = beside(
    __file__,
    "supported-regions",
    "Only supported regions, by address, billing and declaration; conflicts are challenged.",
)
