"""Secrets in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from cautery.errors import ConfigurationError
from cautery.guard.secret_files import read_credential, read_secret


def test_reads_them(tmp_path: Path) -> None:
    """Hexadecimal digits and plain credentials, with a line end after them."""
    path = tmp_path / "secret"
    path.write_text("ab" * 32 + "\n")
    assert read_secret(path).reveal() == b"\xab" * 32
    path.write_text("sk-1\n")
    assert read_credential(path).reveal() == b"sk-1"


@pytest.mark.parametrize("content", ["planted-secret", "ab" * 31, "", "\u00e9"])
def test_refuses_without_quoting(tmp_path: Path, content: str) -> None:
    """What is no secret is not shown either: it may be one in another spelling."""
    path = tmp_path / "secret"
    path.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        read_secret(path)
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "a\r\nx: y", "a\x00"])
def test_a_credential_must_fit_a_header(tmp_path: Path, content: str) -> None:
    """Nothing is smuggled into the server's head by a file."""
    path = tmp_path / "credential"
    path.write_text(content, newline="")
    with pytest.raises(ConfigurationError):
        read_credential(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It says which."""
    with pytest.raises(ConfigurationError, match="none"):
        read_secret(tmp_path / "none")
