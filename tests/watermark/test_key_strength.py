"""Key values that nobody drew at random."""

from __future__ import annotations

import secrets

import pytest

from cautery.errors import ConfigurationError
from cautery.records.key import Key, Secret
from cautery.watermark.key_strength import refuse_to_mark_with, weakness


@pytest.mark.parametrize(
    "value",
    [
        bytes(8),
        b"\xff" * 32,
        (42).to_bytes(8, "big"),
        bytes.fromhex("0123456789abcdef"),
        bytes(range(32)),
        b"\x01\x02" * 8,
        bytes.fromhex("9f3b5c01d2e87746") * 2,
        b"short",
    ],
)
def test_what_nobody_drew_is_told(value: bytes) -> None:
    """Zeros, small numbers, steps and repetitions are refused, and the reason shows no value."""
    reason = weakness(value)
    assert reason
    assert value.hex() not in reason


@pytest.mark.parametrize("size", [8, 16, 32, 240])
def test_random_values_pass(size: int) -> None:
    """What the system's generator draws is never refused."""
    assert [weakness(secrets.token_bytes(size)) for _ in range(2_000)] == [""] * 2_000


def test_a_weak_key_verifies_and_does_not_mark() -> None:
    """Nothing new is marked with a documentation's example key, and the value is not shown."""
    weak, drawn = (
        Key(key_id="k", value=Secret(bytes.fromhex(digits)))
        for digits in ("000000000000002a", "9f3b5c01d2e87746")
    )
    refuse_to_mark_with(drawn)
    with pytest.raises(ConfigurationError, match="weak key: a small number") as refused:
        refuse_to_mark_with(weak)
    assert "2a" not in str(refused.value)
