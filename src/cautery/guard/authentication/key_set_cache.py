"""Holds an issuer's public keys: fetched in the background, kept for a while when that fails.

A request never waits for the issuer. It is answered with the keys at hand; if its key is not among
them, the cache is told to look, and the request is refused.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cautery.errors import ConfigurationError
from cautery.guard.authentication.access_token import TokenRefusedError
from cautery.guard.authentication.key_set import read_key_set

if TYPE_CHECKING:
    from joserfc.jwk import Key

_STOP_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.25
"""How often ``follow`` looks whether it is told to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySetTimes:
    """How often keys are fetched, and how long old ones serve.

    Raises:
        ConfigurationError: A time is not positive.
    """

    refresh_seconds: float = 300.0
    """Between two fetches: a key that the issuer withdrew is refused after that, at the latest."""
    grace_seconds: float = 3_600.0
    """How much longer the last keys serve if the issuer cannot be reached; then all are refused."""
    unknown_seconds: float = 30.0
    """Least time between two fetches for names that are not known: who makes names up must not make
    this guard knock at the issuer's door with every request."""
    retry_seconds: float = 5.0
    """After a fetch that failed."""

    def __post_init__(self) -> None:
        times = (self.refresh_seconds, self.unknown_seconds, self.retry_seconds)
        if min(times) <= 0 or self.grace_seconds < 0:
            raise ConfigurationError("times of a key set are positive", where="key set")


class KeySetCache:
    """The keys of one issuer.

    Args:
        where: The issuer's address of keys, for messages.
        fetch: Fetches the set; raises an error of the tree if it cannot.
        times: How often, how long.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        where: str,
        fetch: Callable[[], bytes],
        times: KeySetTimes | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._where, self._fetch, self._clock = where, fetch, clock
        self._times = times or KeySetTimes()
        self._keys: Mapping[str, Key] = {}
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._wake = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None
        self.failures = 0
        """Fetches that failed since the last one that did not."""

    def find(self, key_name: str) -> Key:
        """Give the key of a name.

        Args:
            key_name: The ``kid`` of a token: only ever looked up, never part of an address.

        Returns:
            The key.

        Raises:
            TokenRefusedError: There is none, or the set is older than the grace.
        """
        now = self._clock()
        if not self._serves(now):
            raise TokenRefusedError("unavailable", "no keys of the issuer")
        key = self._keys.get(key_name)
        if key is not None:
            return key
        if self._may_ask(now):
            self._asked_at = now
            self._wake.set()
            # The issuer may have begun to use a new key: the client may come again.
            raise TokenRefusedError("unavailable", "kid not known yet")
        raise TokenRefusedError("unknown", "kid")

    def refresh(self) -> bool:
        """Fetch the set once.

        Returns:
            Whether it was fetched; if not, the last one serves on for its grace.
        """
        try:
            keys = read_key_set(self._fetch(), self._where)
        except Exception:  # noqa: BLE001 - the thread must go on whatever an issuer answers
            self.failures += 1
            return False
        self._keys, self._fetched_at, self.failures = keys, self._clock(), 0
        return True

    def start(self) -> None:
        """Fetch in a thread of its own until ``close``."""
        self._thread = threading.Thread(target=self._run, name="key-set", daemon=True)
        self._thread.start()

    @property
    def serves(self) -> bool:
        """Whether there are keys of the issuer, fetched lately enough."""
        return self._serves(self._clock())

    def follow(self, stop: threading.Event) -> None:
        """Fetch until told to stop; for a thread that somebody else has started.

        Args:
            stop: Ends it.
        """
        while not stop.is_set():
            fetched = self.refresh()
            left = self._times.refresh_seconds if fetched else self._times.retry_seconds
            while left > 0 and not stop.is_set() and not self._wake.wait(min(left, _LOOK_SECONDS)):
                left -= _LOOK_SECONDS
            self._wake.clear()

    def close(self) -> None:
        """Stop fetching."""
        self._stopped = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopped:
            fetched = self.refresh()
            self._wake.wait(self._times.refresh_seconds if fetched else self._times.retry_seconds)
            self._wake.clear()

    def _serves(self, now: float) -> bool:
        if self._fetched_at is None:
            return False
        return now - self._fetched_at <= self._times.refresh_seconds + self._times.grace_seconds

    def _may_ask(self, now: float) -> bool:
        least = self._times.unknown_seconds
        return all(
            then is None or now - then >= least for then in (self._asked_at, self._fetched_at)
        )
