"""Shares as people write them on the command line."""

from __future__ import annotations

from cautery.errors import UsageError


def share_of(text: str) -> float:
    """Read a share as people write it.

    Args:
        text: For example ``1%``, ``1 %`` or ``0.01``.

    Returns:
        The share, from 0 to 1.

    Raises:
        UsageError: It is not a share.

    Example:
        >>> share_of("2.5 %"), share_of("0.01")
        (0.025, 0.01)
    """
    number = text.strip().removesuffix("%").rstrip()
    try:
        share = float(number) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise UsageError(
            f"'{text[:40]}' is not a share", where="--max-bad", hint="Write 1% or 0.01."
        )
    return share
