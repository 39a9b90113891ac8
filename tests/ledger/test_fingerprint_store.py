"""The store of an epoch's fingerprints."""

from __future__ import annotations

import random
import secrets
from pathlib import Path

import pytest

from cautery.errors import ConfigurationError, MalformedFileError, OutputError
from cautery.ledger.fingerprint_store import COMMON_EXCHANGES, FingerprintStore, GivenText
from cautery.records.key import Secret

KEY = Secret(secrets.token_bytes(32))


def text_of(seed: int, words: int = 120) -> str:
    """A text of words out of a small vocabulary."""
    draw = random.Random(seed)
    return " ".join(f"word{draw.randrange(2_000)}" for _ in range(words))


def given(seed: int, text: str = "") -> GivenText:
    """An answer of one account."""
    return GivenText(
        request_id=f"r{seed}",
        account_id=f"a{seed % 7}",
        time_start="2026-11-01T00:00:00Z",
        text=text or text_of(seed),
    )


@pytest.fixture
def store(tmp_path: Path) -> FingerprintStore:
    """A store with fifty answers."""
    made = FingerprintStore(tmp_path / "store", "2026-11", KEY)
    assert made.add(given(seed) for seed in range(50)) == 50
    return made


def test_a_snippet_names_its_exchange(store: FingerprintStore) -> None:
    """Forty words out of an answer, one in ten of them changed, are found under its request."""
    for seed in range(50):
        words = text_of(seed).split()[30:70]
        words[5::10] = ["changed"] * len(words[5::10])
        match = store.look_up(" ".join(words))[0]
        assert (match.request_id, match.account_id) == (f"r{seed}", f"a{seed % 7}")
        assert not match.exact
        assert match.shared <= match.snippet_fingerprints


def test_a_strange_text_matches_nothing(store: FingerprintStore) -> None:
    """Texts that were never given out match nothing."""
    assert [store.look_up(text_of(seed)) for seed in range(1_000, 1_100)] == [[]] * 100


def test_an_exact_answer_is_said_to_be_one(store: FingerprintStore) -> None:
    """The whole answer is exact; with one more character it is not. Even a short one is found."""
    assert store.look_up(text_of(3))[0].exact
    assert not store.look_up(text_of(3) + " ")[0].exact
    store.add([given(99, "Yes.")])
    assert [match.request_id for match in store.look_up("Yes.")] == ["r99"]


def test_adding_twice_changes_nothing(store: FingerprintStore) -> None:
    """The same exchanges again are not added."""
    assert store.add(given(seed) for seed in range(50)) == 0


def test_what_everybody_was_told_is_nobodys(store: FingerprintStore) -> None:
    """A refusal that many exchanges hold is no evidence for any of them."""
    refusal = "I cannot help with that request because it would be against the rules of the house"
    store.add(given(200 + place, refusal + f" {place}") for place in range(COMMON_EXCHANGES + 1))
    assert store.look_up(refusal) == []


def test_no_text_is_in_the_file(store: FingerprintStore, tmp_path: Path) -> None:
    """Neither words nor the key stand in the file."""
    store.close()
    content = (tmp_path / "store").read_bytes()
    assert b"word1" not in content
    assert KEY.reveal() not in content


def test_another_key_cannot_open_it(store: FingerprintStore, tmp_path: Path) -> None:
    """With another key, or as another epoch, the store is refused."""
    store.close()
    with pytest.raises(ConfigurationError):
        FingerprintStore(tmp_path / "store", "2026-11", Secret(secrets.token_bytes(32)))
    with pytest.raises(ConfigurationError):
        FingerprintStore(tmp_path / "store", "2026-12", KEY)
    assert FingerprintStore(tmp_path / "store", "2026-11", KEY).look_up(text_of(1))


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    """A file of another kind, and a folder that is not there, are clear errors."""
    (tmp_path / "text").write_text("not a database, but long enough to be looked at" * 20)
    with pytest.raises(MalformedFileError):
        FingerprintStore(tmp_path / "text", "e", KEY)
    with pytest.raises(OutputError):
        FingerprintStore(tmp_path / "nowhere" / "store", "e", KEY)
