"""Epoch keys: drawn at random, for their owner only, and checked when they are read."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.intel.indicators import EPOCH, KEYS, NOW, epoch_key

from cautery.errors import ConfigurationError, NoInputError, OutputError
from cautery.intel.epoch_keys import (
    KEPT_DAYS,
    GroupKeys,
    begin_group,
    load_keys,
    new_key,
    rotated,
    write_keys,
)


def test_keys_come_back_as_they_were(tmp_path: Path) -> None:
    """A key file is read as it was written, by its owner only, and is not overwritten."""
    path = tmp_path / "keys.json"
    write_keys(path, KEYS, new=True)
    assert load_keys(path) == KEYS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(OutputError, match="not overwritten"):
        write_keys(path, KEYS, new=True)


def test_no_text_shows_a_key() -> None:
    """Neither a record nor an error shows the secret."""
    key = epoch_key()
    assert key.secret.reveal().hex() not in repr(KEYS) + str(key)


def test_two_keys_are_two() -> None:
    """Keys are drawn, not derived: the same group and week give two keys."""
    first, second = new_key("labs", EPOCH), new_key("labs", EPOCH)
    assert first.secret != second.secret
    assert first.key_id != second.key_id


def test_key_of_a_time() -> None:
    """The key of the epoch holds; outside every epoch there is none, and no default."""
    keys = GroupKeys(group="labs", keys=(epoch_key(), epoch_key(1)))
    assert keys.at(NOW) == keys.keys[0]
    assert keys.at(EPOCH + timedelta(days=7)) == keys.keys[1]
    with pytest.raises(ConfigurationError, match="no epoch key"):
        keys.at(EPOCH - timedelta(seconds=1))


def test_rotation_adds_the_next_epoch_and_drops_old_ones() -> None:
    """Epochs follow one another without a gap; keys go when what they keyed is long over."""
    keys, dropped = rotated(begin_group("labs", NOW), NOW)
    assert keys.keys[1].valid_from == keys.keys[0].valid_until
    assert dropped == []
    later, dropped = rotated(keys, NOW + timedelta(days=KEPT_DAYS + 2))
    assert dropped == [keys.keys[0].key_id]
    assert later.keys[0] == keys.keys[1]


@pytest.mark.parametrize("name", ["", "A", "a b", "../x", "a" * 64])
def test_names_of_groups(name: str) -> None:
    """What cannot stand in a key's identifier is no name."""
    with pytest.raises(ConfigurationError, match="cannot be called"):
        begin_group(name, NOW)


def document() -> dict[str, Any]:
    """Lay out a key file that is as it must be."""
    key = epoch_key()
    row = {
        "key_id": key.key_id,
        "value": key.secret.reveal().hex(),
        "valid_from": key.valid_from.isoformat(),
        "valid_until": key.valid_until.isoformat(),
    }
    return {"schema": "cautery.sharing-keys/1", "group": "labs", "keys": [row]}


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("schema", {"schema": "cautery.keys/1"}, "schema"),
    ("group", {"group": "No Name"}, "group"),
    ("none", {"keys": []}, "between 1"),
    ("short", {"value": "00ff"}, "32 random bytes"),
    ("constant", {"value": "00" * 32}, "32 random bytes"),
    ("digits", {"value": "zz" * 32}, "32 random bytes"),
    ("another", {"value": "0f" * 16 + "f0" * 16}, "does not belong"),
    ("zone", {"valid_from": "2026-10-26T00:00:00"}, "zone"),
    ("order", {"valid_until": "2026-10-01T00:00:00Z"}, "ends before"),
    ("twice", {"twice": True}, "twice"),
]


@pytest.mark.parametrize(("change", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_key_files(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    """A damaged key file is refused with its place, and no error shows a value."""
    content = document()
    for name, value in change.items():
        if name in content["keys"][0]:
            content["keys"][0][name] = value
        elif name == "twice":
            content["keys"] *= 2
        else:
            content[name] = value
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(content))
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match=words) as caught:
        load_keys(path)
    assert str(path) in str(caught.value)
    assert epoch_key().secret.reveal().hex() not in str(caught.value)


def test_key_files_of_others(tmp_path: Path) -> None:
    """A file that others may read, that is no JSON, or that is not there is an error."""
    path = tmp_path / "keys.json"
    write_keys(path, KEYS, new=True)
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="others than its owner"):
        load_keys(path)
    path.chmod(0o600)
    path.write_bytes(b"\xff{")
    with pytest.raises(ConfigurationError, match="no whole file"):
        load_keys(path)
    with pytest.raises(NoInputError, match="cannot be read"):
        load_keys(tmp_path / "none.json")
