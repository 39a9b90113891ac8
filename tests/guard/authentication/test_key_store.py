"""The store of keys: what is issued, replaced, revoked and listed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cautery.errors import ConfigurationError, OutputError, UsageError
from cautery.guard.authentication.key_order import KeyOrder
from cautery.guard.authentication.key_store import KeyStore, begin_store
from cautery.guard.authentication.pepper import Pepper
from cautery.records.api_key import IssuedKey
from cautery.records.key import Secret

NOW = datetime(2026, 12, 1, 12, 0, 0, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
PEPPER = Pepper(Secret(bytes(range(7, 39))))
ORDER = KeyOrder(account_id="a-1", org_id="o-1", verification="email", scopes=frozenset({"chat"}))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[KeyStore]:
    """A new store."""
    begin_store(tmp_path / "keys.db", "acme", "env:PEPPER", PEPPER)
    with closing(KeyStore(tmp_path / "keys.db")) as opened:
        yield opened


def only(store: KeyStore, key_id: str) -> IssuedKey:
    """Find a key of the list."""
    return next(key for key in store.issued() if key.key_id == key_id)


def test_what_is_issued_is_listed(store: KeyStore) -> None:
    """A list shows all that was ordered, and the last four characters."""
    made = store.issue(ORDER, PEPPER, NOW)
    assert list(store.issued()) == [made.issued]
    assert made.issued.account_id == "a-1"
    assert made.issued.created_at == NOW
    assert made.key.reveal().startswith(b"acme_live_")
    assert made.key.reveal().decode()[-4:] == made.issued.last_characters


def test_the_store_holds_no_key(store: KeyStore, tmp_path: Path) -> None:
    """Neither the file nor its journal has a key in it, nor the pepper."""
    key = store.issue(ORDER, PEPPER, NOW).key.reveal()
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert key not in content
        assert key[10:42] not in content
        assert bytes(range(7, 39)) not in content


def test_only_its_owner_reads_it(store: KeyStore, tmp_path: Path) -> None:
    """The store says which account has how many keys, which is nobody's business."""
    assert (tmp_path / "keys.db").stat().st_mode & 0o777 == 0o600


def test_rotation_overlaps(store: KeyStore) -> None:
    """Both keys are valid for the overlap; the new one has the old one's rights."""
    old = store.issue(ORDER, PEPPER, NOW).issued
    new = store.rotate(old.key_id, DAY, PEPPER, NOW).issued
    assert new.rotated_from == old.key_id
    assert (new.account_id, new.org_id, new.scopes) == (old.account_id, old.org_id, old.scopes)
    ending = only(store, old.key_id)
    assert ending.state(NOW + DAY - timedelta(seconds=1)) == "active"
    assert ending.state(NOW + DAY) == "expired"
    assert new.state(NOW + 1000 * DAY) == "active"


def test_rotation_never_prolongs(store: KeyStore) -> None:
    """A key that ends within the overlap still ends then."""
    order = KeyOrder(account_id="a-1", expires_at=NOW + DAY)
    old = store.issue(order, PEPPER, NOW).issued
    store.rotate(old.key_id, 7 * DAY, PEPPER, NOW)
    assert only(store, old.key_id).expires_at == NOW + DAY


def test_only_active_keys_are_rotated(store: KeyStore) -> None:
    """A revoked key does not come back to life by its successor."""
    old = store.issue(ORDER, PEPPER, NOW).issued
    store.revoke(old.key_id, NOW)
    with pytest.raises(UsageError, match="revoked"):
        store.rotate(old.key_id, DAY, PEPPER, NOW)
    assert len(list(store.issued())) == 1


def test_revoking_keeps_the_first_time(store: KeyStore) -> None:
    """Whoever asks when a key was revoked hears when it was first."""
    key_id = store.issue(ORDER, PEPPER, NOW).issued.key_id
    store.revoke(key_id, NOW)
    assert store.revoke(key_id, NOW + DAY).revoked_at == NOW


