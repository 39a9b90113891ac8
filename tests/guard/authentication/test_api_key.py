"""The form of API keys."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import UsageError
from cautery.guard.authentication.api_key import (
    KeyForm,
    draw_digits,
    draw_key,
    is_well_formed,
    last_characters,
)

KEY = draw_key(KeyForm(prefix="acme", environment="test")).reveal()
BASE62 = string.digits + string.ascii_letters


def test_a_key_has_the_form_that_scanners_look_for() -> None:
    """Prefix, environment, 32 digits, an underscore, six digits of the checksum."""
    assert re.fullmatch(rb"acme_test_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}", KEY)
    assert is_well_formed(KEY)


@given(place=st.integers(0, len(KEY) - 1), byte=st.integers(0, 255))
def test_any_other_character_is_junk(place: int, byte: int) -> None:
    """A change of one character is always seen without a database."""
    changed = KEY[:place] + bytes([byte]) + KEY[place + 1 :]
    assert is_well_formed(changed) == (changed == KEY)


@given(st.binary(max_size=200))
def test_junk_is_no_key(junk: bytes) -> None:
    """No bytes that were not made as a key are taken for one."""
    assert not is_well_formed(junk)


@given(place=st.integers(0, len(KEY) - 2))
def test_cut_doubled_and_swapped(place: int) -> None:
    """What slips of the keyboard do to a key is seen."""
    assert not is_well_formed(KEY[:place] + KEY[place + 1 :])
    assert not is_well_formed(KEY[:place] + KEY[place : place + 1] + KEY[place:])
    swapped = KEY[:place] + KEY[place + 1 : place + 2] + KEY[place : place + 1] + KEY[place + 2 :]
    assert is_well_formed(swapped) == (swapped == KEY)


@given(st.binary(min_size=12, max_size=12))
def test_digits_are_what_was_drawn(drawn: bytes) -> None:
    """The digits are the drawn number in base 62, its last four places."""
    digits = draw_digits(4, lambda count: drawn[:count])
    value = 0
    for digit in digits.decode():
        value = value * 62 + (
            string.digits + string.ascii_uppercase + string.ascii_lowercase
        ).index(digit)
    assert value == int.from_bytes(drawn, "big") % 62**4


def test_a_key_is_never_shown() -> None:
    """Only the last four characters are, and those are of the checksum."""
    key = draw_key(KeyForm(prefix="acme"))
    assert key.reveal().decode() not in repr(key)
    assert key.reveal().decode().rpartition("_")[2].endswith(last_characters(key))


@pytest.mark.parametrize("prefix", ["", "a", "Acme", "1a", "ac_me", "a" * 17, "ac me", "acmé"])
def test_prefixes_that_no_scanner_takes(prefix: str) -> None:
    """A prefix is plain, or it is an error."""
    with pytest.raises(UsageError):
        KeyForm(prefix=prefix)


@pytest.mark.parametrize("environment", ["", "Live", "li_ve", "l1", "environment"])
def test_environments(environment: str) -> None:
    """An environment is a short plain word, or it is an error."""
    with pytest.raises(UsageError):
        KeyForm(prefix="acme", environment=environment)
