from __future__ import annotations

import random
import sys
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from tests.guard.guard_cases import FakeClocks, make_guard, request

from cautery.errors import ConfigurationError, MissingExtraError
from cautery.guard.memory import GuardMemory
from cautery.guard.rules import GuardSettings, Limit
from cautery.guard.sharing import KEYS_A_CALL, RedisStore, Sharing, SharingSettings
from cautery.guard.state_limits import Limits
from cautery.records.key import Secret

LIMIT = Limit(
    name="requests",
    scope="account",
    unit="requests",
    amount=0.001,
    window_seconds=1,
    burst=10,
    mode="enforce",
    shared=True,
    capacity=1 << 12,
)
"""So slow that nothing comes back while a test runs."""


class FakeStore:
    """Answers from memory, as the server would; its clock moves when told."""

    def __init__(self) -> None:
        self.debts: dict[str, float] = {}
        self.batches: list[int] = []
        self.gone = False

    def pass_by(self, seconds: float) -> None:
        self.debts = {key: max(debt - seconds, 0.0) for key, debt in self.debts.items()}

    def exchange(self, batch: list[tuple[list[str], list[float]]]) -> list[list[float]]:
        if self.gone:
            raise ConnectionError("gone")
        self.batches.append(sum(len(keys) for keys, _ in batch))
        answers = []
        for keys, seconds in batch:
            for key, more in zip(keys, seconds, strict=True):
                self.debts[key] = max(self.debts.get(key, 0.0) + more, 0.0)
            answers.append([self.debts[key] for key in keys])
        return answers


class Node:
    """One guard's limits and its end of the sharing."""

    def __init__(self, store: Any, url: str = "redis://store", limit: Limit = LIMIT) -> None:
        self.clocks = FakeClocks()
        self.limits = Limits([limit], seed=1, sharing=True)
        self.settings = SharingSettings(url=url, timeout_seconds=0.3)
        self.sharing = Sharing(
            self.limits, store, self.settings, self.clocks.monotonic, jitter=lambda: 1.0
        )
        self._asked = 0

    def passes(self, account: str = "acct-1") -> bool:
        self._asked += 1
        ids = ("", account, "", "")
        now = self.clocks.monotonic_seconds
        return not self.limits.take(f"r{self._asked}", ids, 0, now)

    def passed(self, attempts: int) -> int:
        return sum(self.passes() for _ in range(attempts))


def real(server: Any, limit: Limit = LIMIT) -> Node:
    """Connect a node to a real server."""
    store = RedisStore(SharingSettings(url=server.url, timeout_seconds=0.3))
    server.opened.append(store)
    return Node(store, server.url, limit)


def test_guards_learn_what_others_gave(redis_server: Any) -> None:
    """One guard spends a burst; after an exchange the other gives no second one."""
    first, second = real(redis_server), real(redis_server)
    assert first.passed(20) == 10
    assert first.sharing.exchange()
    assert second.passes()
    assert second.sharing.exchange()
    assert second.passed(20) == 0
    assert second.passes("acct-2")


def test_the_overshoot_keeps_its_bound(redis_server: Any) -> None:
    """Three guards between two exchanges: three bursts at most, and nothing after that."""
    nodes = [real(redis_server) for _ in range(3)]
    total = sum(node.passed(50) for node in nodes)
    assert total == 3 * LIMIT.burst
    for _ in range(2):
        for node in nodes:
            assert node.sharing.exchange()
    assert sum(node.passed(50) for node in nodes) == 0


def test_what_was_given_too_much_is_owed(redis_server: Any) -> None:
    """After an overshoot of two bursts, who tells the others waits until both have come back."""
    slow = replace(LIMIT, amount=0.1, burst=10)
    nodes = [real(redis_server, slow) for _ in range(3)]
    for node in nodes:
        node.passed(50)
    for node in nodes:
        node.sharing.exchange()
    last = nodes[-1]
    last.clocks.pass_by(195.0)
    assert last.passed(50) == 0
    last.clocks.pass_by(16.0)
    assert last.passed(50) == 1


@pytest.mark.parametrize("seed", range(6))
def test_random_traffic_keeps_the_bound(seed: int) -> None:
    """Guards idle, flood and take turns: never more than r T + G (b + r D) in any time from 0."""
    draw = random.Random(seed)
    rate, burst, interval, guards = 5.0, 20, 0.5, 4
    store = FakeStore()
    nodes = [Node(store, limit=replace(LIMIT, amount=rate, burst=burst)) for _ in range(guards)]
    total = 0
    for step in range(400):
        for node in nodes:
            if draw.random() < 0.4:
                total += node.passed(draw.choice([1, 3, 100]))
        store.pass_by(interval)
        for node in nodes:
            node.clocks.pass_by(interval)
            node.sharing.exchange()
        bound = rate * interval * (step + 1) + guards * (burst + rate * interval)
        assert total <= bound
    assert total > 0.5 * rate * interval * 400


def test_a_refund_is_shared_too(redis_server: Any) -> None:
    """An estimate that was too large comes back to every guard."""
    tokens = replace(LIMIT, unit="tokens", burst=100)
    first, second = real(redis_server, tokens), real(redis_server, tokens)
    ids = ("", "acct-1", "", "")
    first.limits.take("big", ids, 100, first.clocks.monotonic_seconds)
    first.sharing.exchange()
    first.limits.settle("big", 10, first.clocks.monotonic_seconds)
    first.sharing.exchange()
    second.limits.take("one", ids, 1, second.clocks.monotonic_seconds)
    second.sharing.exchange()
    assert not second.limits.take("rest", ids, 80, second.clocks.monotonic_seconds)


