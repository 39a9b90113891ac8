from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.state_buckets import WAYS, Buckets

STEPS = st.lists(
    st.tuples(st.integers(0, 60), st.floats(-3.0, 20.0), st.floats(0.0, 2.0)), max_size=300
)


@given(steps=STEPS)
def test_crowding_never_makes_a_bucket_milder(steps: list[tuple[int, float, float]]) -> None:
    """Sixty keys fight for sixteen places: no key ever owes less than by exact books."""
    buckets = Buckets(WAYS, limits=2)
    exact: dict[tuple[int, int], float] = {}
    now = 100.0
    for key, seconds, pause in steps:
        now += pause
        place = buckets.place(key << 32, now)
        for limit, share in enumerate((1.0, 0.5)):
            owed = exact.get((key, limit), 0.0)
            assert max(buckets.until[place + limit], now) >= max(owed, now) - 1e-9
            exact[key, limit] = max(max(owed, now) + seconds * share, now)
            until = max(buckets.until[place + limit], now)
            buckets.until[place + limit] = max(until + seconds * share, now)


def test_an_attacker_cannot_flush_a_bucket() -> None:
    """A hundred thousand fresh keys later, who owes still owes."""
    buckets = Buckets(1_024, limits=1)
    draw = random.Random(1)
    buckets.until[buckets.place(42 << 32, now=10.0)] = 1_000.0
    for _ in range(100_000):
        place = buckets.place(draw.getrandbits(64), now=10.0)
        buckets.until[place] = max(buckets.until[place], 2_000.0)
    assert buckets.until[buckets.place(42 << 32, now=10.0)] >= 1_000.0


def test_full_buckets_give_way_without_a_trace() -> None:
    """Whoever owes nothing any more leaves no debt to the next."""
    buckets = Buckets(WAYS, limits=1)
    for key in range(WAYS):
        buckets.until[buckets.place(key << 32, now=1.0)] = 5.0
    place = buckets.place(99 << 32, now=6.0)
    assert buckets.until[place] == 0.0
    assert buckets.crowded_out == 0


def test_memory_is_fixed() -> None:
    """Half a million keys take what none take; few of them share at half load."""
    buckets = Buckets(1 << 17, limits=2)
    before = buckets.memory_bytes
    draw = random.Random(2)
    for _ in range(1 << 16):
        buckets.until[buckets.place(draw.getrandbits(64), now=1.0)] = 9.0
    assert buckets.memory_bytes == before < 22 * (1 << 17)
    assert buckets.crowded_out < 0.004 * (1 << 16)
    assert buckets.in_use(1.0) > 0.99 * (1 << 16)
