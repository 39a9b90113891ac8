"""When exchanges happen: daily schedules, and the recorded rhythm of ServeGen's clients."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from cautery.simulate.columns import Columns
from cautery.simulate.strands import CRON, FLAT, HUMAN, OFFICE, TRACE
from cautery.simulate.text.bank import read_sample

Floats = npt.NDArray[np.float64]
HOURS = 336
"""Hours of the ServeGen sample: two weeks; a shorter recording repeats."""


@cache
def read_traces() -> Floats:
    """Return the share of its volume that each ServeGen client sends in each hour, one row each."""
    rows: dict[str, Floats] = {}
    for line in read_sample("arrivals.csv.gz")[1:]:
        client, hour, exchanges, _ = line.split(",")
        rows.setdefault(client, np.zeros(HOURS))[int(hour) % HOURS] += float(exchanges)
    for client, volume in rows.items():
        if client.startswith("deepseek"):
            rows[client] = np.tile(volume[:24], HOURS // 24)
    table = np.array([rows[client] for client in sorted(rows)])
    table = table[(table > 0).sum(1) >= 60]
    return np.asarray(table / table.sum(1, keepdims=True))


def trace_day(day: int) -> Floats:
    """Return each ServeGen client's hourly volume of a day, 1 being its average hour."""
    first = day % (HOURS // 24) * 24
    return np.asarray(read_traces()[:, first : first + 24] * HOURS)


def day_factor(strands: Columns, day: int, weekend: bool) -> Floats:
    """Return how busy each strand is on a day, 1 being usual."""
    factor = np.where(weekend, strands["weekend"], 1.0)
    traced = np.flatnonzero(strands["schedule"] == TRACE)
    if len(traced):
        factor[traced] = trace_day(day).mean(1)[strands["trace"][traced]]
    return np.asarray(np.clip(factor, 0.0, 6.0))


def start_hours(random: np.random.Generator, strands: Columns, day: int) -> Floats:
    """Draw the hour of the day (UTC, 0 to 24) of each row's session.

    Args:
        random: Stream to draw from.
        strands: One row a session: the strand that it belongs to.
        day: Number of the day.
    """
    size = strands.rows
    schedule = strands["schedule"]
    normal = random.standard_normal(size)
    uniform = random.random(size)
    hours = strands["peak_hour"] + strands["spread_hours"] * normal
    second = uniform < 0.35
    hours = np.where(second & (schedule == HUMAN), hours + 6.0 * uniform / 0.35, hours)
    hours = np.where(schedule == OFFICE, 8.5 + 9.5 * random.beta(1.6, 1.7, size), hours)
    hours = np.where(schedule == CRON, strands["peak_hour"] + 0.08 * np.abs(normal), hours)
    hours = hours - strands["zone_hours"]
    hours = np.where(schedule == FLAT, 24 * uniform, hours)
    traced = np.flatnonzero(schedule == TRACE)
    if len(traced):
        hours[traced] = trace_hours(uniform[traced], random, strands["trace"][traced], day)
    return np.asarray(hours % 24.0)


def trace_hours(
    uniform: Floats, random: np.random.Generator, traces: npt.NDArray[np.int64], day: int
) -> Floats:
    """Draw hours from the recorded volume of a day by inverting its distribution."""
    volume = trace_day(day) + 1e-9
    cumulative = np.cumsum(volume, 1)
    cumulative /= cumulative[:, -1:]
    hour = (cumulative[traces] < uniform[:, None]).sum(1)
    return np.asarray(np.minimum(hour, 23) + random.random(len(uniform)))
