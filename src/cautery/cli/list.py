"""``cautery list``: what stands on the shelves."""

from __future__ import annotations

from typing import Literal

Kind = Literal[
    "formats",
    "engines",
    "signals",
    "links",
    "reports",
    "attacks",
    "schemes",
    "packs",
    "adapters",
    "probes",
    "sharing",
    "defences",
]


def list_(kind: Kind | None = None) -> int:
    """List what stands on the shelves: built in, and offered by other installed packages.

    Args:
        kind: One shelf; all of them if left out.

    Returns:
        The exit code.
    """
    from cautery.registry import SHELVES

    shelves = [shelf for shelf in SHELVES if kind in (None, shelf.kind)]
    for position, shelf in enumerate(shelves):
        if len(shelves) > 1:
            print(f"{chr(10) if position else ''}{shelf.kind}")
        members = [(name, _line_of(member)) for name, member in shelf.load_by_name().items()]
        width = max((len(name) for name, _ in members), default=0)
        for name, line in members:
            print(f"  {name:<{width}}  {line}".rstrip())
    return 0


def _line_of(member: object) -> str:
    """Say in one line what a member is, in the words that its port asks for."""
    for field in ("description", "label", "file_name"):
        if words := getattr(member, field, ""):
            return str(words)
    return ""
