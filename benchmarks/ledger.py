"""Measure a ledger: appends with and without group commit, publishing, opening, proving.

    python benchmarks/ledger.py appends
    python benchmarks/ledger.py open --records 10000000

Look at ratios, not at rates: disks differ, and a virtual disk may answer before anything is safe.
``appends`` prints beside each rate how often a plain file can be appended to and synchronised a
second on the same disk. ``open`` builds a ledger without waiting for the disk, then opens it in a
new process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from cautery.ledger.commitments import canonical_record, entry_of
from cautery.ledger.key_files import new_signing_key, write_signing_key
from cautery.ledger.opening import create_ledger, stored_checkpoint
from cautery.ledger.publishing import Publisher
from cautery.ledger.record_frames import encode_frame
from cautery.ledger.record_store import RecordAppender
from cautery.ledger.signed_notes import SigningKey
from cautery.ledger.writer import Ledger

NOW: Final = datetime(2026, 11, 29, tzinfo=UTC)
SECONDS: Final = 5.0
RECORD: Final = {
    "schema": "cautery.decision/1",
    "decision_id": "d-0123456789abcdef",
    "request_id": "r-0123456789abcdef",
    "action": "throttle",
    "enforced_action": "throttle",
    "mode": "enforce",
    "reasons": [{"rule": "tokens-a-day", "text": "Over its limit.", "evidence": ["600 of 500"]}],
    "account_id": "account-0123456789",
    "campaign_id": "",
    "watermark_key_id": "",
    "policy_version": "0" * 64,
    "decided_at": "2026-11-29T12:00:00Z",
    "expires_at": "2026-11-29T12:00:05Z",
}

OPEN: Final = """
import resource, sys, time
from datetime import UTC, datetime
from pathlib import Path
from cautery.ledger.key_files import load_signing_key
from cautery.ledger.reader import LedgerReader
from cautery.ledger.writer import Ledger
folder, key = Path(sys.argv[1]), load_signing_key(Path(sys.argv[2]))
key.public_key()  # the cryptography library is loaded
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started = time.perf_counter()
ledger = Ledger(folder, key, clock=lambda: datetime.now(UTC))
opened = time.perf_counter() - started
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
ledger.close()
reader = LedgerReader(folder)
started = time.perf_counter()
for position in range(0, reader.size, max(1, reader.size // 100)):
    reader.inclusion(position)
proved = (time.perf_counter() - started) / 100
print(f"{reader.size:,} | {opened * 1e3:.0f} ms | {(after - before) / 1024:.1f} MB | "
      f"{proved * 1e3:.1f} ms")
"""


def measure_appends() -> None:
    """Append for some seconds in several ways and print Markdown."""
    print("| way | appends/s | mean wait |")
    print("| --- | --- | --- |")
    with tempfile.TemporaryDirectory(dir=".") as place:
        folder = Path(place)
        _row("plain file, one append and fdatasync after the other", 1, _plain(folder / "plain"))
        key = new_signing_key("example.com/speed")
        for name, most, workers in (
            ("ledger, one thread", 1, 1),
            ("ledger, 64 threads, each record its own commit", 1, 64),
            ("ledger, 64 threads, group commit", 1_024, 64),
        ):
            log = folder / name.replace(" ", "-")
            create_ledger(log, key)
            with Ledger(log, key, clock=lambda: NOW, most_at_once=most) as ledger:
                count = _threads(workers, lambda opened=ledger: opened.append("d", RECORD, NOW))
            _row(name, workers, count)
        for most in (1, 1_024):
            log = folder / f"loop-{most}"
            create_ledger(log, key)
            with Ledger(log, key, clock=lambda: NOW, most_at_once=most) as ledger:
                count = asyncio.run(_loop(ledger, 256))
            how = "group commit" if most > 1 else "each record its own commit"
            _row(f"ledger, event loop with 256 tasks, {how}", 256, count)


def _row(name: str, workers: int, count: int) -> None:
    rate = count / SECONDS
    print(f"| {name} | {rate:,.0f} | {workers / rate * 1e3:.1f} ms |", flush=True)


def _plain(path: Path) -> int:
    content = canonical_record("d", RECORD, NOW)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    count, until = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        os.write(descriptor, content)
        os.fdatasync(descriptor)
        count += 1
    os.close(descriptor)
    return count


def _threads(workers: int, append: Callable[[], int]) -> int:
    until, counts = time.perf_counter() + SECONDS, [0] * workers

    def work(number: int) -> None:
        while time.perf_counter() < until:
            append()
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


async def _loop(ledger: Ledger, tasks: int) -> int:
    until = time.perf_counter() + SECONDS

    async def work() -> int:
        count = 0
        while time.perf_counter() < until:
            await asyncio.wrap_future(ledger.submit("d", RECORD, NOW))
            count += 1
        return count

    return sum(await asyncio.gather(*(work() for _ in range(tasks))))


def measure_opening(records: int) -> None:
    """Build a ledger of so many records, open it in a new process, and print Markdown."""
    with tempfile.TemporaryDirectory(dir=".") as place:
        folder = Path(place)
        key = new_signing_key("example.com/speed")
        write_signing_key(folder / "key", key)
        create_ledger(folder / "log", key)
        _build(folder / "log", key, records)
        print("| records | opened in | memory more | a proof |")
        print("| --- | --- | --- | --- |")
        command = [sys.executable, "-c", OPEN, str(folder / "log"), str(folder / "key")]
        shown = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"| {shown.stdout.strip()} |")


def _build(log: Path, key: SigningKey, records: int) -> None:
    """Write records and tree as the ledger does, without waiting for the disk."""
    os.fsync = os.fdatasync = _done
    publisher = Publisher(log, key, stored_checkpoint(log, key))
    appender = RecordAppender(log, 0, 0)
    content = canonical_record("d", {"account_id": "account-0123456789"}, NOW)
    for start in range(0, records, 65_536):
        stop = min(records, start + 65_536)
        salts = [number.to_bytes(32, "big") for number in range(start, stop)]
        appender.append(
            [encode_frame(start + place, content, salt) for place, salt in enumerate(salts)]
        )
        publisher.publish([entry_of(content, salt) for salt in salts])
    appender.close()


def _done(descriptor: int) -> None:
    """Say that a file is on disk."""


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["appends", "open"])
    parser.add_argument("--records", type=int, default=1_000_000)
    options = parser.parse_args()
    if options.what == "appends":
        measure_appends()
    else:
        measure_opening(options.records)


if __name__ == "__main__":
    main()