def test_revoking_an_account(store: KeyStore) -> None:
    """All its keys, and no others; the second time there are none."""
    for account in ("a-1", "a-1", "a-2"):
        store.issue(KeyOrder(account_id=account), PEPPER, NOW)
    assert store.revoke_account("a-1", NOW) == 2
    assert store.revoke_account("a-1", NOW) == 0
    assert [key.state(NOW) for key in store.issued("a-2")] == ["active"]


def test_leaked_keys_are_revoked_by_themselves(store: KeyStore) -> None:
    """Who finds a key has the key, not its identifier."""
    made = store.issue(ORDER, PEPPER, NOW)
    found = list(store.revoke_leaked([b"junk", made.key.reveal()], PEPPER, NOW))
    assert [key.key_id for key in found] == [made.issued.key_id]
    assert only(store, made.issued.key_id).state(NOW) == "revoked"


def test_a_change_is_whole_or_not_at_all(store: KeyStore) -> None:
    """If an order in the middle is wrong, nothing of it stays, and the store goes on."""

    def orders() -> Iterator[KeyOrder]:
        yield ORDER
        raise UsageError("the table of accounts ends here")

    with pytest.raises(UsageError):
        list(store.add(orders(), PEPPER, NOW))
    assert list(store.issued()) == []
    store.issue(ORDER, PEPPER, NOW)
    assert len(list(store.issued())) == 1


def test_another_pepper_is_refused(store: KeyStore) -> None:
    """A key under another pepper would never be found."""
    other = Pepper(Secret(bytes(range(8, 40))))
    with pytest.raises(ConfigurationError, match="pepper"):
        store.issue(ORDER, other, NOW)
    with pytest.raises(ConfigurationError, match="pepper"):
        list(store.revoke_leaked([], other, NOW))
    assert list(store.issued()) == []


def test_an_unknown_identifier_is_not_repeated(store: KeyStore) -> None:
    """Somebody may give the key itself where its identifier belongs."""
    key = store.issue(ORDER, PEPPER, NOW).key.reveal().decode()
    with pytest.raises(UsageError) as refused:
        store.revoke(key, NOW)
    assert key not in str(refused.value)


@pytest.mark.parametrize(
    "order",
    [
        {"account_id": ""},
        {"account_id": "a" * 201},
        {"account_id": "a\n"},
        {"account_id": "a", "org_id": "\x1b[31m"},
        {"account_id": "a", "scopes": frozenset({"two words"})},
        {"account_id": "a", "bound_to": "jkt:short"},
        {"account_id": "a", "bound_to": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"},
    ],
    ids=str,
)
def test_orders_that_make_no_sense(order: dict[str, object]) -> None:
    """Names are short and printable, scopes are words, bonds are thumbprints."""
    with pytest.raises(UsageError):
        KeyOrder(**order)  # type: ignore[arg-type]


def test_a_store_is_never_overwritten(store: KeyStore, tmp_path: Path) -> None:
    """Nor does a file that is something else become one."""
    with pytest.raises(OutputError):
        begin_store(tmp_path / "keys.db", "acme", "env:PEPPER", PEPPER)
    with pytest.raises(ConfigurationError, match="no store"):
        KeyStore(tmp_path / "other.db")


@pytest.mark.parametrize("damage", ["text", "empty", "version"])
def test_what_is_no_store_is_an_error(tmp_path: Path, damage: str) -> None:
    """A damaged file is named, without a traceback of SQLite."""
    path = tmp_path / "keys.db"
    if damage == "version":
        begin_store(path, "acme", "env:PEPPER", PEPPER)
        with closing(sqlite3.connect(path)) as database:
            database.execute("UPDATE about SET version = 2")
            database.commit()
    else:
        path.write_bytes(b"x" * 5000 if damage == "text" else b"")
    with pytest.raises(ConfigurationError, match=r"keys\.db"):
        KeyStore(path)
