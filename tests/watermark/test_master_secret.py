"""The master secret: where it comes from, and that nothing shows it."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from pathlib import Path

import pytest

from cautery.errors import ConfigurationError, OutputError
from cautery.records.key import Secret
from cautery.watermark.master_secret import read_master, write_new_master

DIGITS = hashlib.sha256(b"a master secret of the tests").hexdigest()


def private(path: Path, text: str) -> Path:
    """Write a file that only its owner can read."""
    path.write_text(text, encoding="ascii")
    path.chmod(0o600)
    return path


def test_a_new_secret_is_read_back(tmp_path: Path) -> None:
    """What is drawn stands in a file for its owner only, and is read from there."""
    path = tmp_path / "master"
    secret = write_new_master(path)
    assert read_master(f"file:{path}") == secret
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_secret_is_never_overwritten(tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    path = private(tmp_path / "master", DIGITS)
    with pytest.raises(OutputError):
        write_new_master(path)
    assert path.read_text(encoding="ascii") == DIGITS


def test_environment_and_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable and a command give the same secret as a file."""
    monkeypatch.setenv("CAUTERY_TEST_MASTER", DIGITS)
    wanted = Secret(bytes.fromhex(DIGITS))
    assert read_master("env:CAUTERY_TEST_MASTER") == wanted
    program = f'{sys.executable} -c "print({DIGITS!r})"'
    assert read_master(f"command:{program}") == wanted


@pytest.mark.parametrize(
    "reference",
    [
        DIGITS,
        "vault:x",
        "file:",
        "file:/nowhere/at/all",
        "env:CAUTERY_NOT_SET",
        "command:false",
        f"command:{sys.executable} -c print(12)",
        "command:'",
    ],
)
def test_what_gives_no_secret_is_refused(reference: str) -> None:
    """A reference that gives no secret is an error, and the message does not repeat a secret."""
    with pytest.raises(ConfigurationError) as refused:
        read_master(reference)
    assert DIGITS not in str(refused.value)


@pytest.mark.parametrize("text", ["xyz", DIGITS[:40], "00" * 32, DIGITS[:32] * 2])
def test_weak_secrets_are_refused(tmp_path: Path, text: str) -> None:
    """Too short, not hexadecimal, or not random: refused without showing it."""
    path = private(tmp_path / "master", text)
    with pytest.raises(ConfigurationError) as refused:
        read_master(f"file:{path}")
    assert text not in str(refused.value)


@pytest.mark.skipif(os.name != "posix", reason="wants POSIX file modes")
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A file that the group can read is no secret."""
    path = private(tmp_path / "master", DIGITS)
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        read_master(f"file:{path}")


def test_nothing_shows_a_secret() -> None:
    """Neither words nor a pickle give a secret away."""
    secret = Secret(bytes.fromhex(DIGITS))
    assert DIGITS not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        hash(secret)
