from __future__ import annotations

import pytest

from cautery.errors import ConfigurationError
from cautery.records.key import Key, Secret
from cautery.watermark.key_numbers import derived_number, key_number, key_numbers, refuse_weak

DERIVED = (37150756557148556, 15826636237805488045)


def key(value: bytes) -> Key:
    return Key(key_id="k-7", value=Secret(value))


def test_bytes_are_read_big_end_first() -> None:
    """Sixteen hex digits are the number that they spell."""
    assert key_number(key(bytes.fromhex("00000000000000ff"))) == 255
    assert key_numbers([key(b"\xff" * 8), key(b"\x00" * 7 + b"\x01")]).tolist() == [2**64 - 1, 1]


@pytest.mark.parametrize("length", [0, 7, 9, 16, 32])
def test_other_lengths_are_refused(length: int) -> None:
    """The error names the key by its id and says both lengths."""
    with pytest.raises(ConfigurationError, match=rf"key k-7: .*{length} bytes, not 8"):
        key_number(key(b"\x01" * length))


def test_derived_keys_are_those_of_vllm() -> None:
    """Both derived keys of master key 42, as vLLM 0.33.0's derive_watermark_key gives them."""
    assert derived_number(42, b"key_a") == DERIVED[0]
    assert derived_number(42, b"key_b") == DERIVED[1]


@pytest.mark.parametrize("byte", [0, 1, 0x42, 255])
def test_one_byte_over_and_over_is_weak(byte: int) -> None:
    """Such a key is refused, by id, and its value is not shown."""
    with pytest.raises(ConfigurationError, match=r"key k-7: .*weak") as caught:
        refuse_weak(key(bytes([byte]) * 8))
    assert f"{byte:02x}" * 4 not in str(caught.value)


def test_another_key_is_not_weak() -> None:
    """VLLM's own documentation uses key 42: whoever did can verify it."""
    refuse_weak(key((42).to_bytes(8, "big")))
