"""Ledgers for tests: a fixed key, a clock that stands, records that look like decisions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cautery.ledger.commitments import LedgerRecord
from cautery.ledger.merkle import EMPTY_ROOT, node_hash
from cautery.ledger.opening import create_ledger
from cautery.ledger.reader import LedgerReader
from cautery.ledger.signed_notes import SigningKey
from cautery.ledger.verifying import verify_ledger
from cautery.ledger.writer import Ledger
from cautery.records.key import Secret

KEY = SigningKey("example.com/ledger", Secret(bytes(range(32))))
OTHER_KEY = SigningKey("example.com/ledger", Secret(bytes(range(1, 33))))
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def clock() -> datetime:
    """The time at which tests play."""
    return NOW


def decision(number: int) -> dict[str, Any]:
    """A record like those of the guard."""
    return {
        "account_id": f"account-{number % 7}",
        "action": "allow" if number % 5 else "throttle",
        "decision_id": f"d{number}",
        "request_id": f"r{number}",
    }


def time_of(number: int) -> datetime:
    """When a record was written: a minute after the one before."""
    return NOW + timedelta(minutes=number)


@contextmanager
def opened(folder: Path, **settings: Any) -> Iterator[Ledger]:
    """A ledger that publishes only when it is told to, made if it is not there."""
    if not (folder / "checkpoint").exists():
        create_ledger(folder, KEY)
    settings = {"clock": clock, "publish_interval_seconds": 3600.0, **settings}
    with Ledger(folder, KEY, **settings) as ledger:
        yield ledger


def filled(folder: Path, count: int) -> Path:
    """A ledger of so many decisions."""
    with opened(folder) as ledger:
        futures = [
            ledger.submit("decision", decision(number), time_of(number)) for number in range(count)
        ]
        assert [future.result() for future in futures] == list(range(count))
    return folder


def verifies(folder: Path) -> bool:
    """Whether everything in a ledger verifies."""
    return verify_ledger(LedgerReader(folder, KEY.public_key())).faults == ()


def record_of(folder: Path, position: int) -> LedgerRecord:
    """A record that was not erased."""
    found = LedgerReader(folder).record(position)
    assert isinstance(found, LedgerRecord)
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    tick = threading.Event()
    for _ in range(1_000):
        if condition():
            return
        tick.wait(0.01)
    pytest.fail("it did not happen within ten seconds")


def oracle_root(leaves: Sequence[bytes]) -> bytes:
    """The root as RFC 6962 defines it, by recursion."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(oracle_root(leaves[:split]), oracle_root(leaves[split:]))


def oracle_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n]) as RFC 6962 defines it, by recursion."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*oracle_path(index, leaves[:split]), oracle_root(leaves[split:])]
    return [*oracle_path(index - split, leaves[split:]), oracle_root(leaves[:split])]


def oracle_consistency(
    old_size: int, leaves: Sequence[bytes], *, whole: bool = True
) -> list[bytes]:
    """SUBPROOF(m, D[n], b) as RFC 6962 defines it, by recursion."""
    if old_size == len(leaves):
        return [] if whole else [oracle_root(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if old_size <= split:
        left = oracle_consistency(old_size, leaves[:split], whole=whole)
        return [*left, oracle_root(leaves[split:])]
    right = oracle_consistency(old_size - split, leaves[split:], whole=False)
    return [*right, oracle_root(leaves[:split])]


class RowSource:
    """Hashes of complete subtrees out of a list of leaves."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._leaves = leaves

    def hash_at(self, height: int, index: int) -> bytes:
        """Hash a complete subtree."""
        rows = self._leaves[index << height : (index + 1) << height]
        assert len(rows) == 1 << height
        return oracle_root(rows)
