"""Guards of several machines share what was taken from limits, over Redis or Valkey, afterwards.

Decisions never wait for the network: each guard decides by its own buckets. A thread pushes what
was taken every few hundred milliseconds, in one pipelined batch, and gets back what all guards
together owe for the same buckets; the larger debt counts. Debts are exchanged as seconds that are
left, so that the clocks of machines need not agree.

**How far guards may overshoot.** With ``G`` guards, a burst ``b``, a rate ``r`` and ``D`` seconds
from one exchange to the next, a scope gets at most ``r T + G (b + r D)`` in any time ``T``: one
guard alone would give ``r T + b``. Nothing is forgiven: what was given too much is owed, and each
guard waits for it from the exchange after it next gives something. (Why: a guard gives only while
it knows of less than ``b``, so at most ``b + r D`` before it learns of all; what the others gave
since its last exchange is by induction at most what as many guards without it may owe.)

A batch that is cut off may be counted twice: stricter, and it passes. If the server is gone,
guards go on by themselves, say so (the fault ``sharing-stopped``), keep what was taken, and try
again after growing pauses.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from cautery.errors import ConfigurationError, MissingExtraError
from cautery.guard.state_limits import MOST_TAKEN, Limits
from cautery.guard.state_rates import Rate

if TYPE_CHECKING:
    from cautery.records.key import Secret

KEYS_A_CALL: Final = 500
"""Buckets in one call of the script; a batch holds as many calls as it takes."""

_SCRIPT: Final = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local debts = {}
for i, key in ipairs(KEYS) do
  local before = tonumber(redis.call('GET', key) or '0') or 0
  local after = math.max(math.max(before, now) + tonumber(ARGV[i]), now)
  local left = after - now
  if left > 0 then
    redis.call('SET', key, string.format('%.6f', after), 'PX', math.ceil(left * 1000) + 1000)
  else
    redis.call('DEL', key)
  end
  debts[i] = string.format('%.6f', left)
end
return debts
"""
"""GCRA for a list of buckets: adds seconds to each debt and gives what is left of it."""

_LEAST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 30.0
_MOST_DEBT_SECONDS: Final = 366.0 * 86_400.0


class SharedStore(Protocol):
    """What guards share debts in."""

    def exchange(self, batch: list[tuple[list[str], list[float]]]) -> list[list[float]]:
        """Add seconds to debts, and give what is left of each.

        Args:
            batch: Buckets and the seconds that were taken from each.

        Returns:
            Seconds that each bucket owes now, shaped like the batch.

        Raises:
            ConnectionError: The store cannot be reached, or answers nonsense.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingSettings:
    """Where and how often guards share."""

    url: str
    """``redis://``, ``rediss://`` or ``unix://`` address of the server, without a password."""
    password: Secret | None = None
    """Password of the server."""
    prefix: str = "cautery:limit:"
    """Begins every key in the server."""
    name_secret: Secret | None = None
    """Makes the names of buckets secret from whoever reads the server; one for all guards."""
    interval_seconds: float = 0.25
    """Time from one exchange to the next, 0.1 to 0.5."""
    timeout_seconds: float = 1.0
    """How long the server may take."""
    lost_after_seconds: float = 2.0
    """From when on a lack of exchanges is a fault."""

    def __post_init__(self) -> None:
        if not 0.05 <= self.interval_seconds <= 5 or not self.timeout_seconds > 0:
            raise ConfigurationError("guards share every 0.05 to 5 seconds, with a timeout")
        if "@" in self.url:
            raise ConfigurationError(
                "a password does not belong into the address", hint="Give it on its own."
            )


