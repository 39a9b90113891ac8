"""How a page is found: by an index in the order of time, whatever is asked."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.intel.taxii.sharing import COLLECTION, a_filter, a_place, a_push, indicator, read

from cautery.intel.taxii import postgresql_storage
from cautery.intel.taxii.page_sql import page_statement
from cautery.intel.taxii.postgresql_storage import PostgresqlStorage
from cautery.intel.taxii.sqlite_storage import SqliteStorage

QUESTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "the newest versions": ({}, "newest_by_time"),
    "all versions": ({"every": True}, "by_time"),
    "the oldest versions": ({"first": True, "last": False}, "by_time"),
    "one object": ({"ids": ("a",)}, "by_object"),
    "all versions of one object": ({"ids": ("a",), "every": True}, "by_object"),
    "several objects": ({"ids": ("a", "b"), "types": ("t",)}, "by_object"),
    "one type": ({"types": ("t",)}, "by_type"),
    "several types": ({"types": ("t", "u"), "every": True}, "by_type"),
    "one version": ({"versions": ("2026",), "last": False}, "by_version"),
    "a version or the newest": ({"versions": ("2026",)}, "by_time"),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    path: Path = tmp_path_factory.mktemp("plans") / "taxii.sqlite"
    storage = SqliteStorage(path)

    async def work() -> None:
        await storage.open([COLLECTION])
        await storage.add(COLLECTION, a_push(read(*[indicator(number) for number in range(500)])))
        await storage.close()

    asyncio.run(work())
    return sqlite3.connect(path)


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_page_is_found_by_going_through_all_objects(
    database: sqlite3.Connection, name: str
) -> None:
    """Each branch searches one index from the position on, and sorts no more than a page."""
    wanted, index = QUESTIONS[name]
    text, values = page_statement(a_place(), a_filter(**wanted), "added", lambda _: "?")
    plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    searches = [step for step in plan if "objects" in step]
    assert searches
    for step in searches:
        assert step.startswith("SEARCH objects USING")
        assert f"INDEX {index} " in step
        assert "added>?" in step


def test_no_text_of_a_client_is_in_the_statement() -> None:
    """Values are parameters, in the order of their marks."""
    hostile = "x'; DROP TABLE objects; --"
    wanted = a_filter(ids=(hostile,), types=(hostile,), versions=(hostile,), first=True)
    text, values = page_statement(a_place(), wanted, "added", lambda number: f"${number}")
    assert hostile not in text
    assert values.count(hostile) == 3
    assert [f"${number}" in text for number in range(1, len(values) + 1)] == [True] * len(values)


@pytest.mark.parametrize("statistics", ["none", "of others"])
def test_postgresql_goes_through_no_collection(postgresql_url: str, statistics: str) -> None:
    """Neither a page nor a push goes through a collection, whatever the planner thinks it holds."""
    import asyncpg

    name = "5c1c7a52-0000-4000-8000-00000000000"
    collection, other = (f"{name}{2 * (statistics == 'none') + number}" for number in range(2))
    storage = PostgresqlStorage(postgresql_url)

    async def ask(text: str, *values: Any) -> list[str]:
        database = await asyncpg.connect(
            postgresql_url, server_settings=postgresql_storage._SETTINGS
        )
        rows = await database.fetch(text, *values)
        await database.close()
        return [row[0] for row in rows]

    async def work() -> tuple[list[str], list[str]]:
        await storage.open([collection, other])
        pushed = read(*[indicator(number) for number in range(500)])
        if statistics == "of others":
            await storage.add(other, a_push(pushed))
            # The collection is none of which the statistics know: the planner expects one row.
            await ask("ANALYZE objects")
        await storage.add(collection, a_push(pushed))
        text, values = page_statement(
            a_place(collection=collection), a_filter(limit=10), "added", postgresql_storage._mark
        )
        page = await ask(f"EXPLAIN {text}", *values)
        held = await ask(f"EXPLAIN {postgresql_storage._HELD}", collection, ["a"], ["2026"])
        await storage.close()
        return page, held

    page, held = asyncio.run(work())
    assert any("Index Scan using newest_by_time" in step for step in page)
    assert not any("Sort" in step for step in page)
    scans = [step for step in held if " on objects" in step]
    assert len(scans) == 2
    assert all("using held_versions" in one for one in scans), held
