"""Epochs and their states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import ConfigurationError
from cautery.records.key import KeyState, Secret
from cautery.watermark.key_ring import Epoch, KeyRing, check_use, moved

START = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ORDER = list(KeyState)


def epoch(name: str = "e", first: int = 0, last: int = 30, salt: bytes = b"") -> Epoch:
    """An epoch from one day to another."""
    return Epoch(
        epoch=name,
        salt=Secret(salt or name.encode() * 32),
        not_before=START + first * DAY,
        not_after=START + last * DAY,
        profile="p",
    )


def ring(*epochs: Epoch) -> KeyRing:
    """A ring with epochs."""
    made = KeyRing(master="env:X", master_check="c")
    for each in epochs:
        made = made.rotate(each)
    return made


def test_time_moves_an_epoch_on() -> None:
    """Before its time it is pre-active, in it active, after it it only verifies."""
    states = [epoch().state(START + day * DAY) for day in (-1, 0, 29, 30)]
    assert states == [
        KeyState.PRE_ACTIVE,
        KeyState.ACTIVE,
        KeyState.ACTIVE,
        KeyState.VERIFY_ONLY,
    ]


@given(st.lists(st.sampled_from(ORDER), max_size=6), st.integers(-5, 40))
def test_a_state_never_goes_back(wanted: list[KeyState], day: int) -> None:
    """Whatever is asked for in whatever order, states only move forward; the last one is final."""
    now = START + day * DAY
    each = epoch()
    seen = [each.state(now)]
    for state in wanted:
        try:
            each = moved(each, state, now)
        except ConfigurationError:
            continue
        seen.append(each.state(now))
        assert each.state(now) is state
    places = [ORDER.index(state) for state in seen]
    assert all(before < after for before, after in pairwise(places))


def test_destroying_erases_the_salt() -> None:
    """A destroyed epoch has no bytes left to derive from, and no use."""
    gone = moved(epoch(), KeyState.DESTROYED, START)
    assert len(gone.salt) == 0
    for purpose in ("mark", "hand out", "verify"):
        with pytest.raises(ConfigurationError, match="destroyed"):
            check_use(gone, purpose, START)


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (KeyState.PRE_ACTIVE, {"hand out"}),
        (KeyState.ACTIVE, {"mark", "hand out", "verify"}),
        (KeyState.VERIFY_ONLY, {"verify"}),
        (KeyState.COMPROMISED, {"verify"}),
    ],
)
def test_each_state_allows_its_uses(state: KeyState, allowed: set[str]) -> None:
    """A key marks only while it is active, and verifies until it is destroyed."""
    now = START - DAY
    each = epoch() if state is KeyState.PRE_ACTIVE else moved(epoch(), state, now)
    for purpose in ("mark", "hand out", "verify"):
        if purpose in allowed:
            check_use(each, purpose, now)
        else:
            with pytest.raises(ConfigurationError, match=str(state)):
                check_use(each, purpose, now)


def test_rotation_leaves_one_epoch_marking() -> None:
    """As a new epoch begins the one before stops; at no time do two of a profile mark."""
    made = ring(epoch("a"), epoch("b", 20, 50), epoch("c", 60, 70))
    for day in range(-1, 80):
        now = START + day * DAY
        active = [each.epoch for each in made.epochs if each.state(now) is KeyState.ACTIVE]
        assert len(active) <= 1
    assert made.find("a").not_after == START + 20 * DAY


def test_an_epoch_in_the_time_of_a_later_one_is_refused() -> None:
    """A new epoch may not end after one that is there begins."""
    with pytest.raises(ConfigurationError, match="begins in the time"):
        ring(epoch("a", 10, 20), epoch("b", 0, 15))


def test_a_name_or_salt_is_used_once() -> None:
    """The same name, or the same random bytes, would use keys twice."""
    with pytest.raises(ConfigurationError, match="already"):
        ring(epoch("a"), epoch("a", 40, 50))
    with pytest.raises(ConfigurationError, match="twice"):
        ring(epoch("a", salt=b"s" * 32), epoch("b", 40, 50, salt=b"s" * 32))


def test_a_single_key_can_be_compromised() -> None:
    """One key is compromised while its epoch is active; a destroyed epoch takes it along."""
    each = Epoch(
        epoch="e",
        salt=Secret(b"s" * 32),
        not_before=START,
        not_after=START + DAY,
        profile="p",
        compromised=("k-1",),
    )
    assert each.state_of("k-1", START) is KeyState.COMPROMISED
    assert each.state_of("k-2", START) is KeyState.ACTIVE
    gone = moved(each, KeyState.DESTROYED, START)
    assert gone.state_of("k-1", START) is KeyState.DESTROYED
