"""Things from other threads: each is taken once, in order, and the loop is woken as needed."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from cautery.guard.proxying.handed_over import HandedOver


def test_nothing_is_lost_between_threads() -> None:
    """Four threads hand over while the loop takes; each one's things come in its order."""

    async def scenario() -> list[tuple[int, int]]:
        taken: list[tuple[int, int]] = []
        done = asyncio.Event()

        def take(thing: tuple[int, int]) -> None:
            taken.append(thing)
            if len(taken) == 4_000:
                done.set()

        queue = HandedOver[tuple[int, int]](asyncio.get_running_loop(), take)

        def hand(thread: int) -> None:
            for number in range(1_000):
                queue.add((thread, number))

        threads = [threading.Thread(target=hand, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        async with asyncio.timeout(20):
            await done.wait()
        for thread in threads:
            thread.join()
        return taken

    taken = asyncio.run(scenario())
    for thread in range(4):
        assert [number for who, number in taken if who == thread] == list(range(1_000))


def test_one_that_fails_keeps_no_other_back() -> None:
    """An error goes to the loop's handler; the rest is taken."""
    seen: list[Any] = []

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: seen.append(context["exception"]))

        def take(number: int) -> None:
            if number == 1:
                raise ValueError(number)
            seen.append(number)

        queue = HandedOver[int](loop, take)
        for number in range(3):
            queue.add(number)
        await asyncio.sleep(0)

    asyncio.run(scenario())
    assert [str(one) for one in seen] == ["0", "1", "2"]


def test_a_loop_that_is_closed() -> None:
    """A ledger that ends last finds nobody, and does not fall over it."""
    loop = asyncio.new_event_loop()
    queue = HandedOver[int](loop, lambda _: None)
    loop.close()
    queue.add(1)
    queue.add(2)
