"""Shares are read as people write them."""

from __future__ import annotations

import pytest

from cautery.cli.shares import share_of
from cautery.errors import UsageError


@pytest.mark.parametrize(
    ("text", "share"), [("1%", 0.01), ("0.5 %", 0.005), ("0.02", 0.02), ("0", 0.0), ("100%", 1.0)]
)
def test_shares(text: str, share: float) -> None:
    """Per cent and plain shares are both understood."""
    assert share_of(text) == share


@pytest.mark.parametrize("text", ["", "%", "5", "-1%", "101%", "nan", "many"])
def test_wrong_shares(text: str) -> None:
    """What is no share says how to write one."""
    with pytest.raises(UsageError, match=r"Write 1% or 0\.01"):
        share_of(text)
