"""Writes the query of a page, alike for SQLite and PostgreSQL.

A page is found by its place in an index, never by counting off the pages before it, so it costs the
same at the end of a million objects as at their beginning. Where a filter names several objects,
types or versions, each is a branch of its own that an index answers in order of time, and the
branches are merged: at most a page of rows is taken from each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from cautery.intel.taxii.filters import Filter
from cautery.intel.taxii.storage import CollectionPlace
from cautery.records.indicator import tlp_rank

Mark = Callable[[int], str]
"""Writes the mark of the n-th parameter, from 1."""
_LARGEST: Final = 2**63 - 1
_VERSION: Final = "(version || '')"
"""As its index has it, so that no planner takes this index to look for one version of an object."""


def page_statement(
    place: CollectionPlace, wanted: Filter, columns: str, mark: Mark, *, limited: bool = True
) -> tuple[str, list[Any]]:
    """Write the query of a page.

    Args:
        place: Of which collection.
        wanted: Which of its objects.
        columns: What of each.
        mark: How parameters are marked.
        limited: Whether it is a page, one row more than fits; else all rows.

    Returns:
        The statement and its parameters. No text of a client's is ever in the statement.
    """
    statement = _Statement(mark)
    column, values = _driver(wanted)
    branches = []
    for number, value in enumerate(values):
        conditions = [
            f"collection = {statement.give(place.collection_id)}",
            f"added > {statement.give(min(wanted.after, _LARGEST))}",
            *([f"{column} = {statement.give(value)}"] if column else []),
            *_rest(statement, place, wanted, column),
        ]
        where = " AND ".join(conditions)
        order = "ORDER BY added"
        if limited:
            order += f" LIMIT {statement.give(wanted.limit + 1)}"
        branches.append(
            f"SELECT * FROM (SELECT {columns} FROM objects WHERE {where} {order}) AS b{number}"  # noqa: S608 - of our own words
        )
    if len(branches) == 1:
        return branches[0], statement.values
    text = " UNION ALL ".join(branches) + " ORDER BY added"
    if limited:
        text += f" LIMIT {statement.give(wanted.limit + 1)}"
    return text, statement.values


class _Statement:
    """Collects parameters."""

    def __init__(self, mark: Mark) -> None:
        self._mark = mark
        self.values: list[Any] = []

    def give(self, value: Any) -> str:
        self.values.append(value)
        return self._mark(len(self.values))


def _driver(wanted: Filter) -> tuple[str, tuple[str, ...]]:
    """Choose the column whose values are branches: the one that leaves the fewest rows."""
    if wanted.ids:
        return "object_id", wanted.ids
    if wanted.versions and not (wanted.first or wanted.last or wanted.every):
        return _VERSION, wanted.versions
    if wanted.types:
        return "object_type", wanted.types
    return "", ("",)


def _rest(statement: _Statement, place: CollectionPlace, wanted: Filter, column: str) -> list[str]:
    unmarked = statement.give(tlp_rank(place.unmarked))
    ceiling = statement.give(tlp_rank(place.ceiling))
    conditions = [f"COALESCE(level, {unmarked}) <= {ceiling}"]
    if wanted.types and column != "object_type":
        # Joined with nothing, so that no planner takes the index of types for the branch's own.
        conditions.append(_among(statement, "(object_type || '')", wanted.types))
    if not wanted.every and column != _VERSION:
        either = []
        if wanted.last:
            either.append("is_last")
        if wanted.first:
            either.append("is_first")
        if wanted.versions:
            either.append(_among(statement, "version", wanted.versions))
        conditions.append(either[0] if len(either) == 1 else f"({' OR '.join(either)})")
    return conditions


def _among(statement: _Statement, column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(statement.give(value) for value in values)})"
