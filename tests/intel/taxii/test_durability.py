"""Over SQLite and PostgreSQL: killed at any time, asked by many at once, nothing is lost."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tests.intel.taxii.servers import RunningServer, sharing_server
from tests.intel.taxii.sharing import (
    OBJECTS,
    Site,
    envelope,
    indicator,
    make_site,
    object_id,
)

pytest.importorskip("uvicorn")
STORAGES = ("sqlite", "postgresql")


@pytest.fixture(params=STORAGES)
def stored_site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    storage = "sqlite:taxii.sqlite"
    if request.param == "postgresql":
        storage = request.getfixturevalue("postgresql_url")
        _empty(storage)
    return make_site(tmp_path, storage=storage)


def _empty(url: str) -> None:
    import asyncio

    import asyncpg

    async def work() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("DROP SCHEMA IF EXISTS cautery_taxii CASCADE")
        await connection.close()

    asyncio.run(work())


def _poll(server: RunningServer, site: Site) -> list[Any]:
    found: list[Any] = []
    query = "limit=50"
    while True:
        _, page = server.ask(site.tokens["acme"], f"{OBJECTS}?{query}")
        found += page.get("objects", [])
        if not page.get("more"):
            return found
        query = f"limit=50&next={page['next']}"


def test_nothing_that_was_acknowledged_is_lost_when_it_is_killed(stored_site: Site) -> None:
    """Killed in the middle of pushes, the server has all of each it answered, and no half one."""
    acknowledged: list[int] = []
    with sharing_server(stored_site.path) as server:

        def push() -> None:
            for number in range(10_000):
                batch = [indicator(100 * number + one) for one in range(20)]
                try:
                    status, _ = server.ask(stored_site.tokens["acme"], OBJECTS, envelope(*batch))
                except OSError:
                    return
                assert status == 202
                acknowledged.append(number)

        thread = threading.Thread(target=push)
        thread.start()
        while len(acknowledged) < 8:
            time.sleep(0.005)
        server.kill()
        thread.join()
    with sharing_server(stored_site.path) as server:
        found = [one["id"] for one in _poll(server, stored_site)]
    expected = [object_id(100 * number + one) for number in acknowledged for one in range(20)]
    assert found[: len(expected)] == expected
    assert len(found) - len(expected) in {0, 20}
    assert len(set(found)) == len(found)


def test_pollers_and_pushers_at_once_lose_and_repeat_nothing(stored_site: Site) -> None:
    """Two poll by the last time they saw while four push: both see every object once."""
    done = threading.Event()
    seen: list[list[str]] = [[], []]

    def poll(server: RunningServer, ids: list[str]) -> None:
        after, last_round = "1970-01-01T00:00:00Z", False
        while True:
            _, page = server.ask(
                stored_site.tokens["acme"], f"{OBJECTS}?limit=9&added_after={after}"
            )
            if page:
                manifest = f"{OBJECTS.replace('objects', 'manifest')}?limit=9&added_after={after}"
                ids += [one["id"] for one in page["objects"]]
                _, records = server.ask(stored_site.tokens["acme"], manifest)
                after = records["objects"][len(page["objects"]) - 1]["date_added"]
            elif last_round:
                return
            last_round = done.is_set()

    def push(server: RunningServer, base: int) -> None:
        for number in range(8):
            batch = [indicator(1_000 * base + 10 * number + one) for one in range(5)]
            server.ask(stored_site.tokens["acme"], OBJECTS, envelope(*batch))

    with sharing_server(stored_site.path) as server:
        pollers = [threading.Thread(target=poll, args=(server, ids)) for ids in seen]
        pushers = [threading.Thread(target=push, args=(server, base)) for base in range(4)]
        for thread in pollers + pushers:
            thread.start()
        for thread in pushers:
            thread.join()
        done.set()
        for thread in pollers:
            thread.join()
    expected = {
        object_id(1_000 * base + 10 * number + one)
        for base in range(4)
        for number in range(8)
        for one in range(5)
    }
    for ids in seen:
        assert len(ids) == len(set(ids))
        assert set(ids) == expected
