"""Key files: what is read, and errors that name the line and never show a value."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from cautery.errors import ConfigurationError
from cautery.records.key import Layer
from cautery.watermark.key_file import key_document, load_keys
from cautery.watermark.profile import Profile, load_profile

VALUE = secrets.token_hex(8)


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """A profile of a scheme with keys of 64 bits."""
    path = tmp_path / "profile.json"
    path.write_text('{"schema": "cautery.profile/1", "scheme": "vllm-gumbel"}', encoding="utf-8")
    return load_profile(path)


def written(folder: Path, *keys: dict[str, Any]) -> Path:
    """Write a key file, one member a line."""
    path = folder / "keys.json"
    document = {"schema": "cautery.keys/1", "keys": keys}
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return path


def test_keys_are_read_and_written_alike(tmp_path: Path, profile: Profile) -> None:
    """Owners and layers are read, and the file that cautery writes is read back the same."""
    owners = ({"account_id": "a"}, {"campaign_id": "c"}, {"epoch": "e", "not_before": "2026"})
    rows = [{"key_id": f"k{i}", "value": secrets.token_hex(8), **o} for i, o in enumerate(owners)]
    keys = load_keys(written(tmp_path, *rows), profile)
    assert [key.layer for key in keys] == [Layer.ACCOUNT, Layer.SHARED, Layer.SHARED]
    assert [key.value.reveal().hex() for key in keys] == [row["value"] for row in rows]
    again = load_keys(written(tmp_path, *key_document(keys)["keys"]), profile)
    assert again == keys


@pytest.mark.parametrize(
    ("keys", "line", "field"),
    [
        ([], 3, "keys"),
        ([{"key_id": "k"}], 4, "value"),
        ([{"key_id": "", "value": VALUE}], 5, "keys[0].key_id"),
        ([{"key_id": 7, "value": VALUE}], 5, "keys[0].key_id"),
        ([{"key_id": "k", "value": VALUE + "x"}], 6, "keys[0].value"),
        ([{"key_id": "k", "value": VALUE[:6]}], 6, "keys[0].value"),
        ([{"key_id": "k", "value": f"{VALUE[:8]} {VALUE[8:]}"}], 6, "keys[0].value"),
        ([{"key_id": "k", "value": ""}], 6, "keys[0].value"),
        ([{"key_id": "k", "value": "0" * 16}], 6, "keys[0].value"),
        ([{"key_id": "k", "value": VALUE}] * 2, 9, "keys[1].key_id"),
        ([{"key_id": name, "value": VALUE} for name in "kl"], 10, "keys[1].value"),
        ([{"key_id": "k", "value": VALUE, "layer": "middle"}], 7, "layer"),
    ],
)
def test_a_wrong_key_is_named_and_not_shown(
    tmp_path: Path, profile: Profile, keys: list[dict[str, Any]], line: int, field: str
) -> None:
    """Malformed, weak and repeated keys are errors with line and field, without the value."""
    path = written(tmp_path, *keys)
    with pytest.raises(ConfigurationError) as refused:
        load_keys(path, profile)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert field in str(refused.value)
    assert VALUE[:6] not in str(refused.value)
