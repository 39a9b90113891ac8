"""Which keys mark a request: those that it names, and the default ones of the other layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.inference.marking_cases import GIVEN, SYNTHID, TWO_LAYER

from cautery.errors import ConfigurationError
from cautery.inference.key_choice import FIELD, KeyChoice
from cautery.records.key import Key, Secret
from cautery.registry import SCHEMES
from cautery.watermark.key_derivation import Owner, derive_key
from cautery.watermark.profile import PROFILE_SCHEMA, load_profile

OWNERS: tuple[tuple[Owner, str], ...] = (
    ("epoch", ""),
    ("campaign", "C-1"),
    ("account", "a"),
    ("account", "nobody"),
)


def keys_of(scheme: str) -> list[Key]:
    """The epoch's key, a campaign's and two accounts', of one epoch."""
    member = SCHEMES.load(scheme)
    parameters = member.parameters(GIVEN[scheme])
    common: dict[str, Any] = {"epoch": "e", "scheme": member, "parameters": parameters}
    secret = Secret(bytes(range(32)))
    return [derive_key(secret, **common, owner=owner, owner_id=name) for owner, name in OWNERS]


def choice(folder: Path, scheme: str, keys: list[Key], default: list[Key]) -> KeyChoice:
    """An engine's choice with these default keys."""
    path = folder / "profile.json"
    given = GIVEN[scheme]
    text = f'{{"schema": "{PROFILE_SCHEMA}", "scheme": "{scheme}", "parameters": {given}}}'
    path.write_text(text.replace("'", '"'))
    return KeyChoice(load_profile(path), keys, [key.key_id for key in default])


def test_a_tag_takes_the_place_of_its_layer_only(tmp_path: Path) -> None:
    """A guard names a campaign's key, and the engine's default marks the account layer."""
    epoch, campaign, account, nobody = keys = keys_of(TWO_LAYER)
    engine = choice(tmp_path, TWO_LAYER, keys, [epoch, nobody])
    assert engine.keys_of({}) == (epoch, nobody)
    assert engine.keys_of({FIELD: [campaign.key_id]}) == (campaign, nobody)
    assert engine.keys_of({FIELD: [account.key_id]}) == (account, epoch)
    assert engine.keys_of({FIELD: [campaign.key_id, account.key_id]}) == (campaign, account)
    with pytest.raises(ConfigurationError, match="one key of each layer"):
        engine.keys_of({FIELD: [campaign.key_id, epoch.key_id]})


def test_without_default_keys_a_layer_is_never_left_out(tmp_path: Path) -> None:
    """A request that names one layer's key is refused, rather than half marked."""
    keys = keys_of(TWO_LAYER)
    with pytest.raises(ConfigurationError, match="one key of each layer"):
        choice(tmp_path, TWO_LAYER, keys, []).keys_of({FIELD: [keys[1].key_id]})


def test_a_scheme_of_one_layer_takes_the_key_that_is_named(tmp_path: Path) -> None:
    """The default key is not added to it, whatever layer either was derived for."""
    epoch, campaign, account, _ = keys = keys_of(SYNTHID)
    engine = choice(tmp_path, SYNTHID, keys, [epoch])
    assert engine.keys_of({FIELD: [account.key_id]}) == (account,)
    assert engine.keys_of({FIELD: [campaign.key_id]}) == (campaign,)
