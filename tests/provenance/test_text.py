"""Certificates of whole texts, with real schemes."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.cli.watermark.detect_cases import key, marked, unmarked, write_profile

from cautery.errors import ConfigurationError
from cautery.provenance.text import KeysOfProfile, Suspect, certify, digest_of
from cautery.records.key import Key
from cautery.watermark.profile import load_profile


def profile_with(folder: Path, name: str, keys: list[Key], **more: Any) -> KeysOfProfile:
    """Load a profile under a name, with keys."""
    path = folder / f"{name}.json"
    write_profile(str(path), **more)
    return KeysOfProfile(profile=load_profile(path), keys=tuple(keys))


def suspect(*tokens: list[int] | None) -> Suspect:
    """A text as each profile reads it."""
    read = tuple(None if each is None else np.array(each, dtype=np.int64) for each in tokens)
    return Suspect(text_id="t", sha256="0" * 64, tokens=read)


def test_digests_name_a_text() -> None:
    """A text's digest is that of its UTF-8 bytes; ids' that of 64-bit numbers; surrogates pass."""
    assert digest_of("ä") == hashlib.sha256("ä".encode()).hexdigest()
    wanted = hashlib.sha256(b"\x01" + bytes(7) + b"\x02" + bytes(7)).hexdigest()
    assert digest_of(np.array([1, 2])) == wanted
    assert len(digest_of("\ud800")) == 64


def test_nothing_to_test_for_is_an_error(tmp_path: Path) -> None:
    """No profile, or a profile without keys, is no certificate."""
    with pytest.raises(ConfigurationError):
        certify(suspect(), [])
    with pytest.raises(ConfigurationError):
        certify(suspect([1]), [profile_with(tmp_path, "p", [])])


def test_a_profile_without_tokens_is_not_tested(tmp_path: Path) -> None:
    """It says so; its keys still count in the correction, so that looking costs what it costs."""
    read = profile_with(tmp_path, "read", [key(1, account_id="a"), key(2, account_id="b")])
    blind = profile_with(tmp_path, "blind", [key(3), key(4)])
    found = certify(suspect(marked(key(1), 200), None), [read, blind])
    assert [one.verdict for one in found.profiles] == ["detected", "not tested"]
    assert found.keys_tested == 4
    best = found.candidates[0]
    assert best.log10_corrected_p - best.log10_p == pytest.approx(math.log10(4), abs=1e-6)
    assert found.account_ids == ("a",)
    assert {one.profile for one in found.candidates} == {"read"}


def test_the_strictest_rate_decides(tmp_path: Path) -> None:
    """Profiles of 1e-2 and 1e-30 are tested at 1e-30 together."""
    loose = profile_with(tmp_path, "loose", [key(1, account_id="a")], false_positive_rate=0.01)
    strict = profile_with(tmp_path, "strict", [key(2)], false_positive_rate=1e-30)
    text = marked(key(1), 40)
    alone = certify(suspect(text), [loose])
    both = certify(suspect(text, text), [loose, strict])
    assert -30.0 < alone.candidates[0].log10_p < -2.5
    assert (alone.account_ids, both.account_ids) == (("a",), ())
    assert both.false_positive_rate == 1e-30


def test_two_accounts_in_one_text(tmp_path: Path) -> None:
    """A text of two leaks names both accounts, each with its own stretch."""
    keys = [key(number, account_id=f"a{number}") for number in range(6)]
    text = [*marked(key(1), 150), *unmarked(100), *marked(key(4), 150)]
    found = certify(suspect(text), [profile_with(tmp_path, "p", keys)])
    assert found.account_ids == ("a1", "a4")
    middles = {
        one.account_id: (one.stretches[0].start + one.stretches[0].stop) / 2
        for one in found.candidates
        if one.detected
    }
    assert middles["a1"] < 170
    assert middles["a4"] > 230
    assert all(one.log10_replayed_p is not None for one in found.candidates if one.detected)


def test_nobody_is_named_without_a_mark(tmp_path: Path) -> None:
    """Of 60 unmarked texts under 50 keys at 1e-3, at most one names anybody (mean 0.06)."""
    keys = [key(number, account_id=f"a{number}") for number in range(50)]
    under = profile_with(tmp_path, "p", keys, false_positive_rate=1e-3)
    named = [certify(suspect(unmarked(120, seed)), [under]).account_ids for seed in range(60)]
    assert sum(bool(names) for names in named) <= 1


def test_the_order_of_keys_changes_nothing(tmp_path: Path) -> None:
    """Keys in another order give the same candidates."""
    keys = [key(number, account_id=f"a{number}") for number in range(8)]
    text = suspect(marked(key(3), 120))
    found = [certify(text, [profile_with(tmp_path, "p", order)]) for order in (keys, keys[::-1])]
    assert found[0].candidates == found[1].candidates
    assert json.dumps(found[0].margin) == json.dumps(found[1].margin)
