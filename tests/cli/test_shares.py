"""Shares and sizes are read as people write them."""

from __future__ import annotations

import pytest

from cautery.cli.shares import bytes_of, share_of
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


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4GB", 4_000_000_000),
        ("4 GiB", 4 * 2**30),
        ("1.5g", 1_500_000_000),
        ("512M", 512_000_000),
        ("100", 100),
        ("100 b", 100),
        ("2T", 2 * 10**12),
    ],
)
def test_sizes(text: str, size: int) -> None:
    """Decimal and binary units are both understood."""
    assert bytes_of(text, "--memory") == size


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "4 apples", "4XB", "1e9", "4GB more", "nan"])
def test_wrong_sizes(text: str) -> None:
    """What is no size names the option and says how to write one."""
    with pytest.raises(UsageError, match="Write 4GB or 512MiB") as raised:
        bytes_of(text, "--memory")
    assert raised.value.where == "--memory"
