"""Reads the small JSON files of this room: bounded, checked, and wrong ones named by line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from cautery.errors import ConfigurationError
from cautery.plain_files import open_plain
from cautery.watermark.json_places import Step, line_of, steps_of

MAX_FILE_BYTES: Final = 256 * 1024 * 1024
"""Largest file that is read: about a million keys."""

_PATH: Final = re.compile(r" - at `(?P<path>\$[^`]*)`$")
_BYTE: Final = re.compile(r"\(byte (?P<byte>\d+)\)$")
Kind = TypeVar("Kind")


class JsonFile:
    """A JSON file in memory, which can say where in it a field stands.

    Args:
        path: The file.

    Raises:
        ConfigurationError: It cannot be read, is too large, or is not UTF-8.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        try:
            with open_plain(self.path) as stream:
                content = stream.read(MAX_FILE_BYTES + 1)
            if len(content) > MAX_FILE_BYTES:
                raise self._fault(f"larger than {MAX_FILE_BYTES:,} bytes", str(path))
            self.text = content.decode("utf-8-sig")
        except OSError as error:
            raise self._fault(f"cannot be read: {error.strerror or error}", str(path)) from error
        except UnicodeDecodeError as error:
            raise self._fault(f"not UTF-8 at byte {error.start}", str(path)) from error

    def decode(self, kind: type[Kind], schema: str) -> Kind:
        """Decode the file into a record.

        Args:
            kind: A msgspec structure.
            schema: What its member ``schema`` must say.

        Returns:
            The record.

        Raises:
            ConfigurationError: Not JSON, of another schema, or a field is wrong; names the line.
        """
        found = self._decode(Any)
        said = found.get("schema") if isinstance(found, dict) else None
        if said != schema:
            shown = repr(said)[:80]
            raise self.fault(f"schema must be '{schema}', not {shown}", ["schema"])
        return self._decode(kind)

    def fault(self, what: str, path: list[Step]) -> ConfigurationError:
        """Make the error for a field of this file.

        Args:
            what: What is wrong, with the name of the field; never a secret.
            path: The field, from the outside in.

        Returns:
            An error that names file and line.
        """
        return self._fault(what, f"{self.path}:{line_of(self.text, path)}")

    def _decode(self, kind: type[Kind]) -> Kind:
        try:
            return msgspec.json.decode(self.text, type=kind)
        except msgspec.ValidationError as error:
            words = str(error)
            place = _PATH.search(words)
            steps = steps_of(place["path"]) if place else []
            raise self.fault(f"{_field(steps)}{_PATH.sub('', words)}", steps) from error
        except (msgspec.DecodeError, RecursionError) as error:
            words = str(error)
            byte = _BYTE.search(words)
            before = self.text.encode()[: int(byte["byte"])] if byte else b""
            line = before.count(b"\n") + 1
            raise self._fault(f"not JSON: {words}", f"{self.path}:{line}") from error

    @staticmethod
    def _fault(what: str, where: str) -> ConfigurationError:
        return ConfigurationError(what, where=where)


def _field(steps: list[Step]) -> str:
    """Write a path as people do: ``keys[3].value: ``."""
    words = ""
    for step in steps:
        words += f"[{step}]" if isinstance(step, int) else f"{'.' if words else ''}{step}"
    return f"{words}: " if words else ""
