"""The one door to Cedar: the optional library, and what its messages mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cautery.errors import MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType


def cedar() -> ModuleType:
    """Import the library.

    Returns:
        The module ``cedarpy``.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import cedarpy
    except ImportError as error:
        raise MissingExtraError(
            "policies are written in Cedar, and the library for it is not installed",
            hint="Install it: pip install 'cautery[policy]'",
        ) from error
    return cedarpy