class RedisStore:
    """A Redis or Valkey server (extra ``redis``).

    Args:
        settings: Where it is.

    Raises:
        MissingExtraError: The client is not installed.
        ConfigurationError: The address is no address.
    """

    def __init__(self, settings: SharingSettings) -> None:
        try:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError as error:
            raise MissingExtraError(
                "sharing limits between guards needs the Redis client",
                hint="Install it: pip install 'cautery[redis]'.",
            ) from error
        self._failures: tuple[type[Exception], ...] = (redis.RedisError, OSError, ValueError)
        self._no_script = redis.exceptions.NoScriptError
        try:
            self._client: Any = redis.Redis.from_url(
                settings.url,
                password=settings.password.reveal().decode() if settings.password else None,
                socket_timeout=settings.timeout_seconds,
                socket_connect_timeout=settings.timeout_seconds,
                retry=Retry(NoBackoff(), 0),
                decode_responses=True,
            )
        except ValueError as error:
            raise ConfigurationError(
                "the address of the shared store is none that Redis has",
                hint="Write redis://HOST:PORT/0, rediss:// or unix:///PATH.",
            ) from error
        self._prefix = settings.prefix
        secret = settings.name_secret
        self._name_key = hashlib.sha256(secret.reveal()).digest() if secret else b""
        self._digest = ""

    def exchange(self, batch: list[tuple[list[str], list[float]]]) -> list[list[float]]:
        """Add seconds to debts, and give what is left of each; see ``SharedStore``."""
        try:
            try:
                answers = self._run(batch)
            except self._no_script:
                # The server was started anew. The first call of a pipeline failed like the rest,
                # so nothing was added twice.
                self._digest = ""
                answers = self._run(batch)
            return [[float(debt) for debt in debts] for debts in answers]
        except self._failures as error:
            raise ConnectionError(f"the shared store failed: {type(error).__name__}") from error

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _run(self, batch: list[tuple[list[str], list[float]]]) -> list[list[str]]:
        if not self._digest:
            self._digest = self._client.script_load(_SCRIPT)
        pipeline = self._client.pipeline(transaction=False)
        for keys, seconds in batch:
            named = [f"{self._prefix}{self._name(key)}" for key in keys]
            pipeline.evalsha(self._digest, len(named), *named, *(f"{s:.9f}" for s in seconds))
        answers: list[list[str]] = pipeline.execute()
        return answers

    def _name(self, key: str) -> str:
        content = key.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(content, digest_size=16, key=self._name_key).hexdigest()


class Sharing:
    """Exchanges debts between this guard's limits and a store.

    Args:
        limits: Made with ``sharing=True``.
        store: Where debts are shared.
        settings: How often.
        monotonic: The clock of the limits.
        jitter: Gives numbers from 0 to 1, so that guards do not come back all at once.
    """

    def __init__(
        self,
        limits: Limits,
        store: SharedStore,
        settings: SharingSettings,
        monotonic: Callable[[], float],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._limits = limits
        self._store = store
        self._settings = settings
        self._monotonic = monotonic
        self._jitter = jitter
        self._last_success = monotonic()
        self._failures_in_row = 0
        self.failures = 0
        """Exchanges that failed."""
        self.exchanges = 0
        """Exchanges that went well."""

    @property
    def lost(self) -> bool:
        """Whether there was no exchange for longer than is allowed."""
        waited = self._monotonic() - self._last_success
        return waited > self._settings.lost_after_seconds

    def exchange(self) -> bool:
        """Push what was taken, and take over what all guards owe.

        Returns:
            Whether the store could be reached. What it did not take is tried again.
        """
        drained = list(self._limits.drain())
        batch: list[tuple[list[str], list[float]]] = []
        places: list[tuple[Rate, list[str]]] = []
        for rate, ids, seconds in _calls(drained):
            batch.append(([f"{rate.limit.name}:{one}" for one in ids], seconds))
            places.append((rate, ids))
        try:
            answers = self._store.exchange(batch) if batch else self._store.exchange([([], [])])
        except ConnectionError:
            for rate, taken in drained:
                self._limits.give_back(rate, taken)
            self.failures += 1
            self._failures_in_row += 1
            return False
        now = self._monotonic()
        for (rate, ids), debts in zip(places, answers, strict=False):
            sound = [min(max(debt, 0.0), _MOST_DEBT_SECONDS) for debt in debts]
            self._limits.raise_debt(rate, dict(zip(ids, sound, strict=False)), now)
        self._last_success, self._failures_in_row = now, 0
        self.exchanges += 1
        return True

    def pause_seconds(self) -> float:
        """Say how long to wait before the next exchange.

        Returns:
            The interval; after failures a pause that doubles, up to half a minute, with jitter.
        """
        if not self._failures_in_row:
            return self._settings.interval_seconds
        pause = _LEAST_PAUSE_SECONDS * 2.0 ** min(self._failures_in_row, 16)
        return min(pause, _LONGEST_PAUSE_SECONDS) * (0.5 + self._jitter() / 2)

    def run(self, stop: threading.Event) -> None:
        """Exchange until told to stop; for a thread of its own.

        Args:
            stop: Ends it, after one last exchange.
        """
        while not stop.wait(self.pause_seconds()):
            self.exchange()
        self.exchange()


def _calls(
    drained: list[tuple[Rate, dict[str, float]]],
) -> Iterator[tuple[Rate, list[str], list[float]]]:
    for rate, taken in drained:
        ids = list(taken)[:MOST_TAKEN]
        for begin in range(0, len(ids), KEYS_A_CALL):
            some = ids[begin : begin + KEYS_A_CALL]
            yield rate, some, [taken[one] for one in some]
