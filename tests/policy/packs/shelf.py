"""Loads packs of the shelf for tests."""

from __future__ import annotations

from cautery.policy.pack import Pack, load_pack
from cautery.policy.sources import PolicySources


def pack_of(name: str) -> Pack:
    """Load a pack of the shelf."""
    return load_pack(PolicySources({}), name)
