"""Reads a TOML document key by key into records, and goes on past what is wrong.

Every fault is named with its line, and a misspelt key with the one that was probably meant.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from cautery.policy.places import did_you_mean, line_of_key
from cautery.toml_files import FileFault, read_toml

Section = TypeVar("Section", bound=msgspec.Struct)
_PLACE: Final = re.compile(r" - at `\$(?P<path>[^`]*)`$")


class TomlDocument:
    """A document that is read section by section.

    Args:
        path: The file.

    Attributes:
        faults: What was wrong so far.
        tables: The document, without the keys that were read; empty if it is no TOML.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        file = read_toml(path)
        self.faults = list(file.faults)
        self.tables = file.tables
        self._text = file.text

    def fault(self, place: list[str | int], text: str) -> None:
        """Note a fault.

        Args:
            place: The key, from the outside in; places in arrays of tables from 0.
            text: What is wrong.
        """
        line = line_of_key(self._text, place)
        self.faults.append(FileFault(where=f"{self.path}:{line}", text=text))

    def faults_by_line(self) -> tuple[FileFault, ...]:
        """Give the faults in the order of the file.

        Returns:
            The faults.
        """
        return tuple(sorted(self.faults, key=lambda one: int(one.where.rpartition(":")[2])))

    def check_names(self, known: tuple[str, ...]) -> None:
        """Note sections that there are not.

        Args:
            known: Those that there are.
        """
        for name in self.tables:
            if name not in known:
                self.fault([name], f"there is no '{name}'. {did_you_mean(name, known)}".strip())

    def section(self, name: str, kind: type[Section]) -> Section | None:
        """Read a section.

        Args:
            name: Its name.
            kind: The record that it is read into.

        Returns:
            The record; None if anything in it is wrong.
        """
        table = self.tables.get(name, {})
        if not isinstance(table, dict):
            self.fault([name], f"[{name}] must be a section")
            return None
        return self._read([name], table, kind)

    def sections(self, name: str, kind: type[Section]) -> list[Section | None]:
        """Read a section that may stand several times, as ``[[name]]``.

        Args:
            name: Its name.
            kind: The record that each is read into.

        Returns:
            The records, in their order; None for those in which anything is wrong.
        """
        tables = self.tables.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            self.fault([name], f"[{name}] must be written [[{name}]]")
            return []
        return [self._read([name, place], one, kind) for place, one in enumerate(tables)]

    def _read(
        self, place: list[str | int], table: dict[str, Any], kind: type[Section]
    ) -> Section | None:
        fields = {one.encode_name: one for one in msgspec.structs.fields(kind)}
        before = len(self.faults)
        values = {}
        for name, value in table.items():
            if name not in fields:
                suggestion = did_you_mean(name, fields)
                text = f"[{place[0]}] has no key '{name}'. {suggestion}".strip()
                self.fault([*place, name], text)
                continue
            try:
                values[fields[name].name] = msgspec.convert(value, fields[name].type)
            except msgspec.ValidationError as error:
                text = _PLACE.sub("", str(error))
                self.fault([*place, name], f"{name}: {text}")
        for name, one in fields.items():
            if name not in table and one.required:
                self.fault(place, f"[{place[0]}] needs {name}")
        return kind(**values) if len(self.faults) == before else None
