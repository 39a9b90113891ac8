"""``cautery intel rotate``: add the next epoch's key."""

from __future__ import annotations

from pathlib import Path


def rotate(keys: Path) -> int:
    """Add the key of the next epoch, and drop those that ended 60 days ago.

    Args:
        keys: The group's key file.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.keys_run import add_epoch

    return add_epoch(keys)
