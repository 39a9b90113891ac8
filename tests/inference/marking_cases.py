"""Profiles, keys and checks that the tests of all engines share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from cautery.inference.key_choice import KeyChoice
from cautery.inference.truncation import Sampling, final_distribution
from cautery.records.key import Key, Secret
from cautery.registry import SCHEMES
from cautery.watermark.key_derivation import derive_key
from cautery.watermark.key_file import key_document
from cautery.watermark.profile import PROFILE_SCHEMA, load_profile

TWO_LAYER = "cautery-two-layer"
SYNTHID = "hf-synthid"
GIVEN: dict[str, dict[str, Any]] = {TWO_LAYER: {}, SYNTHID: {"depth": 12, "ngram_len": 3}}
SEED = 20261125


def keys_of(scheme: str, account: str, secret: bytes = bytes(range(32))) -> tuple[Key, ...]:
    """Give the keys that mark the texts of an account."""
    member = SCHEMES.load(scheme)
    parameters = member.parameters(GIVEN[scheme])

    def derived(owner: Any, name: str) -> Key:
        return derive_key(
            Secret(secret),
            epoch="e",
            scheme=member,
            parameters=parameters,
            owner=owner,
            owner_id=name,
        )

    own = derived("account", account)
    return (derived("epoch", ""), own) if scheme == TWO_LAYER else (own,)


def write_files(
    folder: Path, scheme: str, accounts: Sequence[str]
) -> tuple[Path, Path, dict[str, tuple[Key, ...]]]:
    """Write a profile and the key file of some accounts."""
    profile, keys = folder / "profile.json", folder / "keys.json"
    profile.write_text(
        json.dumps({"schema": PROFILE_SCHEMA, "scheme": scheme, "parameters": GIVEN[scheme]})
    )
    owned = {account: keys_of(scheme, account) for account in accounts}
    unique = {key.key_id: key for own in owned.values() for key in own}
    keys.write_text(json.dumps(key_document(tuple(unique.values()))))
    return profile, keys, owned


def choice_of(folder: Path, scheme: str, accounts: Sequence[str], **options: Any) -> KeyChoice:
    """Make the choice of keys that an engine makes from files."""
    profile, _, owned = write_files(folder, scheme, accounts)
    keys = {key.key_id: key for own in owned.values() for key in own}
    return KeyChoice(load_profile(profile), tuple(keys.values()), **options)


def log10_p(scheme: str, tokens: Sequence[int], key: Key) -> float:
    """Test a text for a key."""
    member = SCHEMES.load(scheme)
    parameters = member.parameters(GIVEN[scheme])
    positions = member.positions(np.array(tokens, dtype=np.int64), parameters, key)
    values = member.values(positions, key, parameters)
    null = member.null(parameters)
    return null.log10_upper_tail(null.statistic(values), len(values))


def detected(scheme: str, tokens: Sequence[int], keys: Sequence[Key]) -> bool:
    """Say whether all keys are found in a text; an account's has a quarter of it."""
    return all(log10_p(scheme, tokens, key) < -8 for key in keys)


def chi_square_p(chosen: Sequence[int], shares: NDArray[Any], places: NDArray[Any]) -> float:
    """Test whether tokens were drawn from a distribution; rare tokens are put together."""
    assert set(chosen) <= set(places.tolist())
    counts = np.array([np.sum(np.array(chosen) == place) for place in places], dtype=float)
    wanted = shares * len(chosen)
    common = wanted >= 5
    found = np.append(counts[common], counts[~common].sum())
    wanted = np.append(wanted[common], wanted[~common].sum())
    found, wanted = found[wanted > 0], wanted[wanted > 0]
    return float(chi2.sf(((found - wanted) ** 2 / wanted).sum(), len(wanted) - 1))


class ToyModel:
    """Logits that depend on the last token only; high entropy, so that texts hardly repeat."""

    def __init__(self, vocabulary: int = 300) -> None:
        self.table = np.random.default_rng(SEED).normal(size=(vocabulary, vocabulary)) * 1.2
        self.vocabulary = vocabulary

    def logits(self, last: int) -> NDArray[np.float32]:
        """Give one row."""
        return np.asarray(self.table[last], dtype=np.float32)

    def replayed(
        self,
        keys: Sequence[Key],
        prompt: Sequence[int],
        response: Sequence[int],
        sampling: Sampling,
        order: Sequence[str],
    ) -> int:
        """Count the tokens that two layers left no choice about; each is the one it chose."""
        member: Any = SCHEMES.load(TWO_LAYER)
        marking = member.begin(keys, member.parameters({}), list(prompt))
        text, sure = list(prompt), 0
        for token in response:
            shares, places = final_distribution(self.logits(text[-1]), sampling, order)
            share = marking.reweighted(shares, places)[places == token]
            assert share.size == 1
            assert share[0] > 0
            sure += int(share[0] == 1)
            marking.accept(token)
            text.append(token)
        return sure
