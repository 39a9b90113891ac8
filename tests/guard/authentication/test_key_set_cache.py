"""Keys at hand: grace while the issuer is away, and patience with unknown names."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.guard.authentication.issuers import (
    AUDIENCE,
    ISSUER,
    NOW,
    key_of,
    public_of,
    token_of,
)
from tests.guard.authentication.key_servers import KeyServer, serving

from cautery.errors import ConfigurationError
from cautery.guard.authentication.access_token import AccessTokens, TokenRefusedError
from cautery.guard.authentication.key_set_cache import KeySetCache, KeySetTimes
from cautery.guard.authentication.key_set_fetching import fetch_key_set
from cautery.guard.authentication.token_issuer import TokenIssuer

TIMES = KeySetTimes(refresh_seconds=300, grace_seconds=3600, unknown_seconds=30, retry_seconds=5)


@dataclass
class Clock:
    """A clock that a test moves."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Issuer:
    """An issuer that is asked by a call."""

    names: tuple[str, ...] = ("k-1",)
    away: bool = False
    asked: int = 0

    def __call__(self) -> bytes:
        self.asked += 1
        if self.away:
            raise ConfigurationError("the issuer is away")
        keys = [{**public_of(key_of("ES256", name)), "kid": name} for name in self.names]
        return json.dumps({"keys": keys}).encode()


def cache_of(issuer: Issuer, clock: Clock) -> KeySetCache:
    """Make a cache without its thread."""
    return KeySetCache("https://login.example.com/keys", issuer, TIMES, clock)


def fault_of(cache: KeySetCache, name: str = "k-1") -> str:
    """Give what a name is refused as; empty if its key is there."""
    try:
        cache.find(name)
    except TokenRefusedError as error:
        return error.fault
    return ""


def test_before_the_first_fetch_nobody_is_known() -> None:
    """A guard that has no keys yet is unavailable, and lets nobody in."""
    assert fault_of(cache_of(Issuer(), Clock())) == "unavailable"


def test_grace_then_refusal() -> None:
    """The last keys serve for the refresh and the grace, and not a second longer."""
    clock, issuer = Clock(), Issuer()
    cache = cache_of(issuer, clock)
    assert cache.refresh()
    issuer.away = True
    clock.seconds += 3900
    assert not cache.refresh()
    assert cache.failures == 1
    assert fault_of(cache) == ""
    clock.seconds += 1
    assert fault_of(cache) == "unavailable"
    issuer.away = False
    assert cache.refresh()
    assert fault_of(cache) == ""


def test_withdrawn_keys_go_with_the_next_fetch() -> None:
    """What the issuer does not show any more signs nothing."""
    clock, issuer = Clock(), Issuer(names=("k-1", "k-2"))
    cache = cache_of(issuer, clock)
    cache.refresh()
    issuer.names = ("k-2",)
    cache.refresh()
    assert fault_of(cache) in {"unknown", "unavailable"}
    assert fault_of(cache, "k-2") == ""


def test_a_broken_answer_keeps_the_last_keys() -> None:
    """An answer that is no set, or that nobody foresaw, counts as no answer."""
    clock = Clock()
    good = Issuer()
    answers: Iterator[Any] = iter([good(), b"<html>", None, good()])
    cache = KeySetCache("x", lambda: next(answers), TIMES, clock)
    assert [cache.refresh() for _ in range(4)] == [True, False, False, True]
    assert fault_of(cache) == ""


def test_unknown_names_are_asked_for_seldom() -> None:
    """Names that somebody makes up cost the issuer one question in half a minute."""
    clock = Clock()
    cache = cache_of(Issuer(), clock)
    cache.refresh()
    assert fault_of(cache, "made-up") == "unknown"
    clock.seconds += 30
    faults = [fault_of(cache, f"made-up-{number}") for number in range(1000)]
    assert faults == ["unavailable"] + ["unknown"] * 999


def test_times_that_make_no_sense() -> None:
    """Each time is positive; the grace may be none."""
    KeySetTimes(grace_seconds=0)
    for name in ("refresh_seconds", "unknown_seconds", "retry_seconds"):
        with pytest.raises(ConfigurationError):
            KeySetTimes(**{name: 0})


def test_the_thread_fetches_and_learns_new_names() -> None:
    """In the background: the first keys without being asked, a new one when a token names it."""
    clock, issuer = Clock(), Issuer()
    fetched = threading.Semaphore(0)

    def fetch() -> bytes:
        content = issuer()
        fetched.release()
        return content

    cache = KeySetCache("x", fetch, TIMES, clock)
    cache.start()
    try:
        assert fetched.acquire(timeout=30)
        issuer.names = ("k-1", "k-2")
        clock.seconds += 60
        while fault_of(cache, "k-1"):  # the first fetch is done, its keys are about to be there
            threading.Event().wait(0.005)
        clock.seconds += 60
        assert fault_of(cache, "k-2") == "unavailable"
        assert fetched.acquire(timeout=30)
        while fault_of(cache, "k-2"):
            threading.Event().wait(0.005)
    finally:
        cache.close()
    assert issuer.asked == 2


def test_a_real_server_goes_down() -> None:
    """Over HTTP: tokens are good while the server is up, in its grace, and no longer."""
    clock = Clock()
    server = KeyServer()
    server.keys = [{**public_of(key_of("ES256")), "kid": "k-1"}]
    with serving(server):
        cache = KeySetCache(
            server.url, lambda: fetch_key_set(server.url, seconds=5.0), TIMES, clock
        )
        issuer = TokenIssuer(issuer=ISSUER, audience=AUDIENCE, keys_url=server.url)
        tokens = AccessTokens([(issuer, cache)])
        assert cache.refresh()
        assert tokens.verify(token_of(), NOW).identity.account_id == "account-1"
    clock.seconds += 3600
    assert not cache.refresh()
    tokens.verify(token_of(), NOW)
    clock.seconds += 301
    with pytest.raises(TokenRefusedError) as refused:
        tokens.verify(token_of(), NOW)
    assert refused.value.fault == "unavailable"


def test_somebody_elses_thread_follows() -> None:
    """It fetches at once, again when a name is not known, and ends when it is told to."""
    issuer, clock, stop = Issuer(), Clock(), threading.Event()
    cache = cache_of(issuer, clock)
    thread = threading.Thread(target=cache.follow, args=(stop,))
    thread.start()
    while fault_of(cache):
        threading.Event().wait(0.005)
    assert cache.serves
    issuer.names = ("k-1", "k-2")
    clock.seconds += 31
    assert fault_of(cache, "k-2") == "unavailable"
    while fault_of(cache, "k-2"):
        threading.Event().wait(0.005)
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
    assert issuer.asked == 2
    clock.seconds += 4_000
    assert fault_of(cache) == "unavailable"
