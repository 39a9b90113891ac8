"""The keys that a text is tested for, as ``cautery.keys/1`` holds them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import msgspec

from cautery.errors import ConfigurationError
from cautery.records.key import Key, Layer, Secret
from cautery.watermark.json_file import JsonFile
from cautery.watermark.profile import Profile

KEYS_SCHEMA: Final = "cautery.keys/1"


class _Key(msgspec.Struct, frozen=True):
    key_id: str
    value: str
    layer: Layer | None = None
    account_id: str = ""
    campaign_id: str = ""
    epoch: str = ""


class _Keys(msgspec.Struct, frozen=True):
    schema: str
    keys: list[_Key]


def load_keys(path: Path, profile: Profile) -> tuple[Key, ...]:
    """Read a key file and check each key against the profile's scheme.

    Args:
        path: A JSON file of the schema ``cautery.keys/1``.
        profile: The profile that the keys belong to.

    Returns:
        The keys, in the file's order; an account's key is of the account layer unless the file
        says otherwise.

    Raises:
        ConfigurationError: It cannot be read; it has no key; a key is malformed, weak, or there
            twice. Names file, line and field, and never shows a value.
    """
    file = JsonFile(path)
    document = file.decode(_Keys, KEYS_SCHEMA)
    if not document.keys:
        raise file.fault("keys: there is no key, and there is no default one", ["keys"])
    keys: list[Key] = []
    ids: dict[str, int] = {}
    values: dict[bytes, int] = {}
    for place, given in enumerate(document.keys):
        key = _key(file, place, given)
        _check_once(file, place, key, ids, values)
        try:
            profile.scheme.check_key(key, profile.parameters)
        except ConfigurationError as error:
            what = f"keys[{place}].value: {error.what}. {error.hint}".rstrip(". ")
            raise file.fault(what, ["keys", place, "value"]) from error
        keys.append(key)
    return tuple(keys)


def _key(file: JsonFile, place: int, given: _Key) -> Key:
    if not given.key_id:
        raise file.fault(f"keys[{place}].key_id: must not be empty", ["keys", place, "key_id"])
    try:
        value = bytes.fromhex(given.value)
    except ValueError:
        value = b""
    if not value or len(given.value) != 2 * len(value):
        # From None: the cause would show the digits.
        raise file.fault(
            f"keys[{place}].value: must be hexadecimal digits, two a byte", ["keys", place, "value"]
        ) from None
    return Key(
        key_id=given.key_id,
        value=Secret(value),
        layer=given.layer or (Layer.ACCOUNT if given.account_id else Layer.SHARED),
        account_id=given.account_id,
        campaign_id=given.campaign_id,
        epoch=given.epoch,
    )


def _check_once(
    file: JsonFile, place: int, key: Key, ids: dict[str, int], values: dict[bytes, int]
) -> None:
    """Refuse a key that is there already: its evidence would count twice, for two owners."""
    earlier = ids.setdefault(key.key_id, place)
    if earlier != place:
        raise file.fault(
            f"keys[{place}].key_id: the same as that of keys[{earlier}]", ["keys", place, "key_id"]
        )
    digest = hashlib.sha256(key.value.reveal()).digest()
    earlier = values.setdefault(digest, place)
    if earlier != place:
        raise file.fault(
            f"keys[{place}].value: reused, it is that of keys[{earlier}]", ["keys", place, "value"]
        )


def key_document(keys: tuple[Key, ...]) -> dict[str, Any]:
    """Lay keys out as ``cautery.keys/1``; the caller sees to it that only the owner can read it.

    Args:
        keys: The keys.

    Returns:
        The document, with the values in hexadecimal.
    """
    rows = []
    for key in keys:
        row = {"key_id": key.key_id, "value": key.value.reveal().hex(), "layer": str(key.layer)}
        owner = {
            "account_id": key.account_id,
            "campaign_id": key.campaign_id,
            "epoch": key.epoch,
        }
        rows.append({**row, **{name: value for name, value in owner.items() if value}})
    return {"schema": KEYS_SCHEMA, "keys": rows}
