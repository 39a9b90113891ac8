"""Columns of numpy arrays of equal length: the tables that generators fill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Columns(dict[str, Array]):
    """A table of named arrays, built from defaults.

    Example:
        >>> table = Columns.filled({"rate": 1.5, "name": "x"}, 2, rate=[1, 2])
        >>> table.rows, table["rate"].tolist(), table["name"].tolist()
        (2, [1.0, 2.0], ['x', 'x'])
    """

    @classmethod
    def filled(cls, defaults: Mapping[str, Any], rows: int, **values: Any) -> Columns:
        """Build a table: each column is its default, or the given value for every row."""
        table = cls()
        for name, default in defaults.items():
            kind = object if isinstance(default, str) else np.asarray(default).dtype
            column = np.empty(rows, kind)
            column[:] = values.pop(name, default)
            table[name] = column
        if values:
            raise KeyError(f"no such columns: {sorted(values)}")
        return table

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.values()))) if self else 0

    def take(self, rows: Array) -> Columns:
        """Return the given rows, by number or by mask."""
        return Columns({name: column[rows] for name, column in self.items()})

    @classmethod
    def joined(cls, tables: Iterable[Columns]) -> Columns:
        """Put tables with the same columns one after another."""
        parts = [table for table in tables if table.rows]
        if not parts:
            return cls()
        return cls({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