def test_guards_go_on_while_the_server_is_gone(redis_server: Any) -> None:
    """Stopped: local limits hold, the fault is counted, and all is told when it is back."""
    node = real(redis_server)
    settings = GuardSettings(mode="enforce", limits=(LIMIT,))
    memory = GuardMemory(seed=1, limits=node.limits)
    guard = make_guard(settings, node.clocks, memory=memory, sharing=node.sharing)
    node.sharing.exchange()
    redis_server.stop()
    assert guard.decide(request(request_id="a")).faults == ()
    node.clocks.pass_by(3.0)
    assert not node.sharing.exchange()
    decision = guard.decide(request(request_id="b"))
    assert (decision.enforced_action, decision.faults) == ("allow", ("sharing-stopped",))
    assert guard.counters.faults("sharing-stopped") == 1
    assert node.passed(20) == 8
    redis_server.start()
    assert node.sharing.exchange()
    assert guard.decide(request("acct-2", request_id="c")).faults == ()
    other = real(redis_server)
    other.passes()
    other.sharing.exchange()
    assert other.passed(20) == 0


def test_a_server_that_hangs_costs_its_timeout_and_no_decision(redis_server: Any) -> None:
    """Frozen: the exchange fails after its timeout, while decisions go on beside it."""
    node = real(redis_server)
    assert node.sharing.exchange()
    redis_server.freeze()
    node.passes()
    results: list[bool] = []
    thread = threading.Thread(target=lambda: results.append(node.sharing.exchange()))
    thread.start()
    assert node.passed(20) == 9
    thread.join(30)
    assert results == [False]


def test_the_thread_shares_by_itself_and_stops(redis_server: Any) -> None:
    """Two guards with their threads come to one burst; the last exchange is on stopping."""
    nodes = [real(redis_server), real(redis_server)]
    stop = threading.Event()
    threads = [threading.Thread(target=node.sharing.run, args=(stop,)) for node in nodes]
    for thread in threads:
        thread.start()
    assert nodes[0].passed(20) == 10
    deadline = time.monotonic() + 20
    while nodes[1].passes() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not nodes[1].passes()
    stop.set()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)


def test_nobody_reads_accounts_in_the_server(redis_server: Any) -> None:
    """Names of buckets are digests, of one length whatever the account; they go by themselves."""
    import redis

    secret = Secret(b"n" * 32)
    for account in ("acct-1", "\ud800" * 1_000):
        store = RedisStore(SharingSettings(url=redis_server.url, name_secret=secret))
        node = Node(store)
        node.passes(account)
        assert node.sharing.exchange()
        store.close()
    with redis.Redis.from_url(redis_server.url) as client:
        keys = list(client.scan_iter())
        assert {len(key) for key in keys} == {len("cautery:limit:") + 32}
        assert all(client.pttl(key) > 0 for key in keys)
        assert len(keys) == 2


def test_a_batch_is_one_exchange() -> None:
    """However many accounts were active, the store is asked once."""
    store = FakeStore()
    node = Node(store)
    for number in range(2 * KEYS_A_CALL + 1):
        node.passes(f"acct-{number}")
    assert node.sharing.exchange()
    assert store.batches == [2 * KEYS_A_CALL + 1]


def test_pauses_grow_after_failures() -> None:
    """Doubling up to half a minute; at once as before when the store is back."""
    store = FakeStore()
    node = Node(store)
    store.gone = True
    pauses = []
    for _ in range(12):
        node.sharing.exchange()
        pauses.append(node.sharing.pause_seconds())
    assert pauses[:3] == [0.2, 0.4, 0.8]
    assert max(pauses) == pauses[-1] == 30.0
    assert node.sharing.failures == 12
    store.gone = False
    node.sharing.exchange()
    assert node.sharing.pause_seconds() == node.settings.interval_seconds


def test_nonsense_from_the_store_is_bounded() -> None:
    """Debts that are no numbers or endless stop nobody for longer than a year, or not at all."""

    class Mad(FakeStore):
        def exchange(self, batch: list[tuple[list[str], list[float]]]) -> list[list[float]]:
            return [[float("nan")] * len(batch[0][0])]

    node = Node(Mad())
    node.passes()
    assert node.sharing.exchange()
    assert node.passes()


@pytest.mark.parametrize("url", ["redis://user:word@host", "ftp://host", ""])
def test_addresses_that_are_none_are_refused(url: str) -> None:
    """Also one with a password in it, which would end up in logs."""
    pytest.importorskip("redis")
    with pytest.raises(ConfigurationError):
        RedisStore(SharingSettings(url=url))


def test_without_the_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(MissingExtraError, match=r"cautery\[redis\]"):
        RedisStore(SharingSettings(url="redis://host"))


def test_an_interval_is_neither_endless_nor_none() -> None:
    """Sharing every hour is no sharing."""
    with pytest.raises(ConfigurationError):
        SharingSettings(url="redis://host", interval_seconds=60)
