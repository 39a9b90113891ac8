"""Invented accounts that time alone connects: a pool on one clock, and a chain on one address."""

from __future__ import annotations

import numpy as np
from tests.scan.small_logs import Row, SmallLog, exchange, moment
from tests.scan.worlds import DAY, HOUR

MINUTE = 60


def driven(count: int, *, days: int = 7, minutes: int = 4, seed: int = 5) -> SmallLog:
    """Make accounts that one scheduler wakes in the same minutes, at other ones each day."""
    generator = np.random.default_rng(seed)
    times = [
        day * DAY + int(minute) * MINUTE
        for day in range(days)
        for minute in generator.choice(1_440, minutes, replace=False)
    ]
    rows = [
        exchange(f"driven-{number}", time + number, input_text=f"Item {time} of {number} is new")
        for number in range(count)
        for time in times
    ]
    return SmallLog(exchanges=tuple(rows))


def relay(
    count: int,
    *,
    address: str = "192.0.2.77",
    life: int = 38 * HOUR,
    gap: int = 20 * MINUTE,
    begin: int = 7 * HOUR,
) -> SmallLog:
    """Make a chain: each account takes an address over soon after the last one's end."""
    rows: list[Row] = []
    accounts: list[Row] = []
    for number in range(count):
        start = begin + number * (life + gap)
        account = f"relay-{number}"
        rows.extend(
            exchange(
                account,
                start + part * life // 5,
                client_address=address,
                input_text=f"Question {number} of part {part} here",
            )
            for part in range(6)
        )
        accounts.append({"account_id": account, "created_at": moment(start - MINUTE)})
    return SmallLog(exchanges=tuple(rows), accounts=tuple(accounts))
