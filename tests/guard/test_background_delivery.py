"""A queue with a thread: order, bounds, and what cannot be delivered."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence

from cautery.guard.background_delivery import BackgroundDelivery


def test_delivers_in_order_by_itself() -> None:
    """Nobody has to ask for it."""
    got: list[bytes] = []
    arrived = threading.Event()

    def deliver(pieces: Sequence[bytes]) -> None:
        got.extend(pieces)
        if len(got) == 3:
            arrived.set()

    delivery = BackgroundDelivery(
        deliver, lambda _outcome, _by: None, interval_seconds=0.01, most_bytes=100, most_at_once=2
    )
    for piece in (b"1", b"2", b"3"):
        delivery.add(piece)
    assert arrived.wait(20)
    delivery.close()
    assert got == [b"1", b"2", b"3"]


def test_keeps_what_could_not_be_delivered() -> None:
    """It is tried again, in order, with what came since."""
    counted: Counter[str] = Counter()
    got: list[bytes] = []
    broken = [True]

    def deliver(pieces: Sequence[bytes]) -> None:
        if broken[0]:
            raise OSError
        got.extend(pieces)

    def count(outcome: str, by: int) -> None:
        counted[outcome] += by

    delivery = BackgroundDelivery(deliver, count, interval_seconds=3600, most_bytes=3)
    delivery.add(b"1")
    assert not delivery.flush()
    delivery.add(b"2")
    delivery.add(b"too much")
    broken[0] = False
    assert delivery.flush()
    delivery.close()
    assert got == [b"1", b"2"]
    assert counted == {"failed": 1, "dropped": 1, "written": 2}
