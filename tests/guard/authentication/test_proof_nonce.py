"""Nonces: the same in every guard, and made by nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import ConfigurationError
from cautery.guard.authentication.proof_nonce import ProofNonces
from cautery.records.key import Secret

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
SECRET = Secret(bytes(range(32)))
NONCES = ProofNonces(SECRET, period_seconds=120)


def test_guards_take_each_others_nonces() -> None:
    """Nothing is remembered: the secret is all that guards share."""
    assert ProofNonces(Secret(bytes(range(32))), 120).takes(NONCES.current(NOW), NOW)
    assert not ProofNonces(Secret(bytes(range(1, 33))), 120).takes(NONCES.current(NOW), NOW)


@pytest.mark.parametrize(("seconds", "taken"), [(0, True), (119, True), (239, True), (240, False)])
def test_a_nonce_serves_for_two_periods(seconds: int, taken: bool) -> None:
    """It is given out for one period, and taken for that and the next."""
    nonce = NONCES.current(NOW)
    assert NONCES.takes(nonce, NOW + timedelta(seconds=seconds)) is taken


def test_no_nonce_of_the_future() -> None:
    """One that was not given out yet is not taken, so that nothing is signed ahead."""
    assert not NONCES.takes(NONCES.current(NOW + timedelta(seconds=120)), NOW)


@given(place=st.integers(0, 27), character=st.sampled_from("ABab09-_"))
def test_any_other_character_is_refused(place: int, character: str) -> None:
    """One character off is none."""
    nonce = NONCES.current(NOW)
    changed = nonce[:place] + character + nonce[place + 1 :]
    assert NONCES.takes(changed, NOW) == (changed == nonce)


@given(st.text(max_size=64))
def test_junk_is_no_nonce(junk: str) -> None:
    """Any text is refused without an error."""
    assert not NONCES.takes(junk, NOW)


def test_a_period_is_positive() -> None:
    """A period of no length would never end."""
    with pytest.raises(ConfigurationError):
        ProofNonces(SECRET, period_seconds=0)
