"""The error of an answer that cannot be changed."""

from __future__ import annotations


class UndegradableError(ValueError):
    """An answer that cannot be changed as it must be, so it is not sent."""
