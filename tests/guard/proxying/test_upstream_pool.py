"""Connections to the server: kept, shared, bounded."""

from __future__ import annotations

import asyncio

from tests.guard.proxying.proxies import (
    Asked,
    ok,
    request,
    running,
    status_of,
)


def test_connections_are_kept_and_shared() -> None:
    """Many requests go over few connections; those that wait are served in turn."""

    async def scenario() -> None:
        async with running(upstream={"connections": 2}) as proxy:
            answers = await asyncio.gather(*(proxy.exchange(request()) for _ in range(20)))
            assert {status_of(answer) for answer in answers} == {200}
            assert proxy.server.connections <= 2

    asyncio.run(scenario())


def test_too_many_waiting_are_turned_away() -> None:
    """Beyond the bound a request is told that there are too many."""

    async def scenario() -> None:
        release = asyncio.Event()

        async def wait(asked: Asked, writer: asyncio.StreamWriter) -> None:
            await release.wait()
            writer.write(ok())

        async with running(wait, upstream={"connections": 1, "waiting": 1}) as proxy:
            tasks = [asyncio.create_task(proxy.exchange(request())) for _ in range(3)]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            assert [status_of(task.result()) for task in done] == [503]
            release.set()
            answers = await asyncio.gather(*tasks)
            assert sorted(map(status_of, answers)) == [200, 200, 503]

    asyncio.run(scenario())
