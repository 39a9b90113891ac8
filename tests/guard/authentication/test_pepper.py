"""The pepper: no default, no weak one, and nothing shows it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cautery.errors import ConfigurationError
from cautery.guard.authentication.pepper import Pepper, read_pepper, write_new_pepper
from cautery.records.key import Secret

SECRET = bytes(range(32))


def test_the_digest_is_keyed_blake2b() -> None:
    """The digest is what RFC 7693 says, computed afresh."""
    wanted = hashlib.blake2b(b"x", key=SECRET, digest_size=32, person=b"cautery.api-key").digest()
    assert Pepper(Secret(SECRET)).digest(b"x") == wanted


def test_digests_do_not_depend_on_earlier_ones() -> None:
    """Each digest starts anew."""
    pepper = Pepper(Secret(SECRET))
    assert pepper.digest(b"a") != pepper.digest(b"b")
    assert pepper.digest(b"a") == Pepper(Secret(SECRET)).digest(b"a")


def test_purposes_are_apart() -> None:
    """What is derived for one purpose says nothing about another, nor about keys."""
    pepper = Pepper(Secret(SECRET))
    assert pepper.derive("a") != pepper.derive("b")
    assert pepper.check not in pepper.digest(b"check")


def test_a_new_pepper_is_read_back(tmp_path: Path) -> None:
    """What is drawn stands in a file for its owner only."""
    made = write_new_pepper(tmp_path / "pepper")
    assert read_pepper(f"file:{tmp_path / 'pepper'}").check == made.check
    assert (tmp_path / "pepper").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("reference", ["", "env:CAUTERY_NOT_SET", "file:/nowhere", "0" * 64])
def test_there_is_no_default(reference: str) -> None:
    """Without a pepper there is an error that says pepper, and repeats no secret."""
    with pytest.raises(ConfigurationError) as refused:
        read_pepper(reference)
    assert "pepper" in str(refused.value) or "variable" in str(refused.value)
    assert "0" * 64 not in str(refused.value)


def test_others_must_not_read_it(tmp_path: Path) -> None:
    """A file that the group can read is refused."""
    write_new_pepper(tmp_path / "pepper")
    (tmp_path / "pepper").chmod(0o640)
    with pytest.raises(ConfigurationError, match="others can read the pepper"):
        read_pepper(f"file:{tmp_path / 'pepper'}")


def test_too_long_a_pepper_is_refused() -> None:
    """BLAKE2b would cut it off; that is said instead."""
    with pytest.raises(ConfigurationError):
        Pepper(Secret(bytes(65)))


def test_it_is_never_shown() -> None:
    """Not even by repr."""
    assert SECRET.hex() not in repr(Pepper(Secret(SECRET)))
    assert str(SECRET) not in repr(Pepper(Secret(SECRET)))
