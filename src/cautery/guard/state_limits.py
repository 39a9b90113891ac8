"""Limits at work: look first, take when the request passes, settle when its usage is known."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from cautery.guard.rules import Limit
from cautery.guard.state_rates import Overrun, Rate, ScopeRates, by_scope, overrun

MOST_PENDING: Final = 65_536
"""Answers on their way at one time whose usage can still be settled: some 30 MB."""
PENDING_SECONDS: Final = 3_600.0
"""How long an answer may take; then its estimate stands."""
MOST_TAKEN: Final = 262_144
"""Buckets of a limit whose use is remembered until it is shared."""
_MINUTE_SECONDS: Final = 60.0
_ROUNDING_SECONDS: Final = 1e-6
"""Clocks count in doubles: less than this is no overrun."""

_Pending = tuple[float, float, tuple[str, str, str, str], int]
"""When it was taken, the tokens, whose, and the limits on tokens that were charged, one bit each.

Plain values only: the garbage collector need not look at them, however many wait."""


class Limits:
    """Every limit; safe to use from several threads.

    Args:
        limits: The limits; those that are *off* are left out.
        seed: 64 random bits, so that nobody can choose identifiers that meet in one set.
        most_pending: Answers on their way that are remembered.
        sharing: Whether somebody fetches what was taken, to share it.
        settling: Whether usage will be told; if not, estimates stand and nothing is remembered.
        before: Limits that these take the place of, made with the same seed: debts go on where the
            limits of a scope have the same sizes. Both share a lock, so that answers that began
            under the old ones can be settled there while these are at work.

    Example:
        >>> limit = Limit(name="a", scope="account", unit="requests", amount=60,
        ...               window_seconds=60, burst=2, capacity=16)
        >>> limits = Limits([limit], seed=7)
        >>> ids = ("", "acct-1", "", "")
        >>> [len(limits.take(f"r{n}", ids, 0, 1000.0)) for n in range(3)]
        [0, 0, 1]
    """

    def __init__(
        self,
        limits: Iterable[Limit],
        seed: int,
        *,
        most_pending: int = MOST_PENDING,
        sharing: bool = False,
        settling: bool = True,
        before: Limits | None = None,
    ) -> None:
        at_work = [limit for limit in limits if limit.mode != "off"]
        self.scopes: tuple[ScopeRates, ...] = by_scope(
            at_work, before.scopes if before is not None else ()
        )
        """Scopes with their buckets and limits."""
        self._looked_at = tuple(
            (number, buckets.place, buckets.until, rates) for number, buckets, rates in self.scopes
        )
        self._rates = tuple(one[0] for _, _, rates in self.scopes for one in rates)
        self._token_bits = sum(rate.bit for rate in self._rates if rate.by_tokens)
        self._seed = seed
        # Not a plain dict: finding its oldest entry takes ever longer while it is emptied in front.
        self._pending: OrderedDict[str, _Pending] = OrderedDict()
        self._most_pending = most_pending
        self._sharing = sharing
        self._settling = settling and any(rate.by_tokens for rate in self._rates)
        self._look_again = 0.0
        self.lock: threading.Lock = before.lock if before is not None else threading.Lock()
        """Held while buckets are looked at."""

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The limits at work, in order."""
        return self._rates

    def take(
        self,
        request_id: str,
        ids: tuple[str, str, str, str],
        tokens: float,
        now: float,
        *,
        wanted: bool = True,
        obeyed: bool = True,
    ) -> list[Overrun]:
        """Look at every limit, and take from those that are kept if the request passes.

        A limit that would be exceeded is not charged: in shadow it must not grow a debt that
        nobody was asked to wait for.

        Args:
            request_id: For settling.
            ids: Whose request, in the order of ``SCOPES``; empty ones are not limited.
            tokens: Estimate of its tokens.
            now: By the monotonic clock, in seconds.
            wanted: Whether the request passes as far as everything else goes.
            obeyed: Whether a limit that is enforced stops it.

        Returns:
            The limits that it would exceed.
        """
        seed = self._seed
        overruns: list[Overrun] = []
        charged = 0
        with self.lock:
            for scope, place, until, rates in self._looked_at:
                if not (scope_id := ids[scope]):
                    continue
                at = place(hash((seed, scope_id)), now)
                for rate, bit, by_tokens, cost, burst in rates:
                    since = until[at]
                    seconds = cost * tokens if by_tokens else cost
                    # What is larger than a burst passes when the bucket is full, and stays owed.
                    least = seconds if seconds < burst else burst  # noqa: FURB136 - the hot path
                    if since <= now:
                        since = now
                    elif (excess := since - now + least - burst) > _ROUNDING_SECONDS:
                        overruns.append(overrun(rate.limit, excess))
                        wanted = wanted and not (obeyed and rate.limit.mode == "enforce")
                        at += 1
                        continue
                    if wanted:
                        # Most requests pass: it is taken at once, and rarely given back.
                        until[at] = since + seconds
                        charged |= bit
                    at += 1
            if not wanted:
                self._give_up(ids, tokens, now, charged)
            elif charged:
                if self._sharing:
                    self._note(ids, tokens, charged)
                if self._settling and (waiting := charged & self._token_bits):
                    self._await(request_id, (now, tokens, ids, waiting))
        return overruns

    def full(self) -> bool:
        """Say whether so many answers are on their way that the next one crowds one out.

        Returns:
            Whether the usage of some answer will not be settled; its estimate stands.
        """
        return len(self._pending) >= self._most_pending

    def settle(self, request_id: str, tokens: float, now: float) -> bool:
        """Replace the estimate of a request's tokens by what they were.

        Args:
            request_id: The request.
            tokens: What it cost in the end.
            now: By the monotonic clock, in seconds.

        Returns:
            Whether the request was remembered.
        """
        with self.lock:
            found = self._pending.pop(request_id, None)
            if found is None:
                return False
            _, estimate, ids, charged = found
            for rate in self._rates:
                if charged & rate.bit:
                    seconds = (tokens - estimate) * rate.seconds_per_unit
                    self._add(rate, ids[rate.scope], seconds, now)
        return True

    def raise_debt(self, rate: Rate, debts: Mapping[str, float], now: float) -> None:
        """Take over what guards together owe, where it is more than this one knows.

        Args:
            rate: One of ``rates``.
            debts: Seconds of debt by whose bucket, as it was shared.
            now: By the monotonic clock, in seconds.
        """
        for scope_id, debt_seconds in debts.items():
            with self.lock:
                hash_of = hash((self._seed, scope_id))
                place = rate.buckets.place(hash_of, now)
                # What was taken here in the meantime is in no shared number yet.
                until = now + debt_seconds + rate.taken.get(scope_id, 0.0)
                at = place + rate.column
                rate.buckets.until[at] = max(rate.buckets.until[at], until)

    def drain(self) -> Iterator[tuple[Rate, dict[str, float]]]:
        """Hand over what was taken since the last time.

        Yields:
            Each shared limit at work, and the seconds taken by whose bucket.
        """
        for rate in self._rates:
            if rate.limit.shared:
                with self.lock:
                    taken, rate.taken = rate.taken, {}
                yield rate, taken

    def give_back(self, rate: Rate, taken: Mapping[str, float]) -> None:
        """Take back what could not be shared, to try again.

        Args:
            rate: The limit at work.
            taken: What ``drain`` gave.
        """
        with self.lock:
            for scope_id, seconds in taken.items():
                self._remember(rate, scope_id, seconds)

    @property
    def memory_bytes(self) -> int:
        """What all buckets take."""
        return sum(buckets.memory_bytes for _, buckets, _ in self.scopes)

    def _give_up(
        self, ids: tuple[str, str, str, str], tokens: float, now: float, charged: int
    ) -> None:
        """Give back what was taken before a later limit stopped the request."""
        for rate in self._rates if charged else ():
            if charged & rate.bit:
                hash_of = hash((self._seed, ids[rate.scope]))
                place = rate.buckets.place(hash_of, now) + rate.column
                units = tokens if rate.by_tokens else 1.0
                rate.buckets.until[place] -= units * rate.seconds_per_unit

    def _await(self, request_id: str, pending: _Pending) -> None:
        """Remember an answer on its way, until its usage is known."""
        now = pending[0]
        if now >= self._look_again or len(self._pending) >= self._most_pending:
            # Whether the oldest has expired is looked at once a minute.
            if now >= self._look_again:
                self._look_again = now + _MINUTE_SECONDS
            self._make_room(now)
        self._pending[request_id] = pending

    def _note(self, ids: tuple[str, str, str, str], tokens: float, charged: int) -> None:
        for rate in self._rates:
            if charged & rate.bit and rate.limit.shared:
                units = tokens if rate.by_tokens else 1.0
                self._remember(rate, ids[rate.scope], units * rate.seconds_per_unit)

    def _make_room(self, now: float) -> None:
        """Forget the oldest: their estimates stand, so nothing is given away by crowding."""
        pending = self._pending
        while pending:
            oldest = next(iter(pending))
            expired = now - pending[oldest][0] > PENDING_SECONDS
            if not expired and len(pending) < self._most_pending:
                return
            del pending[oldest]

    def _add(self, rate: Rate, scope_id: str, seconds: float, now: float) -> None:
        place = rate.buckets.place(hash((self._seed, scope_id)), now) + rate.column
        until = rate.buckets.until
        until[place] = max(max(until[place], now) + seconds, now)
        if self._sharing and rate.limit.shared:
            self._remember(rate, scope_id, seconds)

    def _remember(self, rate: Rate, scope_id: str, seconds: float) -> None:
        taken = rate.taken
        if scope_id in taken or len(taken) < MOST_TAKEN:
            taken[scope_id] = taken.get(scope_id, 0.0) + seconds
