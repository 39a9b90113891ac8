from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.watermark.two_layer_reference import siphash_of_bytes, siphash_of_numbers

from cautery.watermark import siphash as module
from cautery.watermark.siphash import SipHashPrefix, siphash, siphash_of_keys, siphash_of_one

KEY = bytes(range(16))


def test_reference_has_the_papers_value() -> None:
    """Appendix A of the paper: key 00..0f, message 00..0e."""
    assert siphash_of_bytes(KEY, bytes(range(15))) == 0xA129CA6149BE45E5


def test_messages_of_whole_numbers_have_openssls_values() -> None:
    """`openssl mac -macopt size:8 -macopt hexkey:000102..0f SipHash`, messages 00, 01, 02, ...."""
    expected = {
        4: "B7877127E09427CF",
        8: "6224939A79F5F593",
        12: "FBE50E86BC8F1E75",
        16: "DB9BC2577FCC2A3F",
        20: "98EEA21AF25CD6BE",
        44: "F21DF2E41D4535F9",
    }
    for length, digest in expected.items():
        numbers = np.frombuffer(bytes(range(length)), dtype="<u4").astype(np.int64)
        assert int(siphash(KEY, numbers[None])[0]).to_bytes(8, "little").hex().upper() == digest


@given(
    key=st.binary(min_size=16, max_size=16),
    numbers=st.lists(st.integers(-1, 2**32 - 1), min_size=1, max_size=17),
)
def test_any_message_of_numbers(key: bytes, numbers: list[int]) -> None:
    """Beside plain whole numbers; -1, which pads, is all ones."""
    assert int(siphash(key, np.array([numbers]))[0]) == siphash_of_numbers(key, numbers)


def test_blocks_do_not_show() -> None:
    """Many messages and many keys, in blocks and one by one."""
    generator = np.random.default_rng(0)
    keys = [generator.bytes(16) for _ in range(7)]
    for count in (3, module.MESSAGES_AT_ONCE + 5):
        messages = generator.integers(0, 50_000, (count, 5))
        together = siphash_of_keys(keys, messages)
        assert together.shape == (7, count)
        for row, key in zip(together, keys, strict=True):
            assert np.array_equal(row[-3:], siphash(key, messages[-3:]))


@given(
    key=st.binary(min_size=16, max_size=16),
    numbers=st.lists(st.integers(-1, 2**32 - 1), min_size=1, max_size=9),
    last=st.lists(st.integers(0, 2**31), min_size=1, max_size=5),
)
def test_one_message_in_plain_numbers(key: bytes, numbers: list[int], last: list[int]) -> None:
    """The path for one message gives the same bits, whole or with many last numbers."""
    assert siphash_of_one(key, numbers) == siphash_of_numbers(key, numbers)
    hashed = SipHashPrefix.of_one(key, numbers).hashes(np.array(last))
    assert hashed.tolist() == [siphash_of_numbers(key, [*numbers, end]) for end in last]
