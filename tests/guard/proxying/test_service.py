"""Decisions that are given later: nothing goes on before them, and everything after."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from tests.guard.deciders import FakeDecider
from tests.guard.proxying.proxies import request, running, status_of, until

from cautery.records.decision import Decision
from cautery.records.request import RequestFacts


class LateDecider(FakeDecider):
    """Gives its decisions when it is told to, from another thread, as a ledger does."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self.waiting: list[Future[Decision]] = []

    def begin(self, request: RequestFacts) -> Future[Decision]:
        given: Future[Decision] = Future()
        given.set_running_or_notify_cancel()
        self.waiting.append(given)
        self.asked.append(request)
        return given

    def give(self) -> None:
        for place, given in enumerate(self.waiting):
            asked = self.asked[place]
            given.set_result(replace(self.decision, request_id=asked.request_id))


class BrokenAnnouncer:
    """Breaks its port."""

    def announce(self, decision: Decision, facts: RequestFacts) -> None:
        raise ValueError(facts.request_id)


def test_what_fails_after_the_decision_ends_its_connection() -> None:
    """No client waits for ever because of an error in the guard; the next one is served."""
    decider = LateDecider(action="block")

    async def scenario() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with running(decider=decider, service={"announcers": (BrokenAnnouncer(),)}) as proxy:
            task = asyncio.create_task(proxy.exchange(request()))
            await until(lambda: decider.waiting)
            decider.give()
            assert await task == b""
            assert proxy.service.in_flight == 0
            proxy.service.announcers = ()
            decider.waiting, decider.asked = [], []
            task = asyncio.create_task(proxy.exchange(request()))
            await until(lambda: decider.waiting)
            decider.give()
            assert status_of(await task) == 403

    asyncio.run(scenario())


def test_nothing_goes_on_before_the_decision_is_on_record() -> None:
    """Others are served meanwhile, a client that leaves is let go, and then each has its answer."""
    decider = LateDecider()

    async def scenario() -> None:
        async with running(decider=decider) as proxy:
            tasks = [asyncio.create_task(proxy.exchange(request())) for _ in range(3)]
            leaving, writer = await proxy.connect()
            writer.write(request())
            await until(lambda: len(decider.waiting) == 4)
            assert proxy.server.asked == []
            assert proxy.service.in_flight == 4
            writer.transport.abort()
            await until(lambda: proxy.metrics.value("cancelled_total") == 1)
            assert status_of(await proxy.exchange(request(key="wrong"))) == 401
            await asyncio.get_running_loop().run_in_executor(None, decider.give)
            answers = [await task for task in tasks]
            assert [status_of(answer) for answer in answers] == [200] * 3
            assert len(proxy.server.asked) == 3
            assert proxy.service.in_flight == 0
            del leaving

    asyncio.run(scenario())
