"""Results of a benchmark as JSON lines: one measurement a line, and no line measured twice.

A line says which code it measured, so that a later run measures again only what another version
of the package said.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
"""The repository."""

RESULTS_FOLDER: Final = ROOT / "benchmarks" / "results"
"""Committed results; the documentation's tables are written from them."""

Row = dict[str, Any]


def code_version() -> str:
    """Name the package's code by its content.

    Returns:
        Twelve hexadecimal digits that change with any file of ``src/cautery``.
    """
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src" / "cautery").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def commit() -> str:
    """Name the commit that is checked out.

    Returns:
        Its short name, with a plus if the package differs from it; empty outside of a repository.
    """
    named = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if named.returncode:
        return ""
    changed = subprocess.run(
        ["git", "diff", "--quiet", "HEAD", "--", "src/cautery"], cwd=ROOT, check=False
    )
    return named.stdout.strip() + ("+" if changed.returncode else "")


class ResultsFile:
    """Rows by key, in a file if there is one; a newer row takes the place of an older one."""

    def __init__(self, path: Path | None, keys: Sequence[str], *, any_code: bool = False) -> None:
        """Read what is there.

        Args:
            path: The file, or None to keep the rows in memory only.
            keys: Fields that name a measurement.
            any_code: Take rows of other code for measured as well.
        """
        self._path = path
        self._keys = tuple(keys)
        self._code = code_version()
        self._any_code = any_code
        self._commit = commit()
        self._rows: dict[tuple[Any, ...], Row] = {}
        for row in read_rows(path) if path else []:
            self._rows[self._key(row)] = row

    def _key(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self._keys)

    def known(self, key: Sequence[Any]) -> Row | None:
        """Find a measurement of this code.

        Args:
            key: Values of the key fields.

        Returns:
            Its row; None if it has to be measured. A row that names no code counts as known.
        """
        row = self._rows.get(tuple(key))
        if row is None or self._any_code or row.get("code", self._code) == self._code:
            return row
        return None

    def starting_with(self, place: Sequence[Any]) -> list[Row]:
        """List the rows of any code whose first key fields have these values.

        Args:
            place: Values of the first key fields.

        Returns:
            The rows.
        """
        return [row for key, row in self._rows.items() if key[: len(place)] == tuple(place)]

    def add(self, row: Row) -> Row:
        """Keep a measurement, and write it down at once.

        Args:
            row: It holds the key fields.

        Returns:
            The row with the code and the commit that it measured.
        """
        marked = {**row, "code": self._code, "commit": self._commit}
        self._rows[self._key(marked)] = marked
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(marked) + "\n")
        return marked

    def tidy(self) -> None:
        """Write the file anew: one line a measurement, in the order of the keys."""
        if self._path and self._rows:
            ordered = sorted(self._rows.values(), key=lambda row: [str(v) for v in self._key(row)])
            write_rows(self._path, ordered)


def read_rows(path: Path) -> list[Row]:
    """Read results.

    Args:
        path: A file of JSON lines; one that is not there holds nothing.

    Returns:
        Its rows.
    """
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write results in place of what was there.

    Args:
        path: The file.
        rows: The rows.
    """
    text = "".join(json.dumps(row) + "\n" for row in rows)
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
