"""Configuration files in TOML: what is read, and every way in which one cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from cautery.errors import ConfigurationError, InputError
from cautery.toml_files import MOST_BYTES, FileFault, error_of, read_toml


def test_a_document_with_its_text(tmp_path: Path) -> None:
    """The text is kept, so that faults found later can be given their lines."""
    path = tmp_path / "a.toml"
    path.write_text("a = 1\n")
    file = read_toml(path)
    assert (file.text, file.tables, file.faults) == ("a = 1\n", {"a": 1}, ())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a = 1\nb = \n", ":2: is not TOML: Invalid value"),
        (b"a = '\xff'", ": is not TOML: 'utf-8' codec"),
        (b"a = " + b"[" * 100_000, ": is not TOML: "),
        (b"#" * (MOST_BYTES + 1), ": is longer than a configuration may be"),
        (None, ": cannot be read: No such file"),
    ],
    ids=["syntax", "text", "nested", "long", "absent"],
)
def test_what_cannot_be_read(tmp_path: Path, content: bytes | None, said: str) -> None:
    """One fault, with its line where there is one, and no document."""
    path = tmp_path / "a.toml"
    if content is not None:
        path.write_bytes(content)
    file = read_toml(path)
    assert (file.text, file.tables) == ("", {})
    assert str(file.faults[0]).startswith(f"{path}{said}")


def test_an_error_is_a_fault_and_faults_are_an_error() -> None:
    """Nothing is lost: place, words and hint; of several, the first and how many more."""
    path = Path("guard.toml")
    fault = FileFault.of(InputError("is no key", hint="Draw one."), path)
    assert str(fault) == "guard.toml: is no key. Draw one."
    error = error_of([fault, fault, fault], "cautery guard check guard.toml")
    assert isinstance(error, ConfigurationError)
    assert str(error) == "guard.toml: is no key (2 more). See: cautery guard check guard.toml"
