"""Finding keys: bounded memory, and revocations of other processes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cautery.errors import ConfigurationError
from cautery.guard.authentication import key_lookup
from cautery.guard.authentication.key_lookup import CHECK_SECONDS, KeyLookup
from cautery.guard.authentication.key_order import KeyOrder
from cautery.guard.authentication.key_store import KeyStore, begin_store
from cautery.guard.authentication.pepper import Pepper
from cautery.records.key import Secret

NOW = datetime(2026, 12, 1, tzinfo=UTC)
PEPPER = Pepper(Secret(bytes(range(7, 39))))


@dataclass
class Clock:
    """A clock that a test moves."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a new store."""
    begin_store(tmp_path / "keys.db", "acme", "env:CAUTERY_TEST_PEPPER", PEPPER)
    return tmp_path / "keys.db"


@pytest.fixture
def store(path: Path) -> Iterator[KeyStore]:
    """The store, for who issues keys."""
    with closing(KeyStore(path)) as opened:
        yield opened


def issue(store: KeyStore, count: int = 1) -> list[bytes]:
    """Issue keys."""
    orders = [KeyOrder(account_id=f"a-{number}") for number in range(count)]
    return [made.key.reveal() for made in store.add(orders, PEPPER, NOW)]


def test_keys_are_found_by_what_was_presented(path: Path, store: KeyStore) -> None:
    """Each key leads to its account; others to nobody."""
    keys = issue(store, 3)
    with closing(KeyLookup(path, PEPPER)) as lookup:
        for _ in range(2):  # out of the store, and out of memory
            assert [found.account_id for key in keys if (found := lookup.find(key))] == [
                "a-0",
                "a-1",
                "a-2",
            ]
        assert lookup.find(keys[0][:-1] + b"x") is None


def test_a_new_key_counts_at_once(path: Path, store: KeyStore) -> None:
    """What was not known is looked for each time: nobody waits for a new key."""
    with closing(KeyLookup(path, PEPPER, clock=Clock())) as lookup:
        (key,) = issue(store)
        assert lookup.find(key) is not None


def test_another_process_revokes_within_a_second(
    path: Path, store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guard that has a key in memory refuses it at its next look, 250 ms later at most."""
    assert CHECK_SECONDS <= 1.0
    monkeypatch.setenv("CAUTERY_TEST_PEPPER", bytes(range(7, 39)).hex())
    clock = Clock()
    (key,) = issue(store)
    with closing(KeyLookup(path, PEPPER, clock=clock)) as lookup:
        found = lookup.find(key)
        assert found is not None
        subprocess.run(
            [sys.executable, "-m", "cautery.cli", "keys", "revoke", str(path), found.key_id],
            check=True,
            capture_output=True,
        )
        clock.seconds += CHECK_SECONDS
        after = lookup.find(key)
        assert after is not None
        assert after.state(NOW) == "revoked"


def test_between_two_looks_memory_answers(path: Path, store: KeyStore) -> None:
    """The store is not asked with every request."""
    clock = Clock()
    (key,) = issue(store)
    with closing(KeyLookup(path, PEPPER, clock=clock)) as lookup:
        found = lookup.find(key)
        assert found is not None
        store.revoke(found.key_id, NOW)
        clock.seconds += CHECK_SECONDS / 2
        assert lookup.find(key) == found


def test_many_changes_at_once(path: Path, store: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """If very many keys have changed, all are forgotten rather than one by one."""
    monkeypatch.setattr(key_lookup, "_MOST_FORGOTTEN_ONE_BY_ONE", 3)
    clock = Clock()
    keys = issue(store, 5)
    with closing(KeyLookup(path, PEPPER, clock=clock)) as lookup:
        for key in keys:
            lookup.find(key)
        for number in range(5):
            store.revoke_account(f"a-{number}", NOW)
        clock.seconds += CHECK_SECONDS
        states = [found.state(NOW) for key in keys if (found := lookup.find(key))]
        assert states == ["revoked"] * 5


def test_memory_is_bounded(path: Path, store: KeyStore) -> None:
    """However many keys are used, so many are in memory; the others are found all the same."""
    keys = issue(store, 20)
    with closing(KeyLookup(path, PEPPER, most_remembered=4)) as lookup:
        for key in [*keys, *keys]:
            assert lookup.find(key) is not None
            assert len(lookup._remembered) <= 4


def test_a_store_that_is_gone_lets_nobody_in(path: Path, store: KeyStore) -> None:
    """A key in memory may have been revoked meanwhile; with the store its keys are back."""
    clock = Clock()
    (key,) = issue(store)
    with closing(KeyLookup(path, PEPPER, clock=clock)) as lookup:
        lookup.find(key)
        path.rename(path.with_name("elsewhere"))
        clock.seconds += CHECK_SECONDS
        for _ in range(2):
            with pytest.raises(ConfigurationError):
                lookup.find(key)
        path.with_name("elsewhere").rename(path)
        assert lookup.find(key) is not None


def test_another_file_in_its_place_is_seen(tmp_path: Path, path: Path, store: KeyStore) -> None:
    """Whoever puts a backup in the store's place gets the backup's keys."""
    clock = Clock()
    (old,) = issue(store)
    store.close()
    shutil.copy(path, tmp_path / "backup")
    with closing(KeyStore(path)) as again:
        (new,) = issue(again)
    with closing(KeyLookup(path, PEPPER, clock=clock)) as lookup:
        assert lookup.find(new) is not None
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        (tmp_path / "backup").replace(path)
        clock.seconds += CHECK_SECONDS
        assert lookup.find(new) is None
        assert lookup.find(old) is not None


def test_another_pepper_is_an_error(path: Path) -> None:
    """With another pepper no key would be found; that is said at the start."""
    with pytest.raises(ConfigurationError, match="pepper"):
        KeyLookup(path, Pepper(Secret(bytes(range(8, 40)))))


def test_a_damaged_entry_is_an_error(path: Path, store: KeyStore) -> None:
    """An entry with a word that no version writes gives nobody any rights."""
    (key,) = issue(store)
    store._database.execute("UPDATE api_key SET verification = 'royal'")
    with closing(KeyLookup(path, PEPPER)) as lookup, pytest.raises(ConfigurationError):
        lookup.find(key)


def test_it_says_why_it_cannot_be_used(path: Path, store: KeyStore) -> None:
    """For whoever asks whether this guard can serve; empty as soon as it can again."""
    [key] = issue(store)
    with closing(KeyLookup(path, PEPPER)) as lookup:
        assert lookup.fault() == ""
        path.rename(path.with_suffix(".away"))
        assert "cannot be used" in lookup.fault()
        path.with_suffix(".away").rename(path)
        assert lookup.fault() == ""
        assert lookup.find(key) is not None
