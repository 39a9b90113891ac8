"""Small JSON files that name the line of what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from cautery.errors import ConfigurationError
from cautery.watermark import json_file
from cautery.watermark.json_file import JsonFile


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a document."""

    size: int


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document."""

    schema: str
    parts: list[Inner] = []


def decoded(path: Path, text: str | bytes) -> Document:
    """Write a file and decode it."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return JsonFile(path).decode(Document, "s/1")


def test_a_document_is_decoded(tmp_path: Path) -> None:
    """A byte order mark, which some editors write, is no fault."""
    text = '\ufeff{"schema": "s/1", "parts": [{"size": 3}]}'
    assert decoded(tmp_path / "f.json", text) == Document("s/1", [Inner(3)])


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{"schema": "s/1",\n "parts": [{"size": 1},\n  {"size": "x"}]}', 3, "parts[1].size"),
        ('{"schema": "s/1",\n "parts": [\n  {"sise": 1}]}', 3, "sise"),
        ('{\n "schema": "s/2"}', 2, "schema must be 's/1', not 's/2'"),
        ('{\n "schema": "s/1",\n oops}', 3, ""),
        ("[1]", 1, "schema must be 's/1'"),
        ("", 1, ""),
    ],
)
def test_what_is_wrong_is_named_by_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    """File, line and field are in the error."""
    path = tmp_path / "f.json"
    with pytest.raises(ConfigurationError) as error:
        decoded(path, text)
    assert error.value.where == f"{path}:{line}"
    assert said in error.value.what


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, a folder, no UTF-8, or too large: each is an error that names the file."""
    path = tmp_path / "f.json"
    for wrong in (path, tmp_path):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            JsonFile(wrong)
    with pytest.raises(ConfigurationError, match="not UTF-8 at byte 2"):
        decoded(path, b'{"\xff"}')
    monkeypatch.setattr(json_file, "MAX_FILE_BYTES", 10)
    with pytest.raises(ConfigurationError, match="larger than 10 bytes"):
        decoded(path, '{"schema": "s/1"}')


def test_deep_nesting_is_an_error(tmp_path: Path) -> None:
    """A file made to exhaust the stack is refused like any other."""
    with pytest.raises(ConfigurationError):
        decoded(tmp_path / "f.json", "[" * 200_000)


def test_a_fault_names_the_line_of_its_field(tmp_path: Path) -> None:
    """Whoever checks a value further can name its place."""
    path = tmp_path / "f.json"
    path.write_text('{"schema": "s/1",\n\n "parts": [{"size": 1}]}')
    fault = JsonFile(path).fault("size is odd", ["parts", 0, "size"])
    assert str(fault).startswith(f"{path}:3: size is odd")
