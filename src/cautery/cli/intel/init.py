"""``cautery intel init``: begin a sharing group."""

from __future__ import annotations

from pathlib import Path


def init(keys: Path, *, group: str) -> int:
    """Begin a sharing group's file of epoch keys, for its owner only.

    Hand the file to the other members by a way that nobody else reads. Who has it can key the
    values of its own log and compare; who has not can read nothing.

    Args:
        keys: The file; it must not be there.
        group: Name of the group, in lower-case letters, digits, dots and dashes.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.keys_run import begin_keys

    return begin_keys(keys, group)
