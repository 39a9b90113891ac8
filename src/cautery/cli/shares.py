"""Shares and sizes as people write them on the command line."""

from __future__ import annotations

import re
from typing import Final

from cautery.errors import UsageError

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", re.IGNORECASE)
_POWERS: Final = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


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


def bytes_of(text: str, option: str) -> int:
    """Read a size as people write it.

    Args:
        text: For example ``4GB``, ``4 GiB`` or ``512M``.
        option: The option that it was given to, for the message.

    Returns:
        Bytes.

    Raises:
        UsageError: It is not a size.

    Example:
        >>> bytes_of("4GB", "--memory"), bytes_of("1.5 GiB", "--memory")
        (4000000000, 1610612736)
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"'{text[:40]}' is not a size", where=option, hint="Write 4GB or 512MiB.")
    number, unit, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** _POWERS[unit.upper()])
