"""The engine: strands in, the exchanges of one day out, all as arrays of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from cautery.simulate import content
from cautery.simulate.arrivals import day_factor, start_hours
from cautery.simulate.columns import Columns
from cautery.simulate.seeds import mix, random_keys
from cautery.simulate.strands import PER_CALL, PER_SESSION
from cautery.simulate.world import NEW_MODEL, World

DAY_MICROSECONDS = 86_400_000_000
SLICE_ROWS = 131_072
"""Exchanges that are composed at once: what bounds memory on busy days."""
Ints = npt.NDArray[np.int64]


def runs(lengths: Ints) -> Ints:
    """Return 0, 1, 2 ... inside each run of the given lengths.

    Example:
        >>> runs(np.array([2, 3])).tolist()
        [0, 1, 0, 1, 2]
    """
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.asarray(np.arange(int(lengths.sum())) - starts)


class Traffic:
    """Generates a log day by day, so that memory holds one day."""

    def __init__(self, world: World, first_weekday: int) -> None:
        self.world = world
        self.accounts = world.accounts()
        self.strands = world.strands()
        self._first_weekday = first_weekday
        self._queue_next: dict[int, int] = {}
        self._pending = Columns()

    def days(self) -> Iterator[tuple[int, Columns]]:
        """Yield the number of the day with some of its exchanges, all in order of time."""
        plan = self.world.plan
        for day in range(plan.days):
            rows = self._day(day, self.world.random("traffic", day))
            rows = Columns.joined([self._pending, rows])
            if not rows:
                continue
            limit = (day + 1) * DAY_MICROSECONDS
            last = day == plan.days - 1
            now = rows["time"] < limit
            self._pending = Columns() if last else rows.take(~now)
            rows = rows.take(np.flatnonzero(now))
            rows = rows.take(np.argsort(rows["time"], kind="stable"))
            self._give_queue_items(rows, self.world.random("queue", day))
            for first in range(0, rows.rows, SLICE_ROWS):
                part = rows.take(np.arange(first, min(first + SLICE_ROWS, rows.rows)))
                random = self.world.random("usage", day, first)
                yield day, content.compose(self.world, part, self.strands, random)

    def _sessions(self, day: int, random: np.random.Generator) -> tuple[Ints, Ints, Any]:
        """Draw the day's sessions: strand, number of exchanges, start in microseconds."""
        strands = self.strands
        life = np.minimum(strands["end"], day + 1) - np.maximum(strands["start"], day)
        weekend = (self._first_weekday + day) % 7 >= 5
        active = random.random(strands.rows) < strands["active_share"]
        mean = strands["rate"] * self.world.plan.volume / strands["session"]
        mean = mean * np.clip(life, 0, 1) * active * day_factor(strands, day, weekend)
        mean = mean * random.gamma(3.0, 1 / 3.0, strands.rows)
        session = np.repeat(np.arange(strands.rows), random.poisson(mean))
        lengths = random.geometric(1 / np.maximum(strands["session"][session], 1.0))
        hours = start_hours(random, strands.take(session), day)
        return session, np.minimum(lengths, 400), (day + hours / 24) * DAY_MICROSECONDS

    def _day(self, day: int, random: np.random.Generator) -> Columns:
        """Draw all exchanges that start in a day, without their content."""
        strands = self.strands
        session, lengths, begins = self._sessions(day, random)
        of_session = np.repeat(np.arange(len(session)), lengths)
        strand, turn = session[of_session], runs(lengths)
        gaps = strands["gap_seconds"][strand] * np.exp(0.8 * random.standard_normal(len(strand)))
        gaps[turn == 0] = 0.0
        elapsed = np.cumsum(gaps)
        elapsed -= np.repeat(elapsed[np.cumsum(lengths) - lengths], lengths)
        time = (begins[of_session] + elapsed * 1e6).astype(np.int64)
        conversation = random_keys(random, len(session))[of_session]
        rows = Columns(time=time, strand=strand, turn=turn, conversation=conversation)
        rows["key"] = random_keys(random, len(strand))
        rows["address"] = self._addresses(rows, of_session, random, day)
        spot = mix((strand * 31 + day).astype(np.uint64)).astype(np.float64) / 2.0**64
        rows["client"] = self._clients(strand, spot)
        rows["model"] = self._models(rows, random)
        days = time / DAY_MICROSECONDS
        keep = (days >= strands["start"][strand]) & (days < strands["end"][strand])
        return rows.take(np.flatnonzero(keep))

    def _addresses(
        self, rows: Columns, of_session: Ints, random: np.random.Generator, day: int
    ) -> Ints:
        """Choose each row's address: the day's usual one, the session's, or a new one."""
        strand = rows["strand"]
        size = self.strands["address_size"][strand]
        mode = self.strands["network"][strand]
        usual = mix((strand * 67 + day // 2).astype(np.uint64)).astype(np.float64) / 2.0**64
        session = random.random(int(of_session[-1]) + 1 if len(of_session) else 0)[of_session]
        place = np.where(mode == PER_SESSION, session, usual**3)
        place = np.where(mode == PER_CALL, random.random(len(strand)), place)
        return np.asarray(self.strands["address"][strand] + (place * size).astype(np.int64))

    def _clients(self, strand: Ints, spot: Any) -> Ints:
        """Choose each row's client from the strand's pool, the first one most often."""
        pools = np.array(self.world.clients.pools, np.int64)
        place = (spot**2 * self.strands["client_size"][strand]).astype(np.int64)
        return np.asarray(pools[self.strands["client"][strand] + place])

    def _models(self, rows: Columns, random: np.random.Generator) -> Ints:
        """Choose each row's model; part of the work moves to the new one after its release."""
        strands, strand = self.strands, rows["strand"]
        size = len(strand)
        other = random.random(size) < strands["other_share"][strand]
        model = np.where(other, strands["other_model"][strand], strands["model"][strand])
        since = rows["time"] / DAY_MICROSECONDS - self.world.release_day
        moved = since >= strands["adoption_days"][strand]
        moved &= (since >= 0) & (random.random(size) < strands["adoption_share"][strand])
        return np.asarray(np.where(moved, NEW_MODEL, model))

    def _give_queue_items(self, rows: Columns, random: np.random.Generator) -> None:
        """Number the items of every work queue in order of time, with a few asked again."""
        strands, strand = self.strands, rows["strand"]
        content.number_shared_items(rows, strands, random)
        queue = strands["item_base"][strand]
        harvesting = np.flatnonzero(content.is_queued(strands, strand) & (rows["turn"] == 0))
        for number in np.unique(queue[harvesting]):
            mine = harvesting[queue[harvesting] == number]
            first = self._queue_next.get(int(number), 0)
            places = first + np.arange(len(mine))
            again = random.random(len(mine)) < strands["repeat"][strand[mine]]
            places = np.where(again & (places > 0), (places * random.random(len(mine))), places)
            self._queue_next[int(number)] = first + len(mine)
            rows["key"][mine] = content.queue_keys(int(number), places.astype(np.int64))
